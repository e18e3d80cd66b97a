package org.kmemscope.testkit;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.kmemscope.api.ground.Verification;

/** Takes what a part finds when it checks itself, for a part that no machine is built around. */
public final class Findings implements Verification {
    private final List<String> problems = new ArrayList<>();
    private final BitSet claimed = new BitSet();

    @Override
    public void checked(long count) {
        // only what fails is of interest
    }

    @Override
    public void check(boolean holds, String format, Object... arguments) {
        if (!holds) {
            problem(format, arguments);
        }
    }

    @Override
    public void problem(String format, Object... arguments) {
        problems.add(String.format(format, arguments));
    }

    @Override
    public void claim(int pfn, int count, String state) {
        if (!claimed.get(pfn, pfn + count).isEmpty()) {
            problem("of the %d frames from pfn 0x%x that are %s, some are claimed twice", count, pfn, state);
        }
        claimed.set(pfn, pfn + count);
    }

    /** What was wrong, one line each. */
    public List<String> problems() {
        return List.copyOf(problems);
    }

    /** The frames that were claimed, by pfn. */
    public BitSet claimed() {
        return (BitSet) claimed.clone();
    }
}
