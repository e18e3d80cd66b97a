package org.kmemscope.gfp;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;

/** The numbers of one kernel, worked out once from the {@link FlagHistory}: what a compiler does with {@code gfp.h}. Immutable. */
final class Numbers {
    private static final Gfp[] ALL = Gfp.values();

    private final KernelVersion version;
    private final boolean[] present = new boolean[ALL.length];
    private final int[] values = new int[ALL.length];
    private final int bitsMask;

    Numbers(FlagHistory history, KernelVersion version, KernelConfig config) {
        this.version = version;
        for (Gfp flag : ALL) {
            Optional<FlagHistory.Row> row = history.at(flag, version);
            present[flag.ordinal()] = row.isPresent();
            values[flag.ordinal()] = row.isPresent() ? value(row.get(), history, config) : 0;
        }
        String[] bits = history.bits(version).split("\\+");
        boolean oneMore = bits.length > 1 && config.is(bits[1]);
        bitsMask = (1 << (Integer.parseInt(bits[0]) + (oneMore ? 1 : 0))) - 1;
    }

    /** A mask may combine masks that come later in the enum, so each is worked out from the rows, however deep. */
    private int value(FlagHistory.Row row, FlagHistory history, KernelConfig config) {
        if (!row.option().isEmpty() && !config.is(row.option())) {
            return 0;
        }
        if (Character.isDigit(row.value().charAt(0))) {
            return Integer.decode(row.value());
        }
        String[] withAndWithout = row.value().split("~");
        int mask = combine(withAndWithout[0], history, config);
        return withAndWithout.length > 1 ? mask & ~combine(withAndWithout[1], history, config) : mask;
    }

    private int combine(String names, FlagHistory history, KernelConfig config) {
        int mask = 0;
        for (String name : names.split("\\|")) {
            FlagHistory.Row row = history.at(Gfp.valueOf(name), version)
                    .orElseThrow(() -> new IllegalStateException(names + " is not whole in " + version));
            mask |= value(row, history, config);
        }
        return mask;
    }

    boolean has(Gfp flag) {
        return present[flag.ordinal()];
    }

    int of(Gfp flag) {
        return values[flag.ordinal()];
    }

    int bitsMask() {
        return bitsMask;
    }

    /** The names this kernel has, single flags first. */
    List<Gfp> names() {
        List<Gfp> singles = new ArrayList<>();
        List<Gfp> masks = new ArrayList<>();
        for (Gfp flag : ALL) {
            if (has(flag)) {
                (flag.isComposite() ? masks : singles).add(flag);
            }
        }
        singles.addAll(masks);
        return List.copyOf(singles);
    }

    /** What the kernel calls itself: {@code 2.6.32}, {@code 6.1}; from 3.0 on without the number of the stable release. */
    String era() {
        return version.major() < 3 ? version.toString() : version.major() + "." + version.minor();
    }
}
