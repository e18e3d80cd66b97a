package org.kmemscope.fidelity;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.kmemscope.api.fidelity.FidelityReport;
import org.kmemscope.api.fidelity.FidelityReport.Difference;
import org.kmemscope.api.fidelity.FidelityReport.Score;

/** Counts what the comparison of one family found. Not for several threads. */
public final class Findings {
    private final List<Difference> differences = new ArrayList<>();
    private final Map<String, Long> notModelled = new LinkedHashMap<>();
    private long equal;
    private long unseen;
    private long missing;

    /**
     * Compares a fact.
     *
     * @param fact what it is about
     * @param captured what the kernel said
     * @param modelled what the model says
     * @param where file and line of the capture
     */
    public void compare(String fact, Object captured, Object modelled, String where) {
        if (Objects.equals(captured, modelled)) {
            equal++;
        } else {
            different(fact, String.valueOf(captured), String.valueOf(modelled), where, List.of());
        }
    }

    /** Facts that were found equal, without a word on each: the operations of a vector. */
    public void equal(long facts) {
        equal += facts;
    }

    /** A fact that was found different. */
    public void different(String fact, String captured, String modelled, String where, List<String> context) {
        differences.add(new Difference(fact, captured, modelled, where, context));
    }

    /**
     * A fact that was found different, after which others could not be compared any more: a vector whose operation has another answer
     * leads to other states from there on. They count as different, without a word on each.
     *
     * @param difference the first one
     * @param following how many facts come after it
     */
    public void different(Difference difference, long following) {
        differences.add(difference);
        unseen += following;
    }

    /**
     * Facts in the capture to which the model has no answer.
     *
     * @param facts how many
     * @param what which, and why there is no answer; facts with the same text are counted together
     */
    public void notModelled(long facts, String what) {
        missing += facts;
        notModelled.merge(what, facts, Long::sum);
    }

    /** What was found different so far. */
    public List<Difference> differences() {
        return List.copyOf(differences);
    }

    FidelityReport.Family family(String name) {
        long different = differences.size() + unseen;
        return new FidelityReport.Family(
                name,
                new Score(equal + different, equal, different, missing),
                differences,
                notModelled.entrySet().stream()
                        .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
                        .toList());
    }
}
