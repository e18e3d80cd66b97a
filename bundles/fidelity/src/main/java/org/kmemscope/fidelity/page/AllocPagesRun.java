package org.kmemscope.fidelity.page;

import java.util.Optional;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.Text;

/**
 * Makes requests for pages again, one after the other. Facts of each: whether it is served, the zone, the page, whether it is compound, its
 * count, its address; and for each zone the free blocks while it is held and afterwards.
 *
 * <p>The page itself can be told only while the zone's lists are known. Else it is known from which order the block came, and the page
 * must be the first of such a block.
 */
final class AllocPagesRun {
    /** Above this order the module asks with {@code __GFP_NORETRY}. */
    private static final int COSTLY = 3;

    private final Replica replica;
    private final Machine machine;
    private final Findings findings;
    private final Optional<Long> memMap;
    private long unknownBlocks;
    private long disturbed;
    private long unmade;
    private long structPages;

    /**
     * @param memMap where boot has put {@code mem_map}, if that is told
     */
    AllocPagesRun(Replica replica, Optional<Long> memMap, Findings findings) {
        this.memMap = memMap;
        this.replica = replica;
        this.machine = replica.machine();
        this.findings = findings;
    }

    /** Reports what could not be compared. */
    void finish() {
        tell(
                unknownBlocks,
                "which block of a list is taken: after the dump of the free lists others had taken and given back pages of the zone");
        tell(
                disturbed,
                "free blocks of a zone in which others took or gave back pages meanwhile, or kept some on a per-CPU list that is not told");
        tell(unmade, "requests at counts of free blocks for which the model's zone has no room");
        tell(structPages, "addresses of struct page: where mem_map lies depends on what boot puts around it");
    }

    private void tell(long facts, String what) {
        if (facts > 0) {
            findings.notModelled(facts, what);
        }
    }

    void compare(PageExperiment experiment, String file) {
        boolean held = !experiment.drained();
        int mask = mask(experiment, held);
        Optional<Taken> taken = experiment.taken(machine, mask);
        if (!replica.follow(experiment.before(), experiment.zone(), taken)) {
            unmade++;
            return;
        }
        String what = experiment.text() + (held ? " held" : "");
        String where = file + ":" + experiment.request().line();
        int pfn = machine.locked(() -> machine.pages().allocPages(mask, experiment.order()));
        findings.compare(what, served(experiment.served()), served(pfn != PageAllocator.NONE), where);
        if (pfn == PageAllocator.NONE || !experiment.served()) {
            return;
        }
        String zone = machine.pages().zoneType(machine.frames().zone(pfn)).label();
        findings.compare(what + ": zone", experiment.zone(), zone, where);
        if (replica.knows(experiment.zone()) || taken.isPresent()) {
            String fact = replica.knows(experiment.zone()) ? ": pfn" : ": pfn, of a block of that order";
            findings.compare(what + fact, Text.hex(experiment.pfn()), Text.hex(pfn), where);
        } else {
            disturbed++;
        }
        unknownBlocks += replica.knows(experiment.zone()) ? 0 : 1;
        fields(experiment, what, where, pfn);
        if (experiment.drained()) {
            machine.locked(() -> {
                machine.pages().drainAllPages();
                return null;
            });
        }
        blocks(experiment, what + ": free blocks", experiment.after(), true, where);
        machine.locked(() -> {
            machine.pages().freePages(pfn, experiment.order());
            machine.pages().drainAllPages();
            return null;
        });
        blocks(experiment, what + ": free blocks when freed", experiment.freed(), false, where);
    }

    private static String served(boolean served) {
        return served ? "served" : "FAILED";
    }

    private int mask(PageExperiment experiment, boolean held) {
        String flags = experiment.request().get("flags");
        int mask = experiment.request().has("gfp")
                ? experiment.request().integer("gfp")
                : machine.gfp().parse(flags);
        boolean once = held || experiment.order() > COSTLY;
        return mask | machine.gfp().of(Gfp.__GFP_NOWARN) | (once ? machine.gfp().of(Gfp.__GFP_NORETRY) : 0);
    }

    /** What else the module printed of the page. */
    private void fields(PageExperiment experiment, String what, String where, int pfn) {
        if (!experiment.request().has("compound")) {
            return;
        }
        boolean compound = machine.frames().is(pfn, PageFlag.HEAD);
        findings.compare(what + ": compound", experiment.request().get("compound"), compound ? "1" : "0", where);
        findings.compare(
                what + ": count",
                experiment.request().get("count"),
                Integer.toString(machine.frames().count(pfn)),
                where);
        boolean high = machine.pages().zoneType(machine.frames().zone(pfn)).isHighmem();
        findings.compare(what + ": highmem", experiment.request().get("highmem"), high ? "1" : "0", where);
        // of the kernel's page, as the model's may be another one
        int theirs = experiment.pfn();
        findings.compare(
                what + ": phys", experiment.request().get("phys"), Text.hex(PageExperiment.phys(theirs)), where);
        findings.compare(
                what + ": page_address",
                experiment.request().get("page_address"),
                Text.hex(Subject.kernel(machine).pageAddress(theirs)),
                where);
        if (memMap.isPresent()) {
            findings.compare(
                    what + ": struct page",
                    experiment.request().get("struct_page"),
                    Text.hex(structPage(memMap.get(), theirs)),
                    where);
        } else {
            structPages++;
        }
    }

    /** {@code mem_map} has the structures of all frames side by side, from the first frame of RAM on. */
    private long structPage(long first, int pfn) {
        long frames = pfn - PageExperiment.frames(machine.profile().arch().physOffset());
        return first + frames * machine.profile().kernel().structPageSize();
    }

    private void blocks(PageExperiment experiment, String what, FreeBlocks later, boolean held, String where) {
        for (String zone : experiment.before().zones().keySet()) {
            if (experiment.isDisturbed(zone, later, held)) {
                disturbed++;
                continue;
            }
            String captured =
                    later.zones().containsKey(zone) ? later.zones().get(zone).text() : "none";
            findings.compare(what + " of " + zone, captured, replica.zone(zone).text(), where);
        }
    }
}
