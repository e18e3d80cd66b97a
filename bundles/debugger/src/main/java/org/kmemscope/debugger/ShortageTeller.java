package org.kmemscope.debugger;

import java.util.Optional;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.trace.TracePoint;

/** Puts what a request did when memory was short into sentences. */
final class ShortageTeller {
    private final Machine machine;

    ShortageTeller(Machine machine) {
        this.machine = machine;
    }

    /**
     * The sentence of an event; none for one that is told with another.
     *
     * @param later whether it came when the request was over
     */
    Optional<String> tell(RequestRecorder.Request request, int i, boolean later) {
        return switch (request.points()[i]) {
            case MM_VMSCAN_WAKEUP_KSWAPD ->
                Optional.of(
                        String.format("kswapd is woken for zone %s, order %d", zone(request, i), request.value(i, 1)));
            case MM_VMSCAN_KSWAPD_SLEEP ->
                Optional.of(String.format(
                        "%skswapd freed %d pages%s",
                        later ? "later: " : "",
                        request.value(i, 0),
                        request.value(i, 1) != 0 ? ", and sleeps: the zones are balanced" : ", and gave up"));
            case MM_VMSCAN_DIRECT_RECLAIM_BEGIN -> Optional.of(directReclaim(request, i));
            case MM_COMPACTION_END ->
                Optional.of(String.format(
                        "compaction of zone %s moved %d pages, %d could not be moved: %s",
                        zone(request, i), request.value(i, 3), request.value(i, 4), text(request.value(i, 5))));
            case RECLAIM_RETRY_ZONE ->
                Optional.of(String.format(
                        "zone %s has %d pages that could be reclaimed, %d with the free ones: %s",
                        zone(request, i),
                        request.value(i, 2),
                        request.value(i, 3),
                        request.value(i, 6) != 0 ? "worth another round" : "not enough for another round"));
            case COMPACT_RETRY ->
                Optional.of(String.format(
                        "compaction: %s, priority %d, %d of %d tries: %s",
                        text(request.value(i, 2)),
                        request.value(i, 1),
                        request.value(i, 3),
                        request.value(i, 4),
                        request.value(i, 5) != 0 ? "again" : "no more"));
            case DRAIN_ALL_PAGES ->
                Optional.of(String.format("every per-CPU list was drained: %d pages", request.value(i, 0)));
            case HIGHATOMIC_UNRESERVE ->
                Optional.of(String.format(
                        "the pageblock of pfn 0x%x is no longer kept for high-order atomic requests; %d pages still are",
                        request.value(i, 0), request.value(i, 1)));
            case MARK_VICTIM ->
                Optional.of(String.format(
                        "the OOM killer took %s (%d), which had %d pages%s",
                        text(request.value(i, 1)),
                        request.value(i, 0),
                        request.value(i, 2),
                        request.value(i, 3) != 0 ? "; it is the task that asked" : ""));
            default -> Optional.empty();
        };
    }

    private String directReclaim(RequestRecorder.Request request, int begin) {
        long freed = 0;
        for (int i = begin + 1; i <= request.end(); i++) {
            if (request.points()[i] == TracePoint.MM_VMSCAN_DIRECT_RECLAIM_END) {
                freed = request.value(i, 0);
                break;
            }
        }
        StringBuilder text = new StringBuilder(String.format(
                "direct reclaim looked at %d pages and freed %d",
                request.value(begin, RequestRecorder.SCANNED), freed));
        part(text, request.value(begin, RequestRecorder.WRITTEN), "are being written now");
        part(text, request.value(begin, RequestRecorder.DIRTY), "were dirty or being written");
        part(text, request.value(begin, RequestRecorder.ACTIVATED), "became active");
        part(text, request.value(begin, RequestRecorder.OBJECTS), "objects of caches went");
        return text.toString();
    }

    private static void part(StringBuilder text, long number, String what) {
        if (number > 0) {
            text.append("; ").append(number).append(' ').append(what);
        }
    }

    /** Whether the task that asked was killed for it. */
    boolean endedInOom(RequestRecorder.Request request) {
        for (int i = 0; i < request.end(); i++) {
            if (request.points()[i] == TracePoint.MARK_VICTIM && request.value(i, 3) != 0) {
                return true;
            }
        }
        return false;
    }

    private String zone(RequestRecorder.Request request, int i) {
        return machine.pages().zoneType((int) request.value(i, 0)).label();
    }

    private String text(long id) {
        return machine.trace().callSites().text((int) id);
    }
}
