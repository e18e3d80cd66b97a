package org.kmemscope.zone;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/** The values of {@code /proc/sys/vm} that the page allocator has. */
final class Tunables implements Stateful {
    private static final int DEFAULT_BOOST_FACTOR = 15000;
    private static final int DEFAULT_SCALE_FACTOR = 10;
    private static final int MAX_FACTOR = 1_000_000;

    private final boolean modern;
    private long minFreeKbytes;
    private long boostFactor = DEFAULT_BOOST_FACTOR;
    private long scaleFactor = DEFAULT_SCALE_FACTOR;
    private long[] reserveRatio = {};

    Tunables(Ground ground, boolean modern) {
        this.modern = modern;
    }

    long minFreeKbytes() {
        return minFreeKbytes;
    }

    void setMinFreeKbytes(long kbytes) {
        minFreeKbytes = kbytes;
    }

    long boostFactor() {
        return boostFactor;
    }

    long scaleFactor() {
        return scaleFactor;
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
        list.add(new PageAllocator.Tunable("lowmem_reserve_ratio", ratios.toString()));
        list.add(new PageAllocator.Tunable("min_free_kbytes", Long.toString(minFreeKbytes)));
        if (modern) {
            list.add(new PageAllocator.Tunable("watermark_boost_factor", Long.toString(boostFactor)));
            list.add(new PageAllocator.Tunable("watermark_scale_factor", Long.toString(scaleFactor)));
        }
        return list;
    }

    void set(String name, String value) {
        switch (name) {
            case "min_free_kbytes" -> minFreeKbytes = number(name, value, 0, Integer.MAX_VALUE);
            case "lowmem_reserve_ratio" -> setRatios(value);
            case "watermark_boost_factor" -> {
                requireModern(name);
                boostFactor = number(name, value, 0, Integer.MAX_VALUE);
            }
            case "watermark_scale_factor" -> {
                requireModern(name);
                scaleFactor = number(name, value, 1, 3000);
            }
            default ->
                throw new IllegalArgumentException("no tunable vm." + name + " here; there are "
                        + String.join(
                                ", ",
                                list().stream().map(PageAllocator.Tunable::name).toList()));
        }
    }

    private void requireModern(String name) {
        if (!modern) {
            throw new IllegalArgumentException("vm." + name + " does not exist in this kernel");
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
            ratios[i] = number("lowmem_reserve_ratio", words[i], 0, MAX_FACTOR);
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
        out.putLongs(new long[] {minFreeKbytes, boostFactor, scaleFactor});
        out.putLongs(reserveRatio);
    }

    @Override
    public void restore(StateReader in) {
        long[] values = in.getLongs();
        minFreeKbytes = values[0];
        boostFactor = values[1];
        scaleFactor = values[2];
        reserveRatio = Arrays.copyOf(in.getLongs(), reserveRatio.length);
    }
}
