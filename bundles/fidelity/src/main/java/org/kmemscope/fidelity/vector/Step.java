package org.kmemscope.fidelity.vector;

/**
 * A line of a vector that is played.
 *
 * @param line the line
 * @param facts how many facts it has; an operation has one
 * @param check whether it is a list to be compared; otherwise it is an operation
 */
record Step(Line line, long facts, boolean check) {
    static Step operation(Line line) {
        return new Step(line, 1, false);
    }

    static Step check(Line line, long facts) {
        return new Step(line, facts, true);
    }
}
