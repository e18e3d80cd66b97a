package org.kmemscope.zone;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.view.AllocFailure;
import org.kmemscope.api.view.AllocFailure.ZoneVerdict;

/** Why a request cannot be served, with the numbers the allocator compares. */
final class FailureReport {
    private final ZonedPageAllocator allocator;

    FailureReport(ZonedPageAllocator allocator) {
        this.allocator = allocator;
    }

    AllocFailure explain(int gfp, int order) {
        String mask = allocator.ground.gfp().format(gfp);
        if (order < 0 || order >= allocator.rules.maxOrder()) {
            return new AllocFailure(
                    mask,
                    order,
                    String.format(
                            "order %d is above the largest order of this kernel, %d",
                            order, allocator.rules.maxOrder() - 1),
                    List.of());
        }
        int highest = allocator.highestZone(gfp);
        int type = allocator.ground.gfp().migrateType(gfp);
        int flags = allocator.policy.slow(gfp, order, type);
        List<ZoneVerdict> verdicts = new ArrayList<>();
        for (int index : allocator.zonelists[highest]) {
            verdicts.add(verdict(allocator.zones[index], order, highest, flags));
        }
        String reason = verdicts.stream()
                .filter(ZoneVerdict::fits)
                .findFirst()
                .map(zone -> "zone " + zone.zone() + " can serve it")
                .orElseGet(() -> verdicts.isEmpty()
                        ? "no zone that the mask allows has memory"
                        : String.join(
                                "; ", verdicts.stream().map(ZoneVerdict::text).toList()));
        return new AllocFailure(mask, order, reason, verdicts);
    }

    private ZoneVerdict verdict(Zone zone, int order, int highest, int flags) {
        WatermarkCheck check = allocator.check;
        long free = check.usable(zone, order, flags);
        long mark = check.reduced(zone.mark(flags), flags);
        long reserve = zone.reserve[highest];
        boolean fits = check.ok(zone, order, zone.mark(flags), highest, flags);
        String label = zone.type.label();
        String text;
        if (free <= mark + reserve) {
            text = String.format(
                    "zone %s: %d pages that count as free <= min watermark %d + lowmem_reserve %d",
                    label, free, mark, reserve);
        } else if (!fits) {
            text = String.format(
                    "zone %s: %d pages are free, but too few in blocks of order %d or more",
                    label, zone.exactFree(), order);
        } else {
            text = String.format(
                    "zone %s: %d pages that count as free > min watermark %d + lowmem_reserve %d",
                    label, free, mark, reserve);
        }
        return new ZoneVerdict(label, free, mark, reserve, fits, text);
    }
}
