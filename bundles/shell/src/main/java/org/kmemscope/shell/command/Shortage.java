package org.kmemscope.shell.command;

import java.util.List;
import java.util.stream.Collectors;
import org.kmemscope.api.gfp.GfpTable;
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
        String head = "NULL: order " + order + ", " + names(machine, gfp);
        List<ZoneVerdict> refusals =
                why.zones().stream().filter(zone -> !zone.fits()).toList();
        if (refusals.size() < why.zones().size() || refusals.isEmpty()) {
            return head + ": " + why.reason();
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

    /** Kernels without words for a mask print it as a number, which tells a person little. */
    private static String names(Machine machine, int gfp) {
        String text = machine.gfp().format(gfp);
        return text.startsWith("0x")
                ? machine.gfp().parts(gfp).stream().map(GfpTable.Part::flag).collect(Collectors.joining("|"))
                : text;
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
