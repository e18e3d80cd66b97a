package org.kmemscope.fidelity.vector;

/** The generator of random numbers that vectors were made with: xorshift32 (Marsaglia, shifts 13, 17 and 5). */
final class XorShift {
    private static final int FIRST_LEFT = 13;
    private static final int RIGHT = 17;
    private static final int SECOND_LEFT = 5;

    private int state;

    XorShift(int state) {
        this.state = state;
    }

    /** The next number, as the remainder of an unsigned division. */
    int below(int bound) {
        state ^= state << FIRST_LEFT;
        state ^= state >>> RIGHT;
        state ^= state << SECOND_LEFT;
        return Integer.remainderUnsigned(state, bound);
    }
}
