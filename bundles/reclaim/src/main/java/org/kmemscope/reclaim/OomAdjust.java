package org.kmemscope.reclaim;

/**
 * What a task's file in {@code /proc} says to the OOM killer: {@code oom_adj} up to 2.6.35, {@code oom_score_adj} later.
 *
 * @param name of the file
 * @param least never this task
 * @param most this one first
 */
record OomAdjust(String name, int least, int most) {
    private static final OomAdjust OLD = new OomAdjust("oom_adj", -17, 15);
    private static final OomAdjust NEW = new OomAdjust("oom_score_adj", -1000, 1000);

    static OomAdjust of(ReclaimRules rules) {
        return rules.oom() == ReclaimRules.OomEra.BADNESS ? OLD : NEW;
    }

    void check(int value) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " takes " + least + " to " + most + ", not " + value);
        }
    }

    /** The older value that a newer one stands for, as kernels with both show it. */
    int older(int value) {
        if (this == OLD) {
            return value;
        }
        return value == most ? OLD.most : value * -OLD.least / most;
    }
}
