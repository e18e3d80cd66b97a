package org.kmemscope.vmalloc;

import org.kmemscope.api.ground.Verification;

/** Refuses what is checked at the first contradiction: a recorded state that cannot be. */
final class Refusal implements Verification {
    @Override
    public void checked(long count) {
        // nobody asks how many
    }

    @Override
    public void check(boolean holds, String format, Object... arguments) {
        if (!holds) {
            problem(format, arguments);
        }
    }

    @Override
    public void problem(String format, Object... arguments) {
        throw new IllegalArgumentException(String.format(format, arguments));
    }

    @Override
    public void claim(int pfn, int count, String state) {
        throw new IllegalStateException("no frames are claimed here");
    }
}
