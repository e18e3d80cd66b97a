package org.kmemscope.fidelity.mapping;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.vmalloc.Vmalloc;
import org.kmemscope.api.vmalloc.VmallocState;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.AreaLine;

/**
 * Areas that a process made the kernel allocate: sets of semaphores larger than a page come from vmalloc.
 *
 * <ol>
 *   <li>{@code vm-before}: the areas that are there.
 *   <li>{@code vm-after-alloc}: 24 sets of eight sizes were made, one after the other ({@code vm-sem.txt}).
 *   <li>{@code vm-after-free-half}: every second one was removed, from the first on.
 *   <li>{@code vm-after-refill6}: six more of the smallest size.
 *   <li>{@code vm-after-free-all}: all were removed.
 * </ol>
 *
 * <p>How many pages a set needs is what the kernel asked for, and so an input; where its area comes to lie is compared. The memory of a
 * set is given back by a work item after a grace period of RCU, and the list may be read before.
 */
final class SemaphoreAreas {
    private static final String SETS = "vm-sem.txt";
    private static final String BEFORE = "vm-before-proc-vmallocinfo.txt";
    private static final String FULL = "vm-after-alloc-proc-vmallocinfo.txt";
    private static final String HALF = "vm-after-free-half-proc-vmallocinfo.txt";
    private static final String REFILLED = "vm-after-refill6-proc-vmallocinfo.txt";
    private static final String EMPTY = "vm-after-free-all-proc-vmallocinfo.txt";
    private static final Pattern SET = Pattern.compile("i=\\d+ nsems=(\\d+) id=\\d+.*");
    private static final String DEFERRED =
            "areas that were given up and are still listed: their memory is freed by a work item"
                    + " after a grace period of RCU, and when that ran is in no file";
    private static final String GONE = "gone";

    private final Subject subject;
    private final Findings findings;
    private final Map<Long, AreaLine> before = new TreeMap<>();
    private final Map<Long, AreaLine> full = new TreeMap<>();
    private Machine machine;
    private Vmalloc vmalloc;
    private long deferred;

    SemaphoreAreas(Subject subject, Findings findings) {
        this.subject = subject;
        this.findings = findings;
    }

    /** Whether the capture has the experiment. */
    boolean captured() {
        return subject.lines(SETS).isPresent()
                && subject.lines(BEFORE).isPresent()
                && subject.lines(FULL).isPresent();
    }

    void compare() {
        read(BEFORE).forEach(line -> before.put(line.start(), line));
        read(FULL).stream()
                .filter(line -> !before.containsKey(line.start()))
                .forEach(line -> full.put(line.start(), line));
        List<Integer> pages = pagesOfSets();
        if (pages.size() != full.size()) {
            findings.notModelled(
                    full.size(),
                    SETS + " tells " + pages.size() + " sets, " + FULL + " has " + full.size()
                            + " more areas than before");
            return;
        }
        machine = subject.cloned(startState());
        vmalloc = machine.vmalloc();
        List<Long> sets = new ArrayList<>();
        for (int count : pages) {
            sets.add(allocate(count));
        }
        areas(FULL, full, sets);
        List<Long> removed = new ArrayList<>();
        for (int i = 0; i < sets.size(); i += 2) {
            removed.add(sets.get(i));
        }
        gone(HALF, removed);
        refill(sets, removed, pages.stream().mapToInt(Integer::intValue).min().orElse(1));
        if (deferred > 0) {
            findings.notModelled(deferred, DEFERRED);
        }
    }

    private VmallocState startState() {
        Machine plain = subject.booted();
        boolean keeps = plain.profile().arch().arch() == ArchSpec.Arch.ARM
                && plain.profile().kernel().version().isAtLeast(2, 6, 28);
        long gap = plain.locked(() -> {
            long first = plain.vmalloc().vmalloc(1);
            long second = plain.vmalloc().vmalloc(1);
            return second - plain.vmalloc().areaAt(first).orElseThrow().end();
        });
        return new BootAreas(before.values()).state(plain.layout().vmallocStart(), keeps, gap);
    }

    private List<AreaLine> read(String file) {
        return AreaLine.read(file, subject.lines(file).orElse(List.of()));
    }

    /** Pages of each set in the order in which they were made: larger sets have larger areas. */
    private List<Integer> pagesOfSets() {
        List<Integer> semaphores = new ArrayList<>();
        for (String line : subject.lines(SETS).orElse(List.of())) {
            Matcher set = SET.matcher(line);
            if (set.matches()) {
                semaphores.add(Integer.parseInt(set.group(1)));
            }
        }
        List<Integer> sorted = semaphores.stream().sorted().toList();
        List<Integer> pages = full.values().stream()
                .map(area -> (int) ((area.end() - area.start()) / Profile.PAGE_SIZE) - 1)
                .sorted()
                .toList();
        if (pages.size() != sorted.size()) {
            return semaphores;
        }
        Map<Integer, Integer> bySize = new LinkedHashMap<>();
        for (int i = 0; i < sorted.size(); i++) {
            bySize.put(sorted.get(i), pages.get(i));
        }
        return semaphores.stream().map(bySize::get).toList();
    }

    private long allocate(int pages) {
        return machine.locked(() -> vmalloc.vmalloc((long) pages * Profile.PAGE_SIZE));
    }

    private String range(long address) {
        return machine.locked(() -> vmalloc.areaAt(address))
                .map(area -> String.format("%08x-%08x", area.start(), area.end()))
                .orElse("no room");
    }

    /** Compares areas by their place in the order of addresses. */
    private void areas(String file, Map<Long, AreaLine> captured, List<Long> modelled) {
        List<String> mine = modelled.stream().sorted().map(this::range).toList();
        List<AreaLine> theirs = captured.values().stream()
                .sorted(Comparator.comparingLong(AreaLine::start))
                .toList();
        for (int i = 0; i < Math.max(mine.size(), theirs.size()); i++) {
            findings.compare(
                    file + ": new area " + i,
                    i < theirs.size() ? theirs.get(i).range() : "none",
                    i < mine.size() ? mine.get(i) : "none",
                    i < theirs.size() ? theirs.get(i).where() : file);
        }
    }

    /** Areas that were given up: each is gone, or waits still. */
    private void gone(String file, List<Long> removed) {
        if (subject.lines(file).isEmpty()) {
            return;
        }
        List<Long> listed = read(file).stream().map(AreaLine::start).toList();
        for (long address : List.copyOf(removed)) {
            if (listed.contains(address)) {
                deferred++;
            } else {
                String range = range(address);
                machine.locked(() -> {
                    vmalloc.vfree(address);
                    return null;
                });
                boolean there = machine.locked(vmalloc::areas).stream().anyMatch(area -> area.start() == address);
                findings.compare(file + ": area " + range, GONE, there ? range : GONE, file);
                removed.remove(address);
            }
        }
    }

    private void refill(List<Long> sets, List<Long> removed, int pages) {
        if (subject.lines(REFILLED).isEmpty()) {
            return;
        }
        Map<Long, AreaLine> added = new TreeMap<>();
        read(REFILLED).stream()
                .filter(line -> !before.containsKey(line.start()) && !full.containsKey(line.start()))
                .forEach(line -> added.put(line.start(), line));
        List<Long> more = new ArrayList<>();
        for (int i = 0; i < added.size(); i++) {
            more.add(allocate(pages));
        }
        areas(REFILLED, added, more);
        gone(REFILLED, removed);
        List<Long> rest = new ArrayList<>(removed);
        for (int i = 1; i < sets.size(); i += 2) {
            rest.add(sets.get(i));
        }
        rest.addAll(more);
        gone(EMPTY, rest);
    }
}
