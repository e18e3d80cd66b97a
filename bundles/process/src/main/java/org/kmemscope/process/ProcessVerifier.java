package org.kmemscope.process;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.mmu.UserTables.Entry;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.reclaim.PageOwner;

/**
 * Checks processes against their page tables, and pages against those who map them.
 *
 * <ol>
 *   <li>Areas lie in user space and do not overlap; what a page table maps lies in one, and is writable only where the area is.
 *   <li>A page is of the family of the process, at the address it was made for.
 *   <li>A page is mapped as often as it says; nobody may write to one that several map; one that nobody maps is in the swap cache.
 *   <li>The counts of a process are those of its page tables.
 *   <li>The page of zeros is zero.
 * </ol>
 */
final class ProcessVerifier {
    private static final int SHIFT = Profile.PAGE_SHIFT;
    private static final long PAGE_SIZE = Profile.PAGE_SIZE;

    private final Basis basis;
    private final PageFrames frames;
    private final ProcessList processes;
    private final AnonPages pages;
    private final Map<Integer, Integer> mappings = new HashMap<>();
    private Verification report;

    ProcessVerifier(Basis basis, ProcessList processes, AnonPages pages) {
        this.basis = basis;
        this.processes = processes;
        this.pages = pages;
        frames = basis.frames;
    }

    void verify(Verification to) {
        report = to;
        processes.all().forEach(this::process);
        for (int pfn = frames.firstPfn(); pfn < frames.endPfn(); pfn++) {
            if (pages.owns(pfn)) {
                page(pfn);
            }
        }
        if (basis.rules.zeroPage() != PageFrames.NONE && !processes.all().isEmpty()) {
            zeros((long) basis.rules.zeroPage() << SHIFT);
        }
    }

    private void process(Process process) {
        process.tables.verify(report);
        long end = 0;
        for (Area area : process.areas.all()) {
            report.check(
                    area.start() >= end && area.end() > area.start() && area.end() <= basis.rules.taskSize(),
                    "pid %d: area 0x%08x-0x%08x overlaps another, or user space",
                    process.pid,
                    area.start(),
                    area.end());
            end = area.end();
        }
        long resident = 0;
        long swapped = 0;
        long last = basis.rules.taskSize();
        for (long virt = process.tables.next(0, last);
                virt < last;
                virt = process.tables.next(virt + PAGE_SIZE, last)) {
            Entry entry = process.tables.entry(virt);
            entry(process, virt, entry);
            swapped += entry.slot() != 0 ? 1 : 0;
            resident += KernelProcesses.isPage(basis.rules, entry) ? 1 : 0;
        }
        report.check(
                resident == process.resident && swapped == process.swapped,
                "pid %d counts %d pages in memory and %d in swap, its tables have %d and %d",
                process.pid,
                process.resident,
                process.swapped,
                resident,
                swapped);
    }

    private void entry(Process process, long virt, Entry entry) {
        boolean mayWrite = process.areas.at(virt).filter(Area::writable).isPresent();
        report.check(
                process.areas.at(virt).isPresent() && (!entry.writable() || mayWrite),
                "pid %d: 0x%08x is mapped, and no area allows it",
                process.pid,
                virt);
        if (!KernelProcesses.isPage(basis.rules, entry)) {
            report.check(
                    !entry.present() || !entry.writable(),
                    "pid %d may write to the page of zeros at 0x%08x",
                    process.pid,
                    virt);
            return;
        }
        int pfn = (int) (entry.phys() >>> SHIFT);
        boolean known = frames.isValid(pfn)
                && pages.owns(pfn)
                && PageOwner.keyOf(frames.mapping(pfn)) == process.family
                && processes.addressOf(pfn) == virt;
        report.check(known, "pid %d maps pfn 0x%x at 0x%08x, which is not its page", process.pid, pfn, virt);
        if (known) {
            mappings.merge(pfn, 1, Integer::sum);
            report.check(
                    !entry.writable() || frames.mapCount(pfn) == 1,
                    "pid %d may write to pfn 0x%x, which others map too",
                    process.pid,
                    pfn);
        }
    }

    private void page(int pfn) {
        int found = mappings.getOrDefault(pfn, 0);
        int writers = frames.is(pfn, PageFlag.WRITEBACK) ? 1 : 0;
        report.check(
                frames.mapCount(pfn) == found && frames.count(pfn) == AnonPages.references(found) + writers,
                "pfn 0x%x is mapped %d times and has %d references, but page tables have it %d times",
                pfn,
                frames.mapCount(pfn),
                frames.count(pfn),
                found);
        report.check(
                found > 0 || frames.is(pfn, PageFlag.SWAPCACHE),
                "pfn 0x%x belongs to processes, none of which maps it, and is not in the swap cache",
                pfn);
        List<PageFlag> wrong = PageFlag.of(frames.flags(pfn)).stream()
                .filter(flag -> flag == PageFlag.SLAB || flag == PageFlag.BUDDY || flag == PageFlag.PCP)
                .toList();
        report.check(wrong.isEmpty(), "pfn 0x%x belongs to a process, and has flags %s", pfn, wrong);
    }

    private void zeros(long phys) {
        boolean zero = true;
        for (long at = phys; zero && at < phys + PAGE_SIZE; at += Long.BYTES) {
            zero = basis.floor.ram().read64(at) == 0;
        }
        report.check(zero, "the page of zeros at 0x%x is not zero", phys);
    }
}
