package org.kmemscope.fidelity.vector;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.page.PageState;

/**
 * A vector of the page allocator, read.
 *
 * @param text the file
 * @param constants the line {@code CONST}
 * @param zonelist the line {@code ZONELIST}: zones in the order in which a request for any of them tries them
 * @param operations what was asked and answered
 * @param checkpoints what was printed between them, in order
 * @param states by tag
 */
record PageVector(
        VectorText text,
        Line constants,
        Optional<Line> zonelist,
        PageOperations operations,
        List<Checkpoint> checkpoints,
        Map<String, PageState> states) {
    /** Where it starts from. */
    static final String START = "start";

    /** Where it ends. */
    static final String END = "end";

    /** What was printed between two operations. */
    sealed interface Checkpoint {
        /** Index of the operation that follows. */
        int before();
    }

    /**
     * Counters of every zone.
     *
     * @param line the line {@code Z}
     */
    record Counters(int before, Line line) implements Checkpoint {}

    /**
     * A whole state.
     *
     * @param tag which
     */
    record Dump(int before, String tag) implements Checkpoint {}

    /** How many facts there are. */
    long facts() {
        return Constants.PAGES.count(constants) + zonelist.stream().count() + operations.size() + facts(checkpoints);
    }

    /** How many facts some checkpoints have. */
    long facts(List<Checkpoint> some) {
        return some.stream()
                .mapToLong(checkpoint ->
                        checkpoint instanceof Dump dump ? PageStateFacts.count(states.get(dump.tag())) : 1)
                .sum();
    }
}
