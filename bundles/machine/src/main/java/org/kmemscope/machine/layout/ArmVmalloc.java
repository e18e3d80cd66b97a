package org.kmemscope.machine.layout;

import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.AddressLayout.Warning;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;

/**
 * The vmalloc area of ARM: where it ends, and how low it may begin. Low memory must end there, and what does not fit is high memory.
 * {@code vmalloc=} is kept within 16 MiB and what leaves 32 MiB of low memory. Source: {@code arch/arm/mm/mmu.c}, {@code early_vmalloc()}.
 */
enum ArmVmalloc {
    /** Up to 3.2: each board has its {@code VMALLOC_END}; 128 MiB by default, with the hole of 8 MiB below it. */
    BOARD {
        @Override
        long end(Profile profile) {
            long end = profile.kernel().build().vmallocEnd();
            if (end == 0) {
                throw new IllegalArgumentException(
                        "the profile does not tell VMALLOC_END, which each board had before 3.3");
            }
            return end;
        }

        @Override
        long lowest(Profile profile, List<Warning> warnings) {
            return end(profile) - asked(profile, TEXTS_MB, 0, warnings).orElse(128 * MIB);
        }
    },
    /**
     * From 3.3: every board ends at 0xff000000, and the default is 240 MiB below the hole; what is asked for with {@code vmalloc=} has
     * the hole within it.
     */
    COMMON {
        @Override
        long end(Profile profile) {
            return 0xff00_0000L;
        }

        @Override
        long lowest(Profile profile, List<Warning> warnings) {
            return end(profile) - asked(profile, TEXTS_MB, 0, warnings).orElse(240 * MIB + ArmLayout.VMALLOC_OFFSET);
        }
    },
    /** As of 6.1: the end moved to 0xff800000 (in 4.3), and the hole always lies below what is asked for. */
    MODERN {
        @Override
        long end(Profile profile) {
            return 0xff80_0000L;
        }

        @Override
        long lowest(Profile profile, List<Warning> warnings) {
            long size = asked(profile, TEXTS_MIB, ArmLayout.VMALLOC_OFFSET, warnings)
                    .orElse(240 * MIB);
            return end(profile) - size - ArmLayout.VMALLOC_OFFSET;
        }
    };

    private static final long MIB = 1L << 20;
    private static final long LEAST = 16 * MIB;
    private static final long LEAST_LOWMEM = 32 * MIB;
    private static final List<String> TEXTS_MB =
            List.of("vmalloc area too small, limiting to %dMB", "vmalloc area is too big, limiting to %dMB");
    private static final List<String> TEXTS_MIB =
            List.of("vmalloc area is too small, limiting to %dMiB", "vmalloc area is too big, limiting to %dMiB");

    /** {@code VMALLOC_END}. */
    abstract long end(Profile profile);

    /** {@code vmalloc_min}: the virtual address where low memory must end. */
    abstract long lowest(Profile profile, List<Warning> warnings);

    /** The size asked for, kept within bounds. */
    Optional<Long> asked(Profile profile, List<String> texts, long hole, List<Warning> warnings) {
        return profile.kernel().options().size("vmalloc").map(size -> {
            long most = end(profile) - profile.arch().pageOffset() - LEAST_LOWMEM - hole;
            if (size < LEAST) {
                warnings.add(new Warning(KernelLog.WARNING, String.format(texts.get(0), LEAST / MIB)));
            } else if (size > most) {
                warnings.add(new Warning(KernelLog.WARNING, String.format(texts.get(1), most / MIB)));
            }
            return Math.min(Math.max(size, LEAST), most);
        });
    }
}
