package org.kmemscope.capture.report;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.capture.report.WatermarkRule.Answer;
import org.kmemscope.capture.report.WatermarkRule.Obstacle;

/**
 * Says why a request failed, in words for someone who does not know the watermark sums by heart, most important first:
 * <ol>
 *   <li>Enough is free, but in small pieces.
 *   <li>Most of what is free is CMA memory.
 *   <li>Low memory is short while memory above it is free; or the mask confines the request to a small zone.
 *   <li>Which watermark each zone is below, and by how much; what a zone keeps back.
 *   <li>What the request itself could not do: wait, be served from reserves.
 *   <li>What could not be reclaimed.
 * </ol>
 */
final class Reasons {
    private static final int COSTLY_ORDER = 3;

    private final Diagnosis diagnosis;
    private final Report report;
    private final Request request;
    private final List<String> reasons = new ArrayList<>();
    private final Map<Obstacle, List<ReportedZone>> byObstacle = new EnumMap<>(Obstacle.class);

    Reasons(Diagnosis diagnosis) {
        this.diagnosis = diagnosis;
        report = diagnosis.report();
        request = diagnosis.request();
        diagnosis.answers().forEach((zone, answer) -> byObstacle
                .computeIfAbsent(answer.obstacle(), some -> new ArrayList<>())
                .add(zone));
    }

    private List<ReportedZone> with(Obstacle obstacle) {
        return byObstacle.getOrDefault(obstacle, List.of());
    }

    List<String> list() {
        if (diagnosis.answers().isEmpty()) {
            reasons.add("no zone that " + diagnosis.mask().names() + " allows has memory");
        }
        with(Obstacle.FRAGMENTED).forEach(this::fragmented);
        with(Obstacle.CMA).forEach(this::contiguous);
        confined();
        with(Obstacle.WATERMARK).forEach(this::belowWatermark);
        with(Obstacle.RESERVE).forEach(this::keptBack);
        with(Obstacle.NONE).forEach(this::wouldServe);
        cannotWait();
        costly();
        nothingToReclaim();
        diagnosis.mask().note().ifPresent(reasons::add);
        if (report.others() > 0) {
            reasons.add("the log has " + report.others() + " more such report" + (report.others() > 1 ? "s" : ""));
        }
        return List.copyOf(reasons);
    }

    private void fragmented(ReportedZone zone) {
        int largest = -1;
        for (int order = zone.blocks().size() - 1; order >= 0 && largest < 0; order--) {
            largest = zone.blocks().get(order) > 0
                            && diagnosis.ask(zone, request.withOrder(order)).fits()
                    ? order
                    : -1;
        }
        String most = largest < 0
                ? ""
                : String.format("; the most it could give is order %d (%d kB)", largest, diagnosis.kb(1L << largest));
        reasons.add(String.format(
                "%s is fragmented: %d kB are free, but no block of order %d (%d kB) can be taken%s",
                report.name(zone), zone.kb().get("free"), request.order(), diagnosis.kb(request.pages()), most));
    }

    private void contiguous(ReportedZone zone) {
        reasons.add(String.format(
                "%d of the %d kB that %s has free are CMA pages, which only movable pages may borrow",
                diagnosis.kb(zone.freeCma()), zone.kb().get("free"), report.name(zone)));
    }

    /** Memory that would have been there in zones the mask does not allow. */
    private void confined() {
        if (diagnosis.anyFits()) {
            return;
        }
        long hidden = diagnosis.hiddenFree();
        for (ReportedZone zone : report.zones()) {
            boolean above = !diagnosis.answers().containsKey(zone);
            boolean roomy = zone.pages("free") > zone.pages("low") + request.pages();
            hidden += above && roomy ? zone.pages("free") : 0;
        }
        if (hidden == 0) {
            return;
        }
        boolean narrow = request.highest() == ZoneType.DMA || request.highest() == ZoneType.DMA32;
        if (narrow && (diagnosis.hiddenFree() == 0 || diagnosis.hiddenLowMemory())) {
            reasons.add(String.format(
                    "the mask confines the request to zone %s; the zones above it have %d kB free",
                    request.highest().label(), diagnosis.kb(hidden)));
        } else if (report.zoneTypes().contains(ZoneType.HIGHMEM)) {
            reasons.add(String.format(
                    "%shigh memory has %d kB free, which %s may not use",
                    with(Obstacle.FRAGMENTED).isEmpty() ? "low memory is exhausted while " : "",
                    diagnosis.kb(hidden),
                    diagnosis.mask().names()));
        }
    }

    private void belowWatermark(ReportedZone zone) {
        Answer answer = diagnosis.answers().get(zone);
        String reduced = answer.mark() < zone.min()
                ? String.format(" (its min watermark of %d kB, reduced for this request)", diagnosis.kb(zone.min()))
                : "";
        reasons.add(String.format(
                "%s is %d kB short: %d kB count as free, more than %d kB%s%s must be",
                report.name(zone),
                diagnosis.kb(answer.shortage()),
                diagnosis.kb(Math.max(0, answer.free())),
                diagnosis.kb(answer.mark() + answer.reserve()),
                reduced.isEmpty() ? " (its min watermark" + reserveWords(answer) + ")" : reduced,
                reduced.isEmpty() ? "" : reserveWords(answer)));
    }

    private String reserveWords(Answer answer) {
        return answer.reserve() == 0
                ? ""
                : String.format(" and %d kB of lowmem_reserve", diagnosis.kb(answer.reserve()));
    }

    private void keptBack(ReportedZone zone) {
        Answer answer = diagnosis.answers().get(zone);
        reasons.add(String.format(
                "%s has %d kB free, but keeps %d kB (lowmem_reserve) from requests that could have used %s; %d kB too few are left",
                report.name(zone),
                zone.kb().get("free"),
                diagnosis.kb(answer.reserve()),
                diagnosis.highestZone(),
                diagnosis.kb(answer.shortage())));
    }

    private void wouldServe(ReportedZone zone) {
        reasons.add(report.name(zone)
                + " could serve it by the numbers of the report: memory came free between the failure and the"
                + " report, or the request had already gone on to the next step");
    }

    private void cannotWait() {
        if (!report.header().oom() && !request.mayWait()) {
            reasons.add("it could not wait for memory to be freed ("
                    + diagnosis.mask().names() + "): what is free at that moment must do");
        }
    }

    private void costly() {
        if (request.order() > COSTLY_ORDER && request.mayWait()) {
            reasons.add("orders above " + COSTLY_ORDER
                    + " are costly: the kernel gives up soon, and kills nobody for them");
        }
    }

    /** Who has the memory, as far as the report tells: what is more than half of it is the reason. */
    private void nothingToReclaim() {
        if (!report.header().oom()) {
            return;
        }
        long present = report.zones().stream()
                .mapToLong(zone -> zone.pages(zone.kb().containsKey("managed") ? "managed" : "present"))
                .sum();
        long free =
                report.zones().stream().mapToLong(zone -> zone.pages("free")).sum();
        // up to 2.6.27 there is one pair of lists for both
        long anon = total("active_anon") + total("inactive_anon") + total("active") + total("inactive");
        long file = total("active_file") + total("inactive_file");
        long slab = total("slab_reclaimable") + total("slab_unreclaimable") + total("slab");
        long other = present - free - anon - file - slab - total("pagetables") - total("free_pcp");
        if (anon > present / 2 && report.totalSwapKb() == 0) {
            reasons.add(String.format(
                    "there is no swap, so %d kB of anonymous memory cannot go anywhere; %d kB of files are cached",
                    diagnosis.kb(anon), diagnosis.kb(file)));
        } else if (slab > present / 2) {
            reasons.add(String.format("most of the memory are kernel objects: %d kB of slab", diagnosis.kb(slab)));
        } else if (other > present / 2 && !report.totals().isEmpty()) {
            reasons.add(String.format(
                    "%d kB are neither free nor cached, anonymous or slab: pages that the kernel or a driver took for itself",
                    diagnosis.kb(other)));
        }
    }

    private long total(String name) {
        return report.totals().getOrDefault(name, 0L);
    }
}
