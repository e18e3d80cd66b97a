package org.kmemscope.capture.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.capture.report.WatermarkRule.Obstacle;

/**
 * Says what would have let a request succeed. Each proposal is tried with the sums of {@link WatermarkRule} on the zones as they were
 * reported, and only what would have worked is said to work.
 */
final class Remedies {
    private final Diagnosis diagnosis;
    private final Report report;
    private final Request request;
    private final List<String> remedies = new ArrayList<>();

    Remedies(Diagnosis diagnosis) {
        this.diagnosis = diagnosis;
        report = diagnosis.report();
        request = diagnosis.request();
    }

    List<String> list() {
        if (diagnosis.anyFits()) {
            return List.of("the same request once more: by the numbers of the report it would be served now");
        }
        smallerOrder();
        highMemory();
        movable();
        waiting();
        reserves();
        freeMore();
        lowmemReserve();
        widerZone();
        lessMemory();
        return List.copyOf(remedies);
    }

    private void smallerOrder() {
        for (int order = request.order() - 1; order >= 0; order--) {
            Optional<ReportedZone> zone = diagnosis.servedBy(request.withOrder(order));
            if (zone.isPresent()) {
                remedies.add(String.format(
                        "a smaller order: order %d (%d kB) would have come from %s",
                        order, diagnosis.kb(1L << order), report.name(zone.get())));
                if (order == 0 || request.mayWait()) {
                    remedies.add(
                            "vmalloc(), or kvmalloc() from 4.12 on, if the memory need not be contiguous: it takes single pages");
                }
                return;
            }
        }
    }

    private void highMemory() {
        boolean low = request.highest() == ZoneType.NORMAL;
        if (low && report.zoneTypes().contains(ZoneType.HIGHMEM)) {
            boolean listed = diagnosis
                    .servedBy(request.withHighest(ZoneType.HIGHMEM))
                    .filter(zone -> zone.type() == ZoneType.HIGHMEM)
                    .isPresent();
            if (listed || diagnosis.hiddenFree() > request.pages()) {
                remedies.add("__GFP_HIGHMEM, with kmap() where the kernel touches the page: high memory "
                        + (listed ? "would have served it" : "is free"));
            }
        }
    }

    private void movable() {
        boolean contiguous =
                diagnosis.answers().values().stream().anyMatch(answer -> answer.obstacle() == Obstacle.CMA);
        if (!request.movable() && contiguous) {
            diagnosis
                    .servedBy(request.movablePages())
                    .ifPresent(zone -> remedies.add("a smaller cma= area: " + report.name(zone)
                            + " would then have had these pages for every request"));
        }
    }

    private void waiting() {
        if (!request.mayWait()) {
            long file = report.totals().getOrDefault("active_file", 0L)
                    + report.totals().getOrDefault("inactive_file", 0L);
            remedies.add(
                    "GFP_KERNEL from a context that may sleep (a workqueue, a threaded interrupt): it could have waited"
                            + (file > 0 ? String.format(", and %d kB of files were cached", diagnosis.kb(file)) : ""));
        }
    }

    private void reserves() {
        if (!request.mayWait() && !request.high()) {
            diagnosis
                    .servedBy(request.atomic())
                    .ifPresent(zone -> remedies.add("GFP_ATOMIC may go deeper into the reserves: " + report.name(zone)
                            + " would have served it"));
        }
    }

    /** More is kept free for those who cannot wait if kswapd starts earlier. */
    private void freeMore() {
        diagnosis.answers().entrySet().stream()
                .filter(entry -> entry.getValue().obstacle() == Obstacle.WATERMARK && !request.mayWait())
                .findFirst()
                .ifPresent(entry -> remedies.add(String.format(
                        "vm.min_free_kbytes higher by %d kB or more, so that %s had kept that much free for such a moment",
                        diagnosis.kb(entry.getValue().shortage()), report.name(entry.getKey()))));
    }

    private void lowmemReserve() {
        diagnosis.answers().forEach((zone, answer) -> {
            if (answer.obstacle() == Obstacle.RESERVE && !report.header().oom()) {
                remedies.add(String.format(
                        "a larger vm.lowmem_reserve_ratio for %s: with %d kB less kept back it would have served this request",
                        report.name(zone), diagnosis.kb(answer.shortage())));
            }
        });
    }

    private void widerZone() {
        boolean narrow = request.highest() == ZoneType.DMA || request.highest() == ZoneType.DMA32;
        boolean normal = report.zones().stream().anyMatch(zone -> zone.type() == ZoneType.NORMAL);
        if (narrow && !normal && diagnosis.hiddenFree() > request.pages() && diagnosis.hiddenLowMemory()) {
            remedies.add("without GFP_" + request.highest().label()
                    + ", if the device reaches further: the zones above have memory");
        }
        if (narrow && normal) {
            diagnosis
                    .servedBy(request.withHighest(ZoneType.NORMAL))
                    .ifPresent(zone -> remedies.add(String.format(
                            "without GFP_%s, if the device reaches further: %s would have served it",
                            request.highest().label(), report.name(zone))));
        }
    }

    private void lessMemory() {
        if (report.header().oom()) {
            remedies.add(
                    report.totalSwapKb() == 0
                            ? "swap, or less memory in use: the list of tasks in the log shows who has how much"
                            : "less memory in use: the list of tasks in the log shows who has how much");
        }
    }
}
