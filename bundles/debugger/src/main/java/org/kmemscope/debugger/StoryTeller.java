package org.kmemscope.debugger;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.debug.AllocationStory;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.trace.TracePoint;

/** Puts the events of a request into sentences. */
final class StoryTeller {
    private final Machine machine;
    private final ShortageTeller shortage;

    StoryTeller(Machine machine) {
        this.machine = machine;
        shortage = new ShortageTeller(machine);
    }

    AllocationStory tell(RequestRecorder.Request request) {
        List<String> steps = new ArrayList<>();
        for (int i = 0; i < request.points().length; i++) {
            switch (request.points()[i]) {
                case ZONE_WATERMARK -> steps.add(watermark(request, i));
                case PCP_TAKE ->
                    steps.add(String.format(
                            "taken from the per-CPU list of order %d, %s: pfn 0x%x; %d pages are left on this CPU's lists",
                            request.value(i, 1), type(request.value(i, 2)), request.value(i, 0), request.value(i, 3)));
                case MM_PAGE_ALLOC_ZONE_LOCKED -> {
                    int last = lastOfRefill(request, i);
                    steps.add(last > i ? refill(request, i, last) : fromFreeAreas(request, i));
                    i = last;
                }
                case BUDDY_SPLIT -> {
                    int last = lastOfKind(request, i, TracePoint.BUDDY_SPLIT);
                    // the event of a fallback comes when its block is split already
                    boolean fellBack = is(request, last + 1, TracePoint.MM_PAGE_ALLOC_EXTFRAG);
                    if (fellBack) {
                        steps.add(fallback(request, last + 1));
                    }
                    // splits of a refill are told with it
                    if (!leadsToRefill(request, last)) {
                        steps.add(splits(request, i, last));
                    }
                    i = fellBack ? last + 1 : last;
                }
                case MM_PAGE_ALLOC_EXTFRAG -> steps.add(fallback(request, i));
                case HIGHATOMIC_RESERVE ->
                    steps.add(String.format(
                            "the pageblock of pfn 0x%x is kept for high-order atomic requests; %d pages are kept so",
                            request.value(i, 0), request.value(i, 1)));
                case MM_PAGE_ALLOC, MM_PAGE_ALLOC_FAILED -> {
                    // the result tells it
                }
                default -> shortage.tell(request, i, i > request.end()).ifPresent(steps::add);
            }
        }
        return new AllocationStory(request.sequence(), asked(request), result(request), Repeats.shortened(steps));
    }

    private String asked(RequestRecorder.Request request) {
        int last = request.end();
        boolean served = request.points()[last] == TracePoint.MM_PAGE_ALLOC;
        long order = request.value(last, served ? 1 : 0);
        long gfp = request.value(last, served ? 3 : 1);
        return machine.gfp().names((int) gfp) + ", order " + order;
    }

    private String result(RequestRecorder.Request request) {
        int last = request.end();
        if (request.points()[last] != TracePoint.MM_PAGE_ALLOC) {
            return shortage.endedInOom(request) ? "killed" : "failed";
        }
        long pfn = request.value(last, 0);
        int zone = machine.frames().zone((int) pfn);
        return String.format(
                "pfn 0x%x (physical 0x%08x), zone %s",
                pfn, pfn << 12, machine.pages().zoneType(zone).label());
    }

    private String watermark(RequestRecorder.Request request, int i) {
        boolean ok = request.value(i, 6) != 0;
        long free = request.value(i, 2);
        long mark = request.value(i, 3);
        long reserve = request.value(i, 4);
        String comparison = String.format(
                "%d free pages count, against watermark %d + lowmem_reserve %d = %d",
                free, mark, reserve, mark + reserve);
        String verdict;
        if (ok) {
            verdict = "above it";
        } else if (free > mark + reserve) {
            verdict = "above it, but no block of order " + request.value(i, 1) + " or more; passed over";
        } else {
            verdict = "not above it; passed over";
        }
        return "zone " + machine.pages().zoneType((int) request.value(i, 0)).label() + ": " + comparison + ": "
                + verdict;
    }

    private String fromFreeAreas(RequestRecorder.Request request, int i) {
        return String.format(
                "taken from the free areas, order %d, %s: pfn 0x%x",
                request.value(i, 1), type(request.value(i, 2)), request.value(i, 0));
    }

    /** Index of the last block of the refill that starts at an event; the event itself if it is no refill of several blocks. */
    private int lastOfRefill(RequestRecorder.Request request, int start) {
        int last = start;
        if (request.value(start, 3) == 0) {
            return start;
        }
        for (int i = start + 1; i < request.points().length; i++) {
            TracePoint point = request.points()[i];
            if (point == TracePoint.MM_PAGE_ALLOC_ZONE_LOCKED && request.value(i, 3) != 0) {
                last = i;
            } else if (point != TracePoint.BUDDY_SPLIT) {
                break;
            }
        }
        return last;
    }

    private static boolean is(RequestRecorder.Request request, int i, TracePoint point) {
        return i < request.points().length && request.points()[i] == point;
    }

    private boolean leadsToRefill(RequestRecorder.Request request, int split) {
        int next = split + 1;
        return next < request.points().length
                && request.points()[next] == TracePoint.MM_PAGE_ALLOC_ZONE_LOCKED
                && lastOfRefill(request, next) > next;
    }

    private int lastOfKind(RequestRecorder.Request request, int start, TracePoint point) {
        int last = start;
        while (last + 1 < request.points().length && request.points()[last + 1] == point) {
            last++;
        }
        return last;
    }

    private String refill(RequestRecorder.Request request, int first, int last) {
        int blocks = 0;
        int splits = 0;
        for (int i = first; i <= last; i++) {
            blocks += request.points()[i] == TracePoint.MM_PAGE_ALLOC_ZONE_LOCKED ? 1 : 0;
            splits += request.points()[i] == TracePoint.BUDDY_SPLIT ? 1 : 0;
        }
        return String.format(
                "the per-CPU list of order %d, %s, was empty: refilled with %d blocks from pfn 0x%x to 0x%x, %d more splits on the way",
                request.value(first, 1),
                type(request.value(first, 2)),
                blocks,
                request.value(first, 0),
                request.value(last, 0),
                splits);
    }

    private String splits(RequestRecorder.Request request, int first, int last) {
        StringBuilder halves = new StringBuilder();
        for (int i = first; i <= last; i++) {
            halves.append(i == first ? "" : ", ")
                    .append(String.format("0x%x to order %d", request.value(i, 0), request.value(i, 1)));
        }
        return String.format(
                "a block of order %d, %s, was split; the upper halves went back: %s",
                request.value(first, 1) + 1, type(request.value(first, 2)), halves);
    }

    private String fallback(RequestRecorder.Request request, int i) {
        return String.format(
                "nothing of type %s: fell back on %s with the block of order %d at pfn 0x%x%s",
                type(request.value(i, 4)),
                type(request.value(i, 5)),
                request.value(i, 2),
                request.value(i, 0),
                request.value(i, 7) != 0 ? ", and its pageblock changed its type" : "; its pageblock keeps its type");
    }

    private String type(long migratetype) {
        return machine.gfp().migrateTypes().type((int) migratetype).label();
    }
}
