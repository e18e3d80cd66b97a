package org.kmemscope.machine;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.machine.Machine.VerifyResult;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/** Gathers what the parts find, and sees that no frame is claimed by two. */
final class Audit implements Verification {
    private static final int MOST_PROBLEMS = 100;
    private static final int NEVER_FREE = PageFlag.RESERVED.bit() | PageFlag.SLAB.bit() | PageFlag.HANDED_OVER.bit();

    private final PageFrames frames;
    private final List<String> states = new ArrayList<>(List.of(""));
    private final byte[] claims;
    private final List<String> problems = new ArrayList<>();
    private long checks;

    Audit(PageFrames frames) {
        this.frames = frames;
        claims = new byte[frames.endPfn() - frames.firstPfn()];
    }

    @Override
    public void checked(long count) {
        checks += count;
    }

    @Override
    public void check(boolean holds, String format, Object... arguments) {
        checks++;
        if (!holds) {
            problem(format, arguments);
        }
    }

    @Override
    public void problem(String format, Object... arguments) {
        if (problems.size() < MOST_PROBLEMS) {
            problems.add(String.format(format, arguments));
        }
    }

    @Override
    public void claim(int pfn, int count, String state) {
        int id = states.indexOf(state);
        if (id < 0) {
            id = states.size();
            states.add(state);
        }
        checks += count;
        for (int frame = pfn; frame < pfn + count; frame++) {
            int index = frame - frames.firstPfn();
            if (index < 0 || index >= claims.length) {
                problem("pfn 0x%x is %s, but there is no such frame", frame, state);
                return;
            }
            if (claims[index] != 0) {
                problem("pfn 0x%x is both %s and %s", frame, states.get(claims[index]), state);
            }
            claims[index] = (byte) id;
        }
    }

    /** The frames nobody claimed must be in use or reserved; those that are free must not look used. */
    VerifyResult result() {
        for (int pfn = frames.firstPfn(); pfn < frames.endPfn(); pfn++) {
            String state = states.get(claims[pfn - frames.firstPfn()]);
            boolean free = state.equals("free") || state.equals("on a per-CPU list");
            checks++;
            if (free && frames.count(pfn) != 0) {
                problem("pfn 0x%x is %s, but has a reference count of %d", pfn, state, frames.count(pfn));
            }
            if (free && (frames.flags(pfn) & NEVER_FREE) != 0) {
                problem("pfn 0x%x is %s, but has flags %s", pfn, state, PageFlag.of(frames.flags(pfn)));
            }
        }
        return new VerifyResult(checks, problems);
    }
}
