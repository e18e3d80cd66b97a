package org.kmemscope.api.gfp;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.api.page.ZoneType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The GFP flags of one kernel: names to numbers and back, and what a mask selects. Masks are plain ints in the kernel's own
 * numbering, as in its traces and reports. Immutable.
 */
@ProviderType
public interface GfpTable {
    /** What the table is of, such as {@code 2.6.32} or {@code 6.1}. */
    String era();

    /** Whether this kernel has the flag. */
    boolean has(Gfp flag);

    /**
     * The number of a flag or mask; 0 for a flag that this kernel has but whose option is off.
     *
     * @throws IllegalArgumentException if this kernel does not have it; the message is one line for a person
     */
    int of(Gfp flag);

    /** The number of a flag, or 0 if this kernel does not have it: for tests of bits that are then never set. */
    default int orZero(Gfp flag) {
        return has(flag) ? of(flag) : 0;
    }

    /** Those of some flags that this kernel has, or'ed. */
    default int all(Gfp... flags) {
        int mask = 0;
        for (Gfp flag : flags) {
            mask |= orZero(flag);
        }
        return mask;
    }

    /** {@code GFP_RECLAIM_MASK}: what a mask says about waiting and reclaim, without zones and contents. */
    default int reclaimMask() {
        return all(
                Gfp.__GFP_WAIT,
                Gfp.__GFP_DIRECT_RECLAIM,
                Gfp.__GFP_KSWAPD_RECLAIM,
                Gfp.__GFP_HIGH,
                Gfp.__GFP_ATOMIC,
                Gfp.__GFP_IO,
                Gfp.__GFP_FS,
                Gfp.__GFP_NOWARN,
                Gfp.__GFP_REPEAT,
                Gfp.__GFP_RETRY_MAYFAIL,
                Gfp.__GFP_NOFAIL,
                Gfp.__GFP_NORETRY,
                Gfp.__GFP_MEMALLOC,
                Gfp.__GFP_NOMEMALLOC,
                Gfp.__GFP_NOLOCKDEP);
    }

    /** {@code GFP_CONSTRAINT_MASK}: what a mask says about where memory shall come from. */
    default int constraintMask() {
        return all(Gfp.__GFP_HARDWALL, Gfp.__GFP_THISNODE);
    }

    /**
     * Reads {@code GFP_KERNEL|__GFP_NOWARN}, {@code 0xd0}, {@code GFP_KERNEL|0x200}; {@code +} joins as {@code |} does. A single
     * flag may be written without its underscores, as older kernels print it, where that is not the name of a mask.
     *
     * @throws IllegalArgumentException with one line that says what is wrong and what would be right
     */
    int parse(String text);

    /**
     * Prints a mask as this kernel's trace events and reports do: {@code GFP_KERNEL|__GFP_NOWARN}, largest masks first, in the
     * kernel's own words (2.6 says {@code GFP_ZERO} for {@code __GFP_ZERO}); bits it has no word for come last, in hex; 0 is
     * {@code GFP_NOWAIT} up to 4.3 and {@code none} later. {@link #parse} reads all of it.
     */
    String format(int gfp);

    /** As {@link #format}, but by names that {@link Gfp} has, where the kernel has words of its own or a number: for people. */
    default String names(int gfp) {
        return Arrays.stream(format(gfp).split("\\|"))
                .map(word -> names().stream().anyMatch(flag -> flag.name().equals(word)) ? word : spelt(word))
                .collect(Collectors.joining("|"));
    }

    private String spelt(String word) {
        List<Part> parts = parts(parse(word));
        return parts.isEmpty() ? word : parts.stream().map(Part::named).collect(Collectors.joining("|"));
    }

    /** The single flags that are set, lowest bit first; unknown bits come as a last part without a flag. */
    List<Part> parts(int gfp);

    /** Every name this kernel knows, single flags first. */
    List<Gfp> names();

    /** {@code gfp_zone()}: the highest zone the mask allows. For a BAD combination, the zone Linux silently takes. */
    ZoneType zone(int gfp);

    /** Whether the zone bits of the mask contradict each other ({@code GFP_ZONE_BAD}). */
    boolean isBadZone(int gfp);

    /** {@code gfp_migratetype()} as an index of {@link #migrateTypes()}. */
    int migrateType(int gfp);

    /** The migrate types of this kernel, in its own numbering. */
    MigrateTypes migrateTypes();

    /** May the caller sleep: {@code __GFP_WAIT}, or {@code __GFP_DIRECT_RECLAIM} from 4.4 on. */
    boolean maySleep(int gfp);

    /** All bits this kernel gives a meaning to ({@code __GFP_BITS_MASK}). */
    int bitsMask();

    /**
     * One set bit of a mask.
     *
     * @param flag the name, or {@code null}-free text {@code unknown} for a bit without one
     * @param value the bit
     */
    record Part(String flag, int value) {
        /** The flag of a bit without a name. */
        public static final String UNKNOWN = "unknown";

        /** The name, or the bit in hex if it has none. */
        public String named() {
            return flag.equals(UNKNOWN) ? "0x" + Integer.toHexString(value) : flag;
        }
    }
}
