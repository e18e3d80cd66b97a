package org.kmemscope.debugger;

import java.util.ArrayList;
import java.util.List;

/** Makes a story short that goes round in circles: steps that come again and again are told once, with how often. */
final class Repeats {
    private static final int LONGEST = 24;

    private Repeats() {}

    static List<String> shortened(List<String> steps) {
        List<String> told = new ArrayList<>();
        int i = 0;
        while (i < steps.size()) {
            int length = 0;
            int times = 0;
            for (int candidate = 1; candidate <= LONGEST && times == 0; candidate++) {
                times = repeats(steps, i, candidate);
                length = candidate;
            }
            if (times == 0) {
                told.add(steps.get(i++));
                continue;
            }
            told.addAll(steps.subList(i, i + length));
            told.add((length == 1 ? "that came " : "these " + length + " steps came ")
                    + times
                    + (times == 1 ? " time more" : " times more"));
            i += length * (times + 1);
        }
        return told;
    }

    /** How often a piece is followed by itself. A single step must come three times in all to be worth it. */
    private static int repeats(List<String> steps, int from, int length) {
        int times = 0;
        int next = from + length;
        while (next + length <= steps.size()
                && steps.subList(from, from + length).equals(steps.subList(next, next + length))) {
            times++;
            next += length;
        }
        return times * length < 2 ? 0 : times;
    }
}
