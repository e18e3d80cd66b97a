package org.kmemscope.zone;

import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/** {@code ___ratelimit()}: so many reports within an interval, the rest are only counted. */
final class RateLimit implements Stateful {
    private final int seconds;
    private final int burst;
    private long begin = -1;
    private int printed;
    private int missed;

    RateLimit(int seconds, int burst) {
        this.seconds = seconds;
        this.burst = burst;
    }

    /**
     * Whether to report.
     *
     * @param jiffies now
     * @param hz ticks a second
     */
    boolean allows(long jiffies, int hz) {
        if (begin < 0 || jiffies > begin + (long) seconds * hz) {
            begin = jiffies;
            printed = 0;
        }
        if (printed < burst) {
            printed++;
            return true;
        }
        missed++;
        return false;
    }

    /** How many reports were left out since this was last asked. */
    int takeMissed() {
        int number = missed;
        missed = 0;
        return number;
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(new long[] {begin, printed, missed});
    }

    @Override
    public void restore(StateReader in) {
        long[] values = in.getLongs();
        begin = values[0];
        printed = (int) values[1];
        missed = (int) values[2];
    }
}
