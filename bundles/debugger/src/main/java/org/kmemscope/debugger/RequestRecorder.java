package org.kmemscope.debugger;

import java.util.Arrays;
import java.util.Optional;
import org.kmemscope.api.trace.TraceListener;
import org.kmemscope.api.trace.TracePoint;

/**
 * Keeps the events of the last request for pages, in flat arrays that are used again for the next one: listening costs no object.
 *
 * <p>A request ends with {@code mm_page_alloc} or with its failure; what came since the end of the one before belongs to it. Events of
 * freeing in between are not listened to.
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
        TracePoint.MM_PAGE_ALLOC_FAILED
    };
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
    private long lastSequence;

    /**
     * The events of a request.
     *
     * @param sequence number of the last one
     * @param points which events
     * @param values their values, eight for each
     */
    record Request(long sequence, TracePoint[] points, long[] values) {
        long value(int event, int index) {
            return values[event * WIDTH + index];
        }
    }

    @Override
    public void event(TracePoint point, Header header, long[] eventValues) {
        if (count == MOST_EVENTS) {
            count = 0;
        }
        if (count == kinds.length) {
            kinds = Arrays.copyOf(kinds, count * 2);
            values = Arrays.copyOf(values, count * 2 * WIDTH);
        }
        kinds[count] = point.ordinal();
        System.arraycopy(eventValues, 0, values, count * WIDTH, WIDTH);
        count++;
        if (point == TracePoint.MM_PAGE_ALLOC || point == TracePoint.MM_PAGE_ALLOC_FAILED) {
            finish(header.sequence());
        }
    }

    private void finish(long sequence) {
        int[] oldKinds = lastKinds;
        long[] oldValues = lastValues;
        lastKinds = kinds;
        lastValues = values;
        lastCount = count;
        lastSequence = sequence;
        kinds = oldKinds;
        values = oldValues;
        count = 0;
    }

    Optional<Request> last() {
        if (lastCount == 0) {
            return Optional.empty();
        }
        TracePoint[] points = new TracePoint[lastCount];
        for (int i = 0; i < lastCount; i++) {
            points[i] = ALL[lastKinds[i]];
        }
        return Optional.of(new Request(lastSequence, points, Arrays.copyOf(lastValues, lastCount * WIDTH)));
    }
}
