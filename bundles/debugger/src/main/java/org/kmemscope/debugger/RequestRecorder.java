package org.kmemscope.debugger;

import java.util.Arrays;
import java.util.Optional;
import org.kmemscope.api.trace.TraceListener;
import org.kmemscope.api.trace.TracePoint;

/**
 * Keeps the events of the last request for pages, in flat arrays that are used again for the next one: listening costs no object.
 *
 * <p>A request begins with the first watermark and ends with {@code mm_page_alloc} or with its failure. While it waits others run: kswapd, whose
 * doings are kept, and interrupts, whose requests are not. What kswapd did after the request that woke it is kept with it. Events of freeing
 * are not listened to.
 *
 * <p>What direct reclaim looks at can be every page there is: those events are summed up, in the values of the one that begins it.
 */
final class RequestRecorder implements TraceListener {
    static final TracePoint[] POINTS = {
        TracePoint.ZONE_WATERMARK,
        TracePoint.PCP_TAKE,
        TracePoint.MM_PAGE_ALLOC_ZONE_LOCKED,
        TracePoint.BUDDY_SPLIT,
        TracePoint.MM_PAGE_ALLOC_EXTFRAG,
        TracePoint.HIGHATOMIC_RESERVE,
        TracePoint.MM_PAGE_ALLOC,
        TracePoint.MM_PAGE_ALLOC_FAILED,
        TracePoint.MM_VMSCAN_WAKEUP_KSWAPD,
        TracePoint.MM_VMSCAN_KSWAPD_SLEEP,
        TracePoint.MM_VMSCAN_DIRECT_RECLAIM_BEGIN,
        TracePoint.MM_VMSCAN_LRU_SHRINK_INACTIVE,
        TracePoint.MM_VMSCAN_WRITEPAGE,
        TracePoint.MM_SHRINK_SLAB_END,
        TracePoint.MM_VMSCAN_DIRECT_RECLAIM_END,
        TracePoint.MM_COMPACTION_TRY_TO_COMPACT_PAGES,
        TracePoint.MM_COMPACTION_END,
        TracePoint.RECLAIM_RETRY_ZONE,
        TracePoint.COMPACT_RETRY,
        TracePoint.DRAIN_ALL_PAGES,
        TracePoint.HIGHATOMIC_UNRESERVE,
        TracePoint.MARK_VICTIM
    };
    // sums, in the values of the event that begins direct reclaim
    static final int SCANNED = 2;
    static final int DIRTY = 3;
    static final int ACTIVATED = 4;
    static final int WRITTEN = 5;
    static final int OBJECTS = 6;

    private static final int NONE = -1;
    private static final int WIDTH = 8;
    private static final int FIRST_SIZE = 64;
    /** A refill of the largest per-CPU batch, each block split to the bottom, stays below this. */
    private static final int MOST_EVENTS = 8192;

    private static final TracePoint[] ALL = TracePoint.values();

    private int[] kinds = new int[FIRST_SIZE];
    private long[] values = new long[FIRST_SIZE * WIDTH];
    private int count;
    private int[] lastKinds = new int[FIRST_SIZE];
    private long[] lastValues = new long[FIRST_SIZE * WIDTH];
    private int lastCount;
    /** Where the last request ends; what follows came later. */
    private int lastEnd;

    private long lastSequence;

    // of the request that is open, if there are events
    private int pid;
    private int callSite;
    /** The event that began direct reclaim; -1 when it does not run. */
    private int reclaim = NONE;
    /** Compaction takes blocks from the free areas, too. */
    private boolean compacting;

    /**
     * The events of a request.
     *
     * @param sequence number of the last one
     * @param points which events
     * @param values their values, eight for each
     * @param end which of them ends the request; the rest came later
     */
    record Request(long sequence, TracePoint[] points, long[] values, int end) {
        long value(int event, int index) {
            return values[event * WIDTH + index];
        }
    }

    @Override
    public void event(TracePoint point, Header header, long[] eventValues) {
        if (count == 0) {
            if (point == TracePoint.MM_VMSCAN_KSWAPD_SLEEP) {
                append(point, eventValues);
                return;
            }
            if (!begins(point)) {
                return;
            }
            pid = header.pid();
            callSite = header.callSite();
        }
        if (!belongs(point, header)) {
            return;
        }
        if (reclaim >= 0 && sums(point, eventValues) || compacting && isOfCompaction(point)) {
            return;
        }
        compacting = point == TracePoint.MM_COMPACTION_TRY_TO_COMPACT_PAGES
                || compacting && point == TracePoint.MM_COMPACTION_END;
        record(point, eventValues);
        if (point == TracePoint.MM_PAGE_ALLOC || point == TracePoint.MM_PAGE_ALLOC_FAILED) {
            finish(header.sequence());
        }
    }

    /** What a request can begin with: an order above the largest fails at once, and a cloned machine is filled without watermarks. */
    private static boolean begins(TracePoint point) {
        return point == TracePoint.ZONE_WATERMARK
                || point == TracePoint.MM_PAGE_ALLOC
                || point == TracePoint.MM_PAGE_ALLOC_FAILED
                || point == TracePoint.PCP_TAKE
                || point == TracePoint.BUDDY_SPLIT
                || point == TracePoint.MM_PAGE_ALLOC_ZONE_LOCKED;
    }

    /** Whether an event is of the open request, or of kswapd's going to sleep meanwhile. */
    private boolean belongs(TracePoint point, Header header) {
        return point == TracePoint.MM_VMSCAN_KSWAPD_SLEEP || header.pid() == pid && header.callSite() == callSite;
    }

    private static boolean isOfCompaction(TracePoint point) {
        return point == TracePoint.BUDDY_SPLIT
                || point == TracePoint.MM_PAGE_ALLOC_ZONE_LOCKED
                || point == TracePoint.MM_PAGE_ALLOC_EXTFRAG
                || point == TracePoint.DRAIN_ALL_PAGES;
    }

    private boolean sums(TracePoint point, long[] eventValues) {
        int at = reclaim * WIDTH;
        switch (point) {
            case MM_VMSCAN_LRU_SHRINK_INACTIVE -> {
                values[at + SCANNED] += eventValues[0];
                values[at + DIRTY] += eventValues[2];
                values[at + ACTIVATED] += eventValues[4];
            }
            case MM_VMSCAN_WRITEPAGE -> values[at + WRITTEN]++;
            case MM_SHRINK_SLAB_END -> values[at + OBJECTS] += eventValues[2];
            case MM_VMSCAN_DIRECT_RECLAIM_END -> {
                reclaim = NONE;
                return false;
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void record(TracePoint point, long[] eventValues) {
        if (count == MOST_EVENTS) {
            // the end of a long story is what is of interest
            count = 0;
            reclaim = NONE;
        }
        if (count == kinds.length) {
            kinds = Arrays.copyOf(kinds, count * 2);
            values = Arrays.copyOf(values, count * 2 * WIDTH);
        }
        kinds[count] = point.ordinal();
        System.arraycopy(eventValues, 0, values, count * WIDTH, WIDTH);
        if (point == TracePoint.MM_VMSCAN_DIRECT_RECLAIM_BEGIN) {
            reclaim = count;
            Arrays.fill(values, count * WIDTH + SCANNED, (count + 1) * WIDTH, 0);
        }
        count++;
    }

    /** What came of the last request when it was over. */
    private void append(TracePoint point, long[] eventValues) {
        if (lastCount > 0 && lastCount < MOST_EVENTS && lastKinds[lastCount - 1] != point.ordinal()) {
            if (lastCount == lastKinds.length) {
                lastKinds = Arrays.copyOf(lastKinds, lastCount * 2);
                lastValues = Arrays.copyOf(lastValues, lastCount * 2 * WIDTH);
            }
            lastKinds[lastCount] = point.ordinal();
            System.arraycopy(eventValues, 0, lastValues, lastCount * WIDTH, WIDTH);
            lastCount++;
        }
    }

    private void finish(long sequence) {
        int[] oldKinds = lastKinds;
        long[] oldValues = lastValues;
        lastKinds = kinds;
        lastValues = values;
        lastCount = count;
        lastEnd = count - 1;
        lastSequence = sequence;
        kinds = oldKinds;
        values = oldValues;
        count = 0;
        reclaim = NONE;
        compacting = false;
    }

    Optional<Request> last() {
        if (lastCount == 0) {
            return Optional.empty();
        }
        TracePoint[] points = new TracePoint[lastCount];
        for (int i = 0; i < lastCount; i++) {
            points[i] = ALL[lastKinds[i]];
        }
        return Optional.of(new Request(lastSequence, points, Arrays.copyOf(lastValues, lastCount * WIDTH), lastEnd));
    }
}
