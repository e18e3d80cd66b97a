package org.kmemscope.fidelity.vector;

import java.util.List;
import org.kmemscope.fidelity.Findings;

/** Plays a vector on one machine, step by step. */
interface Player {
    /**
     * What was answered to an operation.
     *
     * @param captured by the kernel
     * @param modelled by the model
     */
    record Answer(String captured, String modelled) {
        /** What has no answer. */
        static final Answer NONE = new Answer("", "");

        boolean same() {
            return captured.equals(modelled);
        }
    }

    /** Makes an operation, as the kernel made it. */
    Answer make(Line operation);

    /** Compares a list that was printed. */
    void check(Line list, Findings findings);

    /** What there is to be seen around an operation that was, or is about to be, made; for people. */
    List<String> scene(Line operation, Answer answer);
}
