package org.kmemscope.fidelity.page;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.file.Experiment;
import org.kmemscope.fidelity.file.Text;

/** Takes blocks, splits them and frees their pages in the order in which a module did; takes runs of single pages. */
final class BuddyRun {
    private static final int HEX = 16;

    private final Replica replica;
    private final Machine machine;
    private final Findings findings;
    private final String file;
    private long unknownBlocks;
    private long unknownPages;
    private long disturbed;
    private long neighbours;
    private long unmade;

    BuddyRun(Replica replica, Findings findings, String file) {
        this.replica = replica;
        this.machine = replica.machine();
        this.findings = findings;
        this.file = file;
    }

    /**
     * What the module printed after it had freed a page.
     *
     * @param index which page it was, from 0; not every one is told
     * @param freed its distance from the start of the block
     * @param region the free blocks then, as {@link Region#text} tells them
     * @param line line of the file
     */
    record Step(int index, int freed, String region, int line) {
        private static final Pattern LINE = Pattern.compile("STEP (\\d+) freed=(\\d+) region=\\[(.*)]");

        static Step of(String text, int line) {
            Matcher step = LINE.matcher(text);
            if (!step.matches()) {
                throw new IllegalArgumentException(
                        "line " + line + " is no step like 'STEP 0 freed=0 region=[0:o0 ]': " + text);
            }
            return new Step(
                    Integer.parseInt(step.group(1)),
                    Integer.parseInt(step.group(2)),
                    step.group(3).strip(),
                    line);
        }
    }

    /** The orders in which pages are freed. */
    private enum Sequence {
        ASCENDING,
        DESCENDING,
        EVEN_THEN_ODD,
        OUTSIDE_IN;

        static Optional<Sequence> of(String name) {
            return Arrays.stream(values())
                    .filter(some -> some.name().equalsIgnoreCase(name))
                    .findFirst();
        }

        /** Which page is freed as the {@code i}th of {@code n}. */
        int page(int i, int n) {
            return switch (this) {
                case ASCENDING -> i;
                case DESCENDING -> n - 1 - i;
                case EVEN_THEN_ODD -> i < n / 2 ? 2 * i : 2 * (i - n / 2) + 1;
                case OUTSIDE_IN -> i % 2 == 1 ? n - 1 - i / 2 : i / 2;
            };
        }
    }

    void finish() {
        tell(
                unknownBlocks + unknownPages,
                "which block of a list is taken: after the dump of the free lists others had taken and given back pages of the zone");
        tell(disturbed, "free blocks of a zone in which others took or gave back pages meanwhile");
        tell(neighbours, "last steps of blocks where it is not told whether the block beside was free");
        tell(unmade, "steps at counts of free blocks for which the model's zone has no room");
    }

    private void tell(long facts, String what) {
        if (facts > 0) {
            findings.notModelled(facts, what);
        }
    }

    /** One block. */
    void compare(PageExperiment block, List<Step> steps) {
        Experiment request = block.request();
        int order = block.order();
        int mask = machine.gfp().parse(request.get("flags"))
                | machine.gfp().of(Gfp.__GFP_NOWARN)
                | machine.gfp().of(Gfp.__GFP_NORETRY);
        String what = request.get("flags") + " block of order " + order + ", freed " + request.get("how");
        Taken taken = block.taken(machine, mask)
                .orElseGet(() -> Taken.guessed(block.pfn(), order, machine.gfp().migrateType(mask)));
        Optional<Sequence> sequence = Sequence.of(request.get("how"));
        if (sequence.isEmpty() || !replica.follow(block.before(), block.zone(), Optional.of(taken))) {
            unmade += steps.size();
            return;
        }
        int pfn = machine.pages().allocPages(mask, order);
        String where = file + ":" + request.line();
        findings.compare(what + ": pfn", Text.hex(block.pfn()), pfn < 0 ? "FAILED" : Text.hex(pfn), where);
        unknownBlocks += replica.knows(block.zone()) ? 0 : 1;
        blocks(block, what + ": free blocks when taken", block.after(), true);
        if (pfn == PageAllocator.NONE) {
            return;
        }
        machine.pages().splitPage(pfn, order);
        boolean endTold = taken.certain() || replica.knows(block.zone());
        List<Step> told = endTold ? steps : steps.subList(0, Math.max(0, steps.size() - 1));
        neighbours += steps.size() - told.size();
        free(pfn, order, sequence.get(), told, what);
        blocks(block, what + ": free blocks at the end", block.freed(), false);
    }

    private void free(int pfn, int order, Sequence sequence, List<Step> steps, String what) {
        int next = 0;
        int pages = 1 << order;
        for (int i = 0; i < pages; i++) {
            int page = sequence.page(i, pages);
            machine.pages().freePages(pfn + page, 0);
            if (next < steps.size() && steps.get(next).index() == i) {
                machine.pages().drainAllPages();
                compare(steps.get(next), page, pfn, order, what);
                next++;
            }
        }
        machine.pages().drainAllPages();
    }

    private void compare(Step step, int page, int pfn, int order, String what) {
        if (Region.frames(step.region(), order) != step.index() + 1L) {
            disturbed++;
            return;
        }
        findings.compare(
                what + ": step " + step.index(),
                step.freed() + " freed: " + step.region(),
                page + " freed: " + Region.text(machine, pfn, order),
                file + ":" + step.line());
    }

    private void blocks(PageExperiment block, String what, FreeBlocks later, boolean held) {
        for (String zone : block.before().zones().keySet()) {
            if (block.isDisturbed(zone, later, held)) {
                disturbed++;
                continue;
            }
            FreeBlocks.Zone captured = later.zones().get(zone);
            FreeBlocks.Zone modelled = replica.zone(zone);
            findings.compare(
                    what + " of " + zone,
                    captured.text() + " and " + captured.perCpu() + " pages on lists",
                    modelled.text() + " and " + modelled.perCpu() + " pages on lists",
                    file + ":" + later.line());
        }
    }

    /**
     * A run of single pages.
     *
     * @param around free blocks before it, when the pages are taken, when they are freed, and when per-CPU lists are emptied after that
     */
    void compare(Experiment run, List<FreeBlocks> around) {
        List<Integer> captured = pfns(run.get("pfns"));
        if (!replica.follow(around.get(0), "", Optional.empty())) {
            unmade += captured.size();
            return;
        }
        int mask = machine.gfp().parse(run.get("flags"));
        List<Integer> modelled = new ArrayList<>();
        captured.forEach(page -> modelled.add(machine.pages().allocPages(mask, 0)));
        String what = "run of " + captured.size() + " pages, " + run.get("flags");
        String where = file + ":" + run.line();
        String zone = zone(captured.get(0));
        findings.compare(what + ": zone", zone, zone(modelled.get(0)), where);
        if (replica.knows(zone)) {
            for (int i = 0; i < captured.size(); i++) {
                findings.compare(what + ": page " + i, Text.hex(captured.get(i)), Text.hex(modelled.get(i)), where);
            }
        } else {
            unknownPages += captured.size();
        }
        lists(what + ", taken", around, 1, zone, captured.size());
        modelled.stream().filter(pfn -> pfn >= 0).forEach(pfn -> machine.pages().freePages(pfn, 0));
        lists(what + ", freed", around, 2, zone, 0);
        machine.pages().drainAllPages();
        lists(what + ", lists emptied", around, 3, zone, 0);
    }

    private String zone(int pfn) {
        return pfn < 0
                ? "none"
                : machine.pages().zoneType(machine.frames().zone(pfn)).label();
    }

    /** Pages in blocks and on lists; which orders the blocks have depends on which were taken. */
    private void lists(String what, List<FreeBlocks> around, int moment, String taken, long held) {
        around.get(moment).zones().forEach((zone, captured) -> {
            FreeBlocks.Zone before = around.get(0).zones().get(zone);
            long own = zone.equals(taken) ? held : 0;
            if (before.pagesWithLists() - own != captured.pagesWithLists()) {
                disturbed++;
                return;
            }
            FreeBlocks.Zone modelled = replica.zone(zone);
            findings.compare(
                    what + ": pages free and on lists of " + zone,
                    captured.pages() + " and " + captured.perCpu(),
                    modelled.pages() + " and " + modelled.perCpu(),
                    file + ":" + around.get(moment).line());
        });
    }

    private static List<Integer> pfns(String text) {
        return Arrays.stream(text.split(","))
                .map(pfn -> Integer.parseInt(pfn, HEX))
                .toList();
    }
}
