package org.kmemscope.api.fidelity;

import java.util.List;

/**
 * What a comparison found.
 *
 * @param capture name of the capture
 * @param families what was compared, always all families in the same order
 */
public record FidelityReport(String capture, List<Family> families) {
    /** Keeps an unmodifiable copy. */
    public FidelityReport {
        families = List.copyOf(families);
    }

    /** The sum of all families. */
    public Score total() {
        return families.stream().map(Family::score).reduce(Score.NONE, Score::plus);
    }

    /**
     * Facts that belong together.
     *
     * @param name what they are about, such as {@code watermarks}
     * @param score how many of them agree
     * @param differences facts that do not agree
     * @param notModelled facts that the capture tells and the model has no answer to, each with the reason
     */
    public record Family(String name, Score score, List<Difference> differences, List<String> notModelled) {
        /** Keeps unmodifiable copies. */
        public Family {
            differences = List.copyOf(differences);
            notModelled = List.copyOf(notModelled);
        }
    }

    /**
     * How many facts agree.
     *
     * @param checked facts that were compared: equal and different ones
     * @param equal where model and capture say the same
     * @param different where they do not
     * @param notModelled facts in the capture to which the model has no answer
     */
    public record Score(long checked, long equal, long different, long notModelled) {
        /** Nothing. */
        public static final Score NONE = new Score(0, 0, 0, 0);

        private static final double HUNDRED = 100;

        /** Both together. */
        public Score plus(Score other) {
            return new Score(
                    checked + other.checked,
                    equal + other.equal,
                    different + other.different,
                    notModelled + other.notModelled);
        }

        /** Equal facts in percent of all facts, those that are not modelled included; 100 if there are none. */
        public double percent() {
            long all = checked + notModelled;
            return all == 0 ? HUNDRED : HUNDRED * equal / all;
        }
    }

    /**
     * A fact on which model and capture do not agree.
     *
     * @param fact what it is about, such as {@code zone Normal: min}
     * @param captured what the kernel said
     * @param modelled what the model says
     * @param where file and line of the capture
     * @param context what helps to understand it, such as the states before and after an operation; may be empty
     */
    public record Difference(String fact, String captured, String modelled, String where, List<String> context) {
        /** Keeps an unmodifiable copy. */
        public Difference {
            context = List.copyOf(context);
        }
    }
}
