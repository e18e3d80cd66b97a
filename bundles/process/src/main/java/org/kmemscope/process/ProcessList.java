package org.kmemscope.process;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.UserTables;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.reclaim.PageOwner;

/** The processes by their ids, in order of their start, and which of them map a page ({@code rmap}). */
final class ProcessList {
    private final PageFrames frames;
    private final Map<Integer, Process> byPid = new LinkedHashMap<>();

    ProcessList(PageFrames frames) {
        this.frames = frames;
    }

    Collection<Process> all() {
        return byPid.values();
    }

    boolean has(int pid) {
        return byPid.containsKey(pid);
    }

    void add(Process process) {
        byPid.put(process.pid, process);
    }

    void remove(Process process) {
        byPid.remove(process.pid);
    }

    void clear() {
        byPid.clear();
    }

    /** The process with an id; the error names those that there are. */
    Process known(int pid) {
        Process process = byPid.get(pid);
        if (process == null) {
            String others = byPid.isEmpty()
                    ? "; spawn one"
                    : "; there are "
                            + String.join(
                                    ", ",
                                    byPid.values().stream()
                                            .map(other -> other.pid + " (" + other.comm + ")")
                                            .toList());
            throw new IllegalArgumentException("no task has pid " + pid + others);
        }
        return process;
    }

    /** Where a page lies in the address spaces that map it. */
    long addressOf(int pfn) {
        return (long) frames.index(pfn) << Profile.PAGE_SHIFT;
    }

    /**
     * The processes that map a page. All of them have it at the same address: they are copies of each other, and pages do not move within
     * an address space.
     */
    List<Process> mapping(int pfn) {
        int family = PageOwner.keyOf(frames.mapping(pfn));
        long virt = addressOf(pfn);
        return byPid.values().stream()
                .filter(process -> process.family == family)
                .filter(process -> maps(process.tables, virt, pfn))
                .toList();
    }

    private static boolean maps(UserTables tables, long virt, int pfn) {
        return tables.entry(virt).phys() == (long) pfn << Profile.PAGE_SHIFT;
    }
}
