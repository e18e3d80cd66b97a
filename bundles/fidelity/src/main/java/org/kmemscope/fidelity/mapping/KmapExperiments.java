package org.kmemscope.fidelity.mapping;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.highmem.Highmem;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.Experiment;
import org.kmemscope.fidelity.file.Text;

/**
 * What a module was told that mapped pages in every way there is, from a machine that has just booted: nobody has used kmap before it.
 *
 * <p>Which pages it got is the page allocator's answer; they are taken over from the file, and the windows onto them are compared. Pages that
 * the file does not name are any pages of the same zone.
 */
final class KmapExperiments {
    private static final int PAGE_SIZE = Profile.PAGE_SIZE;
    private static final int PAGES = 12;
    private static final int NAMED = 10;
    private static final int DEEP = 15;
    private static final int NESTED = 3;
    private static final int SPARE_SLOTS = 8;
    /** Pages beyond the number of slots, so that the search goes round. */
    private static final int BEYOND = 128;

    private static final String KMAP = "kmap";
    private static final String PAGE_ADDRESS = "page_address";
    private static final String CYCLE = "kmap_same_page_cycle";
    private static final String WHICH_PAGES = "which pages the module got: what lay on the per-CPU lists is in no file";

    private final Machine machine;
    private final Kernel kernel;
    private final Highmem highmem;
    private final Findings findings;
    private final String file;
    private final boolean counts;
    /** What the calls of the module answered, by line: name, and the number that the line has in {@code n}. */
    private final Map<String, Map<String, String>> answers = new HashMap<>();

    KmapExperiments(Machine machine, Findings findings, String file) {
        this.machine = machine;
        this.findings = findings;
        this.file = file;
        kernel = Subject.kernel(machine);
        highmem = machine.highmem();
        counts = machine.profile().kernel().config().is("PREEMPT_COUNT");
    }

    /** Lines whose answer names the page that the module used, as no other does: a page of low memory. */
    private final Set<Integer> learnt = new HashSet<>();

    private long pages;

    void compare(List<Experiment> lines) {
        Map<String, Experiment> byName = new LinkedHashMap<>();
        lines.forEach(line -> byName.put(key(line.name(), line.fields().getOrDefault("n", "")), line));
        machine.locked(() -> {
            calls(byName);
            return null;
        });
        lines.forEach(this::compare);
        if (pages > 0) {
            findings.notModelled(pages, WHICH_PAGES);
        }
    }

    private static String key(String name, String number) {
        return name + " " + number;
    }

    // ---- the module's calls

    private void calls(Map<String, Experiment> lines) {
        Experiment low = lines.get(key("kmap_lowmem", ""));
        if (low != null) {
            int pfn = low.integer("pfn");
            int own = machine.pages().allocPages(machine.gfp().parse("GFP_KERNEL"), 0);
            tell(
                    "kmap_lowmem",
                    "",
                    Map.of(
                            "zone",
                            zone(own),
                            KMAP,
                            hex(highmem.kmap(pfn)),
                            PAGE_ADDRESS,
                            hex(highmem.pageAddress(pfn))));
            tell(
                    "kmap_local_lowmem",
                    "",
                    Map.of(KMAP, hex(highmem.kmapLocal(pfn)), PAGE_ADDRESS, hex(highmem.pageAddress(pfn))));
        }
        int mask = machine.gfp().parse("GFP_HIGHUSER");
        tell("highuser_zone", "", Map.of("zone", zone(machine.pages().allocPages(mask, 0))));
        int[] pages = new int[PAGES];
        for (int i = 0; i < PAGES; i++) {
            Experiment line = lines.get(key(KMAP, Integer.toString(i)));
            pages[i] = line == null ? unnamed(lines) : line.integer("pfn");
        }
        Experiment cycle = lines.get(key(CYCLE, "0"));
        if (cycle != null && machine.layout().isLinear(cycle.number(KMAP))) {
            pages[NAMED] = machine.layout().virtToPfn(cycle.number(KMAP));
            learnt.add(cycle.line());
        }
        persistent(pages);
        again(pages);
        walk(lines);
        nested(pages);
        fresh(lines);
        deep(pages);
    }

    /** A page of the zone that user pages come from, other than those that are named. */
    private int unnamed(Map<String, Experiment> lines) {
        int mask = machine.gfp().parse("GFP_HIGHUSER");
        while (true) {
            int pfn = machine.pages().allocPages(mask, 0);
            String text = hex(pfn);
            if (lines.values().stream()
                    .noneMatch(line -> text.equals(line.fields().get("pfn")))) {
                return pfn;
            }
        }
    }

    private void persistent(int[] pages) {
        for (int i = 0; i < NAMED; i++) {
            Map<String, String> told = new HashMap<>();
            told.put("before", hex(highmem.pageAddress(pages[i])));
            long address = highmem.kmap(pages[i]);
            told.put(KMAP, hex(address));
            told.put(PAGE_ADDRESS, hex(highmem.pageAddress(pages[i])));
            told.put("virt_addr_valid", kernel.virtAddrValid(address) ? "1" : "0");
            told.put("slot", Long.toString(slot(pages[i], address)));
            told.put("zone", zone(pages[i]));
            tell(KMAP, Integer.toString(i), told);
        }
        tell("kmap_twice", "", Map.of(KMAP, hex(highmem.kmap(pages[0]))));
        highmem.kunmap(pages[0]);
        for (int i = 0; i < NAMED; i++) {
            highmem.kunmap(pages[i]);
        }
        for (int i = 0; i < NESTED; i++) {
            tell("kunmapped", Integer.toString(i), Map.of(PAGE_ADDRESS, hex(highmem.pageAddress(pages[i]))));
        }
    }

    private long slot(int pfn, long address) {
        return machine.layout().isLowmem(pfn) ? -1 : (address - machine.layout().pkmapBase()) / PAGE_SIZE;
    }

    private void again(int[] pages) {
        for (int i = NAMED - 1; i >= 0; i--) {
            tell("kmap_again", Integer.toString(i), Map.of(KMAP, hex(highmem.kmap(pages[i]))));
            highmem.kunmap(pages[i]);
        }
        for (int i = 0; i < NESTED + 1; i++) {
            tell(CYCLE, Integer.toString(i), Map.of(KMAP, hex(highmem.kmap(pages[NAMED]))));
            highmem.kunmap(pages[NAMED]);
        }
    }

    /** Once round the table, then many held at a time. */
    private void walk(Map<String, Experiment> lines) {
        int slots = machine.layout().lastPkmap();
        int[] many = new int[machine.layout().isLowmem(unnamed(lines)) ? 0 : slots + BEYOND];
        Map<String, String> walked = new HashMap<>();
        walked.put("pages", Integer.toString(many.length));
        long before = 0;
        for (int i = 0; i < many.length; i++) {
            many[i] = unnamed(lines);
            long address = highmem.kmap(many[i]);
            highmem.kunmap(many[i]);
            if (i == 0) {
                walked.put("start", hex(address));
            } else if (Math.abs(address - before) != PAGE_SIZE) {
                walked.put("jump_at_" + i, hex(before) + "->" + hex(address));
            }
            before = address;
        }
        walked.put("end", hex(before));
        tell("kmap_walk", "", walked);
        if (many.length > 0) {
            tell(
                    "kmap_walk_after",
                    "",
                    Map.of(
                            "first_page_address", hex(highmem.pageAddress(many[0])),
                            "mid", hex(highmem.pageAddress(many[many.length / 2])),
                            "last", hex(highmem.pageAddress(many[many.length - 1]))));
            hold(many, slots - SPARE_SLOTS);
        }
    }

    private void hold(int[] many, int held) {
        for (int i = 0; i < held; i++) {
            tell("kmap_hold", Integer.toString(i), Map.of(KMAP, hex(highmem.kmap(many[i]))));
        }
        for (int i = 0; i < held; i++) {
            highmem.kunmap(many[i]);
        }
    }

    private void nested(int[] pages) {
        long[] windows = new long[NESTED];
        for (int i = 0; i < NESTED; i++) {
            windows[i] = highmem.kmapAtomic(pages[i], "");
        }
        Map<String, String> atomic = abc(windows);
        atomic.put("cpu", Integer.toString(machine.context().cpu()));
        atomic.put("page_address_a", hex(highmem.pageAddress(pages[0])));
        atomic.put("in_atomic", counts && machine.context().inAtomic() ? "1" : "0");
        atomic.put("preempt_count", preemptCount());
        tell("kmap_atomic", "", atomic);
        for (int i = NESTED - 1; i >= 0; i--) {
            highmem.kunmapAtomic(windows[i]);
        }
        for (int i = 0; i < NESTED; i++) {
            windows[i] = highmem.kmapLocal(pages[i]);
        }
        Map<String, String> local = abc(windows);
        local.put("idx", Long.toString(localWindows()));
        local.put("preempt_count", preemptCount());
        tell("kmap_local", "", local);
        for (int i = NESTED - 1; i >= 0; i--) {
            highmem.kunmapLocal(windows[i]);
        }
        long again = highmem.kmapLocal(pages[0]);
        tell("kmap_local_again", "", Map.of("a", hex(again)));
        highmem.kunmapLocal(again);
    }

    private static Map<String, String> abc(long[] windows) {
        return new HashMap<>(Map.of("a", hex(windows[0]), "b", hex(windows[1]), "c", hex(windows[2])));
    }

    /** A kernel without {@code CONFIG_PREEMPT_COUNT} counts nothing; the model always does. */
    private String preemptCount() {
        return hex(counts ? machine.context().preemptCount() : 0);
    }

    private long localWindows() {
        return highmem.windows().stream()
                .filter(window -> window.kind().equals("kmap_local"))
                .count();
    }

    private void fresh(Map<String, Experiment> lines) {
        Experiment line = lines.get(key("kmap_local_fresh", ""));
        int pfn = line == null ? unnamed(lines) : line.integer("pfn");
        long alone = highmem.kmapLocal(pfn);
        tell("kmap_local_fresh", "", Map.of("a", hex(alone), PAGE_ADDRESS, hex(highmem.pageAddress(pfn))));
        highmem.kunmapLocal(alone);
        long persistent = highmem.kmap(pfn);
        long local = highmem.kmapLocal(pfn);
        tell("kmap_then_local", "", Map.of(KMAP, hex(persistent), "local", hex(local)));
        highmem.kunmapLocal(local);
        highmem.kunmap(pfn);
    }

    private void deep(int[] pages) {
        List<Long> windows = new ArrayList<>();
        for (int i = 0; i < DEEP; i++) {
            windows.add(highmem.kmapLocal(pages[i % PAGES]));
        }
        tell(
                "kmap_local_depth",
                "15",
                Map.of(
                        "first", hex(windows.get(0)),
                        "last", hex(windows.get(DEEP - 1)),
                        "idx", Long.toString(localWindows())));
        for (int i = DEEP - 1; i >= 0; i--) {
            highmem.kunmapLocal(windows.get(i));
        }
    }

    private static String hex(long value) {
        return Text.hex(value);
    }

    private String zone(int pfn) {
        return machine.pages().zoneType(machine.frames().zone(pfn)).label();
    }

    private void tell(String name, String number, Map<String, String> fields) {
        answers.put(key(name, number), fields);
    }

    // ---- against the file

    private void compare(Experiment line) {
        String number = line.fields().getOrDefault("n", "");
        Map<String, String> modelled = answers.getOrDefault(key(line.name(), number), Map.of());
        String title = line.name() + (number.isEmpty() ? "" : " " + number) + ": ";
        line.fields().forEach((field, captured) -> {
            if (field.equals("pfn") || learnt.contains(line.line()) && field.equals(KMAP)) {
                pages++;
            } else if (!field.equals("n")) {
                findings.compare(
                        title + field, captured, modelled.getOrDefault(field, "no answer"), file + ":" + line.line());
            }
        });
    }
}
