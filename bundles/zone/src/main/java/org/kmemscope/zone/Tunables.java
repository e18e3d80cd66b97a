package org.kmemscope.zone;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/** The values of {@code /proc/sys/vm} that the page allocator has. */
final class Tunables implements Stateful {
    private static final String MIN_FREE = "min_free_kbytes";
    private static final String RATIO = "lowmem_reserve_ratio";
    private static final String BOOST = "watermark_boost_factor";
    private static final String SCALE = "watermark_scale_factor";
    private static final int DEFAULT_BOOST_FACTOR = 15000;
    private static final int DEFAULT_SCALE_FACTOR = 10;
    private static final int MOST_SCALE_FACTOR = 3000;
    private static final int MAX_FACTOR = 1_000_000;
    /** A CPU gets an eighth of a zone at most. */
    private static final int LEAST_FRACTION = 8;

    /**
     * Which of them a kernel has.
     *
     * @param scale {@code watermark_scale_factor} (4.6)
     * @param boost {@code watermark_boost_factor} (5.0)
     * @param fraction name of the fraction that the per-CPU lists get: {@code percpu_pagelist_fraction}, from 5.14 on {@code
     *     percpu_pagelist_high_fraction}
     * @param fractionEnds whether the fraction can be given up again by writing 0 (3.16)
     */
    record Rules(boolean scale, boolean boost, String fraction, boolean fractionEnds) {
        static Rules of(KernelVersion version) {
            return new Rules(
                    version.isAtLeast(4, 6),
                    version.isAtLeast(5, 0),
                    version.isAtLeast(5, 14) ? "percpu_pagelist_high_fraction" : "percpu_pagelist_fraction",
                    version.isAtLeast(3, 16));
        }
    }

    private final Rules rules;
    private long minFreeKbytes;
    private long boostFactor = DEFAULT_BOOST_FACTOR;
    private long scaleFactor = DEFAULT_SCALE_FACTOR;
    private long pagelistFraction;
    private long[] reserveRatio = {};

    Tunables(Rules rules) {
        this.rules = rules;
    }

    long minFreeKbytes() {
        return minFreeKbytes;
    }

    void setMinFreeKbytes(long kbytes) {
        minFreeKbytes = kbytes;
    }

    long boostFactor() {
        return rules.boost() ? boostFactor : 0;
    }

    /** In parts of ten thousand; 0 where the kernel has none. */
    long scaleFactor() {
        return rules.scale() ? scaleFactor : 0;
    }

    /** The part of a zone that the per-CPU lists get, one in so many; 0 for the size that follows from the zone's. */
    long pagelistFraction() {
        return pagelistFraction;
    }

    long reserveRatio(int zone) {
        return zone < reserveRatio.length ? reserveRatio[zone] : 0;
    }

    void setReserveRatio(long[] ratio) {
        reserveRatio = ratio.clone();
    }

    List<PageAllocator.Tunable> list() {
        List<PageAllocator.Tunable> list = new ArrayList<>();
        StringBuilder ratios = new StringBuilder();
        for (long ratio : reserveRatio) {
            ratios.append(ratios.isEmpty() ? "" : "\t").append(ratio);
        }
        list.add(new PageAllocator.Tunable(RATIO, ratios.toString()));
        add(list, MIN_FREE, minFreeKbytes);
        add(list, rules.fraction(), pagelistFraction);
        if (rules.boost()) {
            add(list, BOOST, boostFactor);
        }
        if (rules.scale()) {
            add(list, SCALE, scaleFactor);
        }
        return list;
    }

    private static void add(List<PageAllocator.Tunable> list, String name, long value) {
        list.add(new PageAllocator.Tunable(name, Long.toString(value)));
    }

    /**
     * Writes one.
     *
     * @throws IllegalArgumentException with one line
     */
    void set(String name, String value) {
        Optional<PageAllocator.Tunable> known =
                list().stream().filter(tunable -> tunable.name().equals(name)).findFirst();
        if (known.isEmpty()) {
            throw new IllegalArgumentException("no tunable vm." + name + " here; there are "
                    + String.join(
                            ", ",
                            list().stream().map(PageAllocator.Tunable::name).toList()));
        }
        switch (name) {
            case MIN_FREE -> minFreeKbytes = number(name, value, 0, Integer.MAX_VALUE);
            case RATIO -> setRatios(value);
            case BOOST -> boostFactor = number(name, value, 0, Integer.MAX_VALUE);
            case SCALE -> scaleFactor = number(name, value, 1, MOST_SCALE_FACTOR);
            default -> setFraction(name, value);
        }
    }

    private void setFraction(String name, String value) {
        if (rules.fractionEnds() && value.trim().equals("0")) {
            pagelistFraction = 0;
        } else {
            pagelistFraction = number(name, value, LEAST_FRACTION, Integer.MAX_VALUE);
        }
    }

    private void setRatios(String value) {
        String[] words = value.trim().split("[\\s,]+");
        if (words.length > reserveRatio.length) {
            throw new IllegalArgumentException("vm.lowmem_reserve_ratio takes at most " + reserveRatio.length
                    + " numbers, one for each zone but the last");
        }
        long[] ratios = reserveRatio.clone();
        for (int i = 0; i < words.length; i++) {
            ratios[i] = number(RATIO, words[i], 0, MAX_FACTOR);
        }
        reserveRatio = ratios;
    }

    private static long number(String name, String text, long least, long most) {
        try {
            long number = Long.parseLong(text.trim());
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("vm." + name + " takes a number, not '" + text + "'", e);
        }
        throw new IllegalArgumentException("vm." + name + " takes " + least + " to " + most + ", not " + text);
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(new long[] {minFreeKbytes, boostFactor, scaleFactor, pagelistFraction});
        out.putLongs(reserveRatio);
    }

    @Override
    public void restore(StateReader in) {
        long[] values = in.getLongs();
        minFreeKbytes = values[0];
        boostFactor = values[1];
        scaleFactor = values[2];
        pagelistFraction = values[3];
        reserveRatio = Arrays.copyOf(in.getLongs(), reserveRatio.length);
    }
}
