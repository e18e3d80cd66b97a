package org.kmemscope.reclaim;

import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * The thread that writes dirty pages (pdflush, later a flusher for each disk). It is woken when there are more than the background limit,
 * when reclaim meets dirty pages, and every {@code dirty_writeback_centisecs} while there is anything dirty; then it writes what has been
 * dirty for {@code dirty_expire_centisecs}. How long a page has been dirty is not kept: what was dirty at one visit and still is at the
 * next that is far enough away is old.
 */
final class Flusher implements Stateful {
    private static final String TIMER = "flusher";
    private static final int CENTISECONDS = 100;

    private final Basis basis;
    private final PageFrames frames;
    private final DirtyPages dirty;
    private long wanted;
    private boolean timerSet;
    private boolean visit;
    /** Tick from which on pages have been dirty, if any have. */
    private long dirtySince = -1;
    /** Frame where the search for dirty pages goes on. */
    private int next;

    Flusher(Basis basis, DirtyPages dirty) {
        this.basis = basis;
        this.dirty = dirty;
        frames = basis.frames;
        next = frames.firstPfn();
        basis.floor.clock().register(TIMER, argument -> {
            timerSet = false;
            visit = true;
        });
    }

    /** A page became dirty. */
    void dirtied() {
        if (dirtySince < 0) {
            dirtySince = basis.jiffies();
        }
        setTimer();
    }

    private void setTimer() {
        int interval = basis.settings.get(Settings.DIRTY_WRITEBACK);
        if (!timerSet && interval > 0) {
            timerSet = true;
            basis.floor.clock().schedule(ticks(interval), TIMER, 0);
        }
    }

    private long ticks(int centiseconds) {
        return Math.max(1, (long) centiseconds * basis.hz() / CENTISECONDS);
    }

    /** {@code wakeup_flusher_threads()}. */
    void wake(long pages) {
        wanted = Math.max(wanted, pages);
    }

    boolean hasWork() {
        return visit || wanted > 0 || dirty.count() > 0 && dirty.count() > dirty.backgroundThreshold();
    }

    void run() {
        long above = dirty.count() - dirty.backgroundThreshold();
        long pages = Math.max(wanted, above);
        if (visit) {
            visit = false;
            boolean expired =
                    dirtySince >= 0 && basis.jiffies() - dirtySince >= ticks(basis.settings.get(Settings.DIRTY_EXPIRE));
            pages = expired ? Long.MAX_VALUE : pages;
        }
        wanted = 0;
        if (pages > 0) {
            write(pages);
        }
        if (dirty.count() == 0) {
            dirtySince = -1;
        } else {
            setTimer();
        }
    }

    /** Writes so many dirty pages, round and round through memory; the number written. */
    long write(long pages) {
        long written = 0;
        int all = frames.endPfn() - frames.firstPfn();
        for (int looked = 0; looked < all && written < pages && dirty.count() > 0; looked++) {
            if (isWritable(next)) {
                dirty.write(next);
                written++;
            }
            next = next + 1 < frames.endPfn() ? next + 1 : frames.firstPfn();
        }
        return written;
    }

    private boolean isWritable(int pfn) {
        int flags = frames.flags(pfn);
        return (flags & PageFlag.DIRTY.bit()) != 0
                && (flags & (PageFlag.WRITEBACK.bit() | PageFlag.SWAPBACKED.bit())) == 0
                && basis.owners.has(pfn);
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(new long[] {wanted, dirtySince, next});
        out.putBoolean(timerSet);
        out.putBoolean(visit);
    }

    @Override
    public void restore(StateReader in) {
        long[] values = in.getLongs();
        wanted = values[0];
        dirtySince = values[1];
        next = (int) values[2];
        timerSet = in.getBoolean();
        visit = in.getBoolean();
    }
}
