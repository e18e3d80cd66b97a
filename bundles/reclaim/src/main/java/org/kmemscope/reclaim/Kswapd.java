package org.kmemscope.reclaim;

import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.trace.TracePoint;

/**
 * The thread that frees memory before anybody has to wait for it: woken when a request finds no zone above its low watermark, it works
 * until the zones are above their high ones. It is a task like others: it runs when the call that woke it has returned, or while a request
 * sleeps; where it naps itself, so that pages get written, others go on.
 */
abstract class Kswapd implements Stateful {
    static final String COMM = "kswapd0";
    private static final String TIMER = "kswapd";
    /** {@code HZ/10}: how long it naps. */
    private static final int NAP_PART = 10;

    /** What it does. */
    enum State {
        SLEEPING,
        WOKEN,
        NAPPING
    }

    final Basis basis;
    final NodeState node;
    final int pid;
    final int gfp;
    State state = State.SLEEPING;
    int order;
    /** Highest zone that those who woke it wanted. */
    int highestZone;

    int priority = ScanControl.DEF_PRIORITY;
    /** Pages freed since it woke. */
    long freedSinceWake;

    private long resumeAt;
    private boolean working;

    Kswapd(Basis basis, NodeState node) {
        this.basis = basis;
        this.node = node;
        pid = basis.host.newPid();
        gfp = basis.floor.gfp().of(Gfp.GFP_KERNEL);
        basis.floor.clock().register(TIMER, argument -> {
            // the time that passed is all it waits for
        });
    }

    /** {@code wakeup_kswapd()}. */
    abstract void wake(int zone, int wantedOrder, int highest, int requestGfp);

    /** Works until there is nothing to do, or it naps. */
    abstract void work();

    final void wakeUp(int zone) {
        if (state == State.SLEEPING) {
            state = State.WOKEN;
            freedSinceWake = 0;
            if (basis.trace.on(TracePoint.MM_VMSCAN_KSWAPD_WAKE)) {
                basis.trace.fire(TracePoint.MM_VMSCAN_KSWAPD_WAKE, zone, order);
            }
        }
    }

    final boolean canRun() {
        return !working && (state == State.WOKEN || state == State.NAPPING && basis.jiffies() >= resumeAt);
    }

    final boolean isAwake() {
        return state != State.SLEEPING;
    }

    final void run() {
        working = true;
        try {
            basis.host.runAs(pid, COMM, "kswapd", () -> {
                boolean memalloc = basis.floor.context().setMemalloc(true);
                try {
                    work();
                } finally {
                    basis.floor.context().setMemalloc(memalloc);
                }
            });
        } finally {
            working = false;
        }
    }

    final void nap() {
        long ticks = Math.max(1, basis.hz() / NAP_PART);
        state = State.NAPPING;
        resumeAt = basis.jiffies() + ticks;
        basis.floor.clock().schedule(ticks, TIMER, 0);
    }

    final void sleep(boolean balanced) {
        state = State.SLEEPING;
        order = 0;
        highestZone = 0;
        if (basis.trace.on(TracePoint.MM_VMSCAN_KSWAPD_SLEEP)) {
            basis.trace.fire(TracePoint.MM_VMSCAN_KSWAPD_SLEEP, freedSinceWake, balanced ? 1 : 0);
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(new int[] {state.ordinal(), order, highestZone, priority});
        out.putLongs(new long[] {resumeAt, freedSinceWake});
    }

    @Override
    public void restore(StateReader in) {
        int[] values = in.getInts();
        state = State.values()[values[0]];
        order = values[1];
        highestZone = values[2];
        priority = values[3];
        long[] numbers = in.getLongs();
        resumeAt = numbers[0];
        freedSinceWake = numbers[1];
    }
}
