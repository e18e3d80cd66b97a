package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.AllocFailure;
import org.kmemscope.api.view.AllocFailure.ZoneVerdict;

/** Why an allocation got NULL, in words for a person. */
final class Shortage {
    private static final int PAGE_SHIFT = 12;

    private Shortage() {}

    /** Why there are no pages for a request at this moment: zone by zone, which watermark is not met, and by how much. */
    static String ofPages(Machine machine, int gfp, int order) {
        AllocFailure why = machine.locked(() -> machine.pages().explain(gfp, order));
        String head = "NULL: order " + order + ", " + machine.gfp().names(gfp);
        List<ZoneVerdict> refusals =
                why.zones().stream().filter(zone -> !zone.fits()).toList();
        if (refusals.isEmpty()) {
            return head + ": " + why.reason();
        }
        if (refusals.size() < why.zones().size()) {
            // the request has given pages back on its way, from per-CPU lists or by reclaim, and came too late to take
            // them
            return head + ": not then, but now " + why.reason() + "; explain tells what the request found";
        }
        StringBuilder text = new StringBuilder(head);
        for (ZoneVerdict zone : refusals) {
            long missing = zone.mark() + zone.reserve() + 1 - zone.free();
            text.append("; ").append(zone.text());
            if (missing > 0) {
                text.append(", ").append(missing).append(missing == 1 ? " page too few" : " pages too few");
            }
        }
        return text.toString();
    }

    /** Why kmalloc has nothing. */
    static String ofObject(Machine machine, long size, int gfp) {
        long max = machine.<Long>locked(() -> machine.objects().kmallocMax());
        if (size > max) {
            return "NULL: " + size + " bytes are more than kmalloc serves here, " + max
                    + "; vmalloc has no such limit, alloc_pages a larger one";
        }
        int pages = (int) ((size + (1 << PAGE_SHIFT) - 1) >> PAGE_SHIFT);
        int order = pages <= 1 ? 0 : Integer.SIZE - Integer.numberOfLeadingZeros(pages - 1);
        return ofPages(machine, gfp, order);
    }
}
