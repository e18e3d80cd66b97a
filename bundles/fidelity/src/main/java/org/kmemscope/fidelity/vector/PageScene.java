package org.kmemscope.fidelity.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.PageState.FreeList;
import org.kmemscope.api.page.PageState.PcpList;
import org.kmemscope.api.page.PageState.PerCpu;
import org.kmemscope.api.page.PageState.ZoneState;
import org.kmemscope.fidelity.vector.PageVector.Counters;

/**
 * The states around an operation that the model answered otherwise: what was asked, the zones it may be served from with their lists, where
 * the kernel's page and the model's lay, and what changed in the model. The kernel's lists are not known there, but as every answer before
 * was the same, they were most likely those of the model; its counters are known from time to time.
 */
final class PageScene {
    private static final int MANY = 40;

    private final PageVector vector;
    private final int operation;
    private final Machine machine;
    private final ZoneNames names;
    private final List<String> lines = new ArrayList<>();

    /**
     * @param operation the one that was answered otherwise
     * @param machine a machine in the vector's start state
     */
    PageScene(PageVector vector, int operation, Machine machine) {
        this.vector = vector;
        this.operation = operation;
        this.machine = machine;
        names = ZoneNames.of(machine);
    }

    /** Runs up to the operation and over it, and tells what is to be seen. */
    List<String> lines() {
        PageOperations operations = vector.operations();
        PageReplay replay = new PageReplay(machine, operations);
        replay.runTo(operation);
        PageState before = machine.pages().state();
        request();
        lines.add("before:");
        List<Integer> zones = zonesTried();
        zones.forEach(zone -> zone(before.zones().get(zone)));
        place("the kernel's", operations.pfn(operation), before);
        replay.runTo(operation + 1);
        place("the model's", replay.answer().pfn(), before);
        PageState after = machine.pages().state();
        lines.add("after, in the model:");
        zones.forEach(zone -> changes(before.zones().get(zone), after.zones().get(zone)));
        counters();
        return lines;
    }

    private void request() {
        PageOperations operations = vector.operations();
        int order = operations.order(operation);
        if (operations.isFree(operation)) {
            lines.add(String.format("free of pfn %x, order %d", operations.pfn(operation), order));
            return;
        }
        int gfp = operations.gfp(operation);
        lines.add(String.format(
                "request of order %d, %s (%x): zone %s, %s",
                order,
                machine.gfp().names(gfp),
                gfp,
                machine.gfp().zone(gfp).label(),
                names.migratetype(machine.gfp().migrateType(gfp))));
        machine.pages().explain(gfp, order).zones().forEach(verdict -> lines.add("  " + verdict.text()));
    }

    private List<Integer> zonesTried() {
        PageOperations operations = vector.operations();
        if (operations.isFree(operation)) {
            return List.of(operations.zone(operation));
        }
        String highest = machine.gfp().zone(operations.gfp(operation)).label();
        int top = Math.max(0, names.zones().indexOf(highest));
        List<Integer> tried = new ArrayList<>();
        for (int zone = top; zone >= 0; zone--) {
            if (machine.pages().zones().get(zone).populated()) {
                tried.add(zone);
            }
        }
        return tried;
    }

    private void zone(ZoneState zone) {
        lines.add("  " + counters(zone));
        PageStateFacts.summary(zone, names).stream().limit(MANY).forEach(list -> lines.add("    " + list));
    }

    private String counters(ZoneState zone) {
        PerCpu cpu = zone.perCpu().get(0);
        return String.format(
                "zone %s: nr_free %d%+d, min %d low %d high %d boost %d, highatomic %d, cma free %d%+d; per-CPU count %d high %d batch %d"
                        + " free_factor %d",
                names.zone(zone.index()),
                zone.free(),
                zone.freeDiff()[0],
                zone.marks()[0],
                zone.marks()[1],
                zone.marks()[2],
                zone.boost(),
                zone.highatomic(),
                zone.cmaFree(),
                zone.cmaDiff()[0],
                cpu.count(),
                cpu.high(),
                cpu.batch(),
                cpu.freeFactor());
    }

    private void changes(ZoneState before, ZoneState after) {
        if (!counters(before).equals(counters(after))) {
            lines.add("  " + counters(after));
        }
        List<String> old = PageStateFacts.summary(before, names);
        PageStateFacts.summary(after, names).stream()
                .filter(list -> !old.contains(list))
                .limit(MANY)
                .forEach(list -> lines.add("    " + list));
    }

    /** Where a page lay before. */
    private void place(String whose, int pfn, PageState before) {
        if (pfn != PageOperations.NONE) {
            lines.add(String.format("  %s page %x was %s", whose, pfn, place(pfn, before)));
        }
    }

    private String place(int pfn, PageState state) {
        for (ZoneState zone : state.zones()) {
            for (FreeList list : zone.freeLists()) {
                int at = indexOf(list.pfns(), pfn, list.order());
                if (at >= 0) {
                    return String.format(
                            "in block %x of order %d, place %d of %d in zone %s, %s",
                            list.pfns()[at],
                            list.order(),
                            at + 1,
                            list.pfns().length,
                            names.zone(zone.index()),
                            names.migratetype(list.migratetype()));
                }
            }
            for (PerCpu cpu : zone.perCpu()) {
                for (PcpList list : cpu.lists()) {
                    int at = indexOf(list.pfns(), pfn, 0);
                    if (at >= 0) {
                        return String.format(
                                "on per-CPU list %d of zone %s, place %d of %d",
                                list.index(), names.zone(zone.index()), at + 1, list.pfns().length);
                    }
                }
            }
        }
        return "in use, or inside a block of a per-CPU list";
    }

    private static int indexOf(int[] pfns, int pfn, int order) {
        for (int i = 0; i < pfns.length; i++) {
            if (pfns[i] <= pfn && pfn < pfns[i] + (1 << order)) {
                return i;
            }
        }
        return -1;
    }

    /** The kernel's counters nearest to the operation. */
    private void counters() {
        Optional<Counters> before = Optional.empty();
        Optional<Counters> after = Optional.empty();
        for (PageVector.Checkpoint checkpoint : vector.checkpoints()) {
            if (checkpoint instanceof Counters counters) {
                if (counters.before() <= operation) {
                    before = Optional.of(counters);
                } else if (after.isEmpty()) {
                    after = Optional.of(counters);
                }
            }
        }
        lines.add("the kernel's counters (free,diff,per-CPU count,free_factor,boost,highatomic by zone):");
        before.ifPresent(counters -> lines.add("  before: " + counters.line().text()));
        after.ifPresent(counters -> lines.add("  after:  " + counters.line().text()));
    }
}
