package org.kmemscope.reclaim;

import java.util.Arrays;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * The disk that files and swap are written to: a queue of pages, of which some are done with each tick.
 *
 * <p>A page in the queue has PG_writeback and a reference of the disk's. When it is done, a page that reclaim wants ({@code PG_reclaim})
 * goes to the tail of its inactive list, where it is found clean ({@code rotate_reclaimable_page()}); one that nobody else holds any
 * more is free.
 */
final class Disk implements Stateful {
    private static final String TIMER = "disk";
    /** 25 MiB a second. */
    private static final int PAGES_PER_SECOND = 6400;

    private static final int FIRST_ROOM = 64;
    private static final int KB_PER_PAGE = 4;
    /** A queue of so many pages is congested: who is not kswapd does not add to it. */
    private static final int CONGESTED = 112;

    private final Basis basis;
    private final PageFrames frames;
    private int[] queue = new int[FIRST_ROOM];
    private int first;
    private int length;
    private final long[] byZone;

    Disk(Basis basis) {
        this.basis = basis;
        frames = basis.frames;
        byZone = new long[basis.zones.zoneCount()];
        basis.floor.clock().register(TIMER, argument -> work());
    }

    int pagesPerTick() {
        return Math.max(1, PAGES_PER_SECOND / basis.hz());
    }

    boolean congested() {
        return length >= CONGESTED;
    }

    long inFlight() {
        return length;
    }

    long inFlight(int zone) {
        return byZone[zone];
    }

    /** Starts to write a page; its contents have been taken. */
    void submit(int pfn) {
        frames.set(pfn, PageFlag.WRITEBACK);
        frames.setCount(pfn, frames.count(pfn) + 1);
        byZone[frames.zone(pfn)]++;
        if (length == queue.length) {
            int[] larger = new int[queue.length * 2];
            for (int i = 0; i < length; i++) {
                larger[i] = queue[(first + i) % queue.length];
            }
            queue = larger;
            first = 0;
        }
        queue[(first + length) % queue.length] = pfn;
        length++;
        if (length == 1) {
            basis.floor.clock().schedule(1, TIMER, 0);
        }
    }

    private void work() {
        for (int i = Math.min(length, pagesPerTick()); i > 0; i--) {
            int pfn = queue[first];
            first = (first + 1) % queue.length;
            length--;
            done(pfn);
        }
        if (length > 0) {
            basis.floor.clock().schedule(1, TIMER, 0);
        }
    }

    /** {@code end_page_writeback()}. */
    private void done(int pfn) {
        byZone[frames.zone(pfn)]--;
        frames.clear(pfn, PageFlag.WRITEBACK);
        basis.counters.add(VmCounters.Event.NR_WRITTEN, 1);
        basis.counters.add(VmCounters.Event.PGPGOUT, KB_PER_PAGE);
        if (frames.is(pfn, PageFlag.RECLAIM)) {
            frames.clear(pfn, PageFlag.RECLAIM);
            boolean inactive = basis.lru.contains(pfn)
                    && !frames.is(pfn, PageFlag.ACTIVE)
                    && !frames.is(pfn, PageFlag.UNEVICTABLE);
            if (inactive) {
                basis.lru.remove(pfn);
                basis.lru.addLast(pfn);
                basis.counters.add(VmCounters.Event.PGROTATED, 1);
            }
        }
        if (frames.count(pfn) == 1) {
            frames.setPrivateData(pfn, 0);
            basis.pages.freePages(pfn, 0);
        } else {
            frames.setCount(pfn, frames.count(pfn) - 1);
        }
    }

    @Override
    public void save(StateWriter out) {
        int[] waiting = new int[length];
        for (int i = 0; i < length; i++) {
            waiting[i] = queue[(first + i) % queue.length];
        }
        out.putInts(waiting);
        out.putLongs(byZone);
    }

    @Override
    public void restore(StateReader in) {
        int[] waiting = in.getInts();
        first = 0;
        length = waiting.length;
        queue = Arrays.copyOf(waiting, Math.max(FIRST_ROOM, Integer.highestOneBit(waiting.length + 1) * 2));
        System.arraycopy(in.getLongs(), 0, byZone, 0, byZone.length);
    }
}
