package org.kmemscope.fidelity.vector;

import java.util.Arrays;

/** Prints lists of frames for people, as vectors do: {@code 1f28,1f30+8*3}. */
final class Pfns {
    private static final int SHOWN_RUNS = 6;
    private static final int SHORTEST_RUN = 3;

    private Pfns() {}

    /** How many there are, and the first runs. */
    static String text(int[] pfns) {
        return "n=" + pfns.length + " " + from(pfns, 0);
    }

    /** A list that differs from another: the first runs from where it does. */
    static String text(int[] pfns, int[] other) {
        int at = Arrays.mismatch(pfns, other);
        return at <= 0
                ? text(pfns)
                : "n=" + pfns.length + ", from place " + (at + 1) + " on: "
                        + (at < pfns.length ? from(pfns, at) : "nothing");
    }

    private static String from(int[] pfns, int start) {
        StringBuilder text = new StringBuilder();
        int runs = 0;
        int at = start;
        while (at < pfns.length && runs < SHOWN_RUNS) {
            int length = runLength(pfns, at);
            text.append(runs == 0 ? "" : ",").append(Integer.toHexString(pfns[at]));
            if (length >= SHORTEST_RUN) {
                int step = pfns[at + 1] - pfns[at];
                text.append(step < 0 ? '-' : '+')
                        .append(Integer.toHexString(Math.abs(step)))
                        .append('*')
                        .append(length);
                at += length;
            } else {
                at++;
            }
            runs++;
        }
        return text + (at < pfns.length ? ",..." : "");
    }

    private static int runLength(int[] pfns, int at) {
        int end = at + 1;
        while (end < pfns.length && pfns[end] - pfns[end - 1] == pfns[at + 1] - pfns[at]) {
            end++;
        }
        return end - at;
    }
}
