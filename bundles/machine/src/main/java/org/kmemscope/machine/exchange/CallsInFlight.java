package org.kmemscope.machine.exchange;

/**
 * Counts the calls that are inside the bound allocator: those of the task that runs, and those of tasks that sleep in the middle of
 * one. The machine's lock is held.
 */
public final class CallsInFlight {
    private int running;
    private int asleep;

    void enter() {
        running++;
    }

    void exit() {
        running--;
    }

    /** The task that runs goes to sleep; how many calls it is inside of. */
    public int sleep() {
        int calls = running;
        asleep += calls;
        running = 0;
        return calls;
    }

    /** It runs again. */
    public void wake(int calls) {
        asleep -= calls;
        running = calls;
    }

    /** Whether the task that runs is inside of the allocator. */
    public boolean isInside() {
        return running > 0;
    }

    /** Calls of tasks that sleep. */
    public int asleep() {
        return asleep;
    }
}
