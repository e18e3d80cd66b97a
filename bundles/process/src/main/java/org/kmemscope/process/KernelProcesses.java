package org.kmemscope.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.error.TaskKilled;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.mmu.UserTables.Entry;
import org.kmemscope.api.mmu.Walk;
import org.kmemscope.api.process.Processes;
import org.kmemscope.api.reclaim.OomTasks;
import org.kmemscope.api.reclaim.PageOwner;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.TaskView;
import org.kmemscope.api.view.UserAreaView;

/** The processes of a machine: what they ask for, and how they begin and end. */
final class KernelProcesses implements Processes, OomTasks {
    private static final String NAME = "process";
    private static final int SHIFT = Profile.PAGE_SHIFT;
    private static final long PAGE_SIZE = Profile.PAGE_SIZE;
    private static final int MOST_COMM = 15;
    private static final String FAULT = "handle_mm_fault";

    private final Basis basis;
    private final UserRules rules;
    private final ProcessList processes;
    private final AnonPages pages;
    private final PageFaults faults;
    private final AddressSpace spaces;
    private int nextFamily = 1;

    KernelProcesses(Basis basis) {
        this.basis = basis;
        rules = basis.rules;
        processes = new ProcessList(basis.frames);
        pages = new AnonPages(basis, processes);
        faults = new PageFaults(basis, pages, this);
        spaces = new AddressSpace(basis, pages);
        basis.reclaim.addTasks(this);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public long taskSize() {
        return rules.taskSize();
    }

    // ---- begin and end

    @Override
    public int spawn(String comm, int uid) {
        if (comm.isEmpty() || comm.length() > MOST_COMM) {
            throw new IllegalArgumentException("a task's name has 1 to " + MOST_COMM + " characters");
        }
        Process process = create(basis.host.newPid(), uid, comm, nextFamily++ & PageOwner.KEY_MASK)
                .orElseThrow(() -> new IllegalArgumentException("fork: Cannot allocate memory"));
        process.areas.add(new Area(rules.taskSize() - UserRules.FIRST_STACK, rules.taskSize(), true, Area.Kind.STACK));
        process.brk = rules.heapStart();
        return process.pid;
    }

    private Optional<Process> create(int pid, int uid, String comm, int family) {
        Optional<Process> made = basis.tables
                .newTables()
                .map(own -> new Process(pid, uid, comm, basis.floor.clock().jiffies(), family, own));
        made.ifPresent(processes::add);
        return made;
    }

    @Override
    public int fork(int pid) {
        Process parent = processes.known(pid);
        if (!basis.reclaim.enoughMemory(parent.totalPages())) {
            return (int) NO_MEMORY;
        }
        Optional<Process> made = create(basis.host.newPid(), parent.uid, parent.comm, parent.family);
        if (made.isEmpty()) {
            return (int) NO_MEMORY;
        }
        Process child = made.get();
        child.areas.copyFrom(parent.areas);
        child.heap.copyFrom(parent.heap);
        parent.touched.forEach(range -> child.touched.addLast(range.clone()));
        child.brk = parent.brk;
        child.oomAdjust = parent.oomAdjust;
        if (!spaces.copy(parent, child)) {
            end(child);
            return (int) NO_MEMORY;
        }
        if (basis.trace.on(TracePoint.SCHED_PROCESS_FORK)) {
            int comm = basis.trace.callSites().id(parent.comm);
            basis.trace.fire(TracePoint.SCHED_PROCESS_FORK, comm, parent.pid, comm, child.pid);
        }
        return child.pid;
    }

    @Override
    public void exit(int pid) {
        end(processes.known(pid));
    }

    @Override
    public void kill(int pid) {
        end(processes.known(pid));
    }

    /** {@code exit_mmap()}. */
    void end(Process process) {
        if (basis.trace.on(TracePoint.SCHED_PROCESS_EXIT)) {
            basis.trace.fire(
                    TracePoint.SCHED_PROCESS_EXIT, basis.trace.callSites().id(process.comm), process.pid);
        }
        spaces.unmap(process, 0, rules.taskSize());
        process.tables.free(0, rules.taskSize());
        process.tables.freeTop();
        processes.remove(process);
    }

    // ---- areas

    @Override
    public long mmap(int pid, long hint, long bytes, boolean writable) {
        Process process = processes.known(pid);
        long size = pageAlign(bytes);
        if (size > rules.taskSize() - hint) {
            return NO_MEMORY;
        }
        checkRange(hint, size);
        long start = hint != 0 && process.areas.isFree(hint, hint + size) ? hint : spaces.place(process, size);
        if (start < 0 || writable && !basis.reclaim.enoughMemory(size >>> SHIFT)) {
            return NO_MEMORY;
        }
        process.areas.add(new Area(start, start + size, writable, Area.Kind.ANONYMOUS));
        return start;
    }

    private static long pageAlign(long bytes) {
        return (bytes + PAGE_SIZE - 1) & -PAGE_SIZE;
    }

    private void checkRange(long start, long size) {
        if ((start & PAGE_SIZE - 1) != 0) {
            throw new IllegalArgumentException(
                    String.format("0x%08x is not the address of a page: Invalid argument", start));
        }
        if (size <= 0 || start < 0 || start + size > rules.taskSize()) {
            throw new IllegalArgumentException(String.format(
                    "%d bytes at 0x%08x are not in user space, which ends at 0x%08x", size, start, rules.taskSize()));
        }
    }

    @Override
    public void munmap(int pid, long start, long bytes) {
        Process process = processes.known(pid);
        long size = pageAlign(bytes);
        checkRange(start, size);
        spaces.unmapAndFree(process, start, start + size);
    }

    @Override
    public long brk(int pid, long end) {
        Process process = processes.known(pid);
        long from = pageAlign(process.brk);
        long to = pageAlign(end);
        if (end < rules.heapStart() || to > rules.taskSize()) {
            return process.brk;
        }
        if (to < from) {
            spaces.unmapAndFree(process, to, from);
            process.heap.cut(end);
        } else if (to > from) {
            if (!process.areas.isFree(from, to) || !basis.reclaim.enoughMemory((to - from) >>> SHIFT)) {
                return process.brk;
            }
            process.areas.add(new Area(from, to, true, Area.Kind.HEAP));
        }
        process.brk = end;
        return end;
    }

    // ---- the C library

    @Override
    public long malloc(int pid, long bytes) {
        return new UserMalloc(this, processes.known(pid).heap, pid).malloc(bytes);
    }

    @Override
    public void free(int pid, long object) {
        new UserMalloc(this, processes.known(pid).heap, pid).free(object);
    }

    // ---- memory

    @Override
    public byte[] read(int pid, long virt, int length) {
        byte[] bytes = new byte[length];
        access(processes.known(pid), virt, length, false, (phys, at, part) -> basis.floor
                .ram()
                .read(phys, bytes, at, part));
        return bytes;
    }

    @Override
    public void write(int pid, long virt, byte[] bytes) {
        access(processes.known(pid), virt, bytes.length, true, (phys, at, part) -> basis.floor
                .ram()
                .write(phys, bytes, at, part));
    }

    /** What is done to each page of a range. */
    private interface Piece {
        void at(long phys, int offset, int length);
    }

    private void access(Process process, long virt, int length, boolean write, Piece piece) {
        int done = 0;
        while (done < length) {
            int at = done;
            int part = (int) Math.min(length - (long) done, PAGE_SIZE - (virt + done & PAGE_SIZE - 1));
            runAs(process, () -> piece.at(resolve(process, virt + at, write), at, part));
            done += part;
        }
    }

    private void runAs(Process process, Runnable body) {
        basis.host.runAs(process.pid, process.comm, FAULT, body);
        // on its way back to user space, a task gives way to a thread that was woken
        basis.reclaim.runThreads();
    }

    private long resolve(Process process, long virt, boolean write) {
        Area area = spaces.areaOf(process, virt)
                .orElseThrow(() -> new IllegalArgumentException(String.format(
                        "0x%08x is in no area of %s (pid %d): Bad address", virt, process.comm, process.pid)));
        if (write && !area.writable()) {
            throw new IllegalArgumentException(String.format(
                    "0x%08x is in an area of %s (pid %d) that is read-only: Bad address",
                    virt, process.comm, process.pid));
        }
        return faults.resolve(process, area, virt, write);
    }

    // ---- as tasks whose memory lies anywhere

    @Override
    public Touched touch(int pid, long number) {
        Process process = processes.known(pid);
        long bytes = number << SHIFT;
        if (number < 0 || bytes > rules.taskSize()) {
            throw new IllegalArgumentException("user space has " + (rules.taskSize() >>> SHIFT) + " pages");
        }
        long start = number == 0 ? 0 : mmap(pid, 0, bytes, true);
        if (start == NO_MEMORY) {
            return new Touched(0, Outcome.NO_MEMORY, "");
        }
        if (number > 0) {
            process.touched.addFirst(new long[] {start, bytes});
        }
        return touch(process, start, start + bytes, false);
    }

    @Override
    public Touched touchAgain(int pid) {
        Process process = processes.known(pid);
        return touch(process, 0, rules.taskSize(), true);
    }

    /** Writes to pages, one by one; if {@code again}, only to those that were there. */
    private Touched touch(Process process, long from, long to, boolean again) {
        long done = 0;
        try {
            long page = again ? process.tables.next(from, to) : from;
            while (page < to) {
                long now = page;
                Optional<Area> area = spaces.areaOf(process, now);
                if (area.filter(Area::writable).isPresent()) {
                    runAs(process, () -> resolve(process, now, true));
                    done++;
                }
                page = again ? process.tables.next(page + PAGE_SIZE, to) : page + PAGE_SIZE;
            }
            return new Touched(done, Outcome.DONE, "");
        } catch (TaskKilled killed) {
            if (processes.has(process.pid)) {
                throw killed;
            }
            return new Touched(done, Outcome.KILLED, killed.getMessage());
        }
    }

    @Override
    public void release(int pid, long number) {
        Process process = processes.known(pid);
        long has =
                process.touched.stream().mapToLong(range -> range[1] >>> SHIFT).sum();
        if (number < 0 || number > has) {
            throw new IllegalArgumentException("task " + pid + " has " + has + " pages");
        }
        long left = number << SHIFT;
        while (left > 0) {
            long[] range = process.touched.removeFirst();
            long part = Math.min(left, range[1]);
            spaces.unmapAndFree(process, range[0] + range[1] - part, range[0] + range[1]);
            if (part < range[1]) {
                process.touched.addFirst(new long[] {range[0], range[1] - part});
            }
            left -= part;
        }
    }

    @Override
    public void lock(int pid, boolean on) {
        Process process = processes.known(pid);
        process.locked = on;
        spaces.eachPage(process, (virt, pfn) -> {
            if (on) {
                basis.reclaim.mlock(pfn);
            } else if (processes.mapping(pfn).stream().noneMatch(other -> other.locked)) {
                basis.reclaim.munlock(pfn);
            }
        });
    }

    @Override
    public void setOomAdjust(int pid, int value) {
        basis.reclaim.checkOomAdjust(value);
        processes.known(pid).oomAdjust = value;
    }

    @Override
    public List<Integer> oomAdjustRange() {
        return basis.reclaim.oomAdjustRange();
    }

    // ---- looking

    @Override
    public List<TaskView> tasks() {
        List<TaskView> views = new ArrayList<>();
        for (Process process : processes.all()) {
            views.add(new TaskView(
                    process.pid,
                    process.uid,
                    process.comm,
                    process.totalPages(),
                    process.resident,
                    0,
                    process.swapped,
                    process.tables.frames(),
                    process.locked ? process.resident : 0,
                    process.oomAdjust,
                    process.start));
        }
        return views;
    }

    @Override
    public long pageDirectory(int pid) {
        return processes.known(pid).tables.top();
    }

    @Override
    public Walk walk(int pid, long virt) {
        return processes.known(pid).tables.walk(virt);
    }

    @Override
    public List<UserMapping> mappings(int pfn) {
        if (!pages.owns(pfn)) {
            return List.of();
        }
        long virt = processes.addressOf(pfn);
        return processes.mapping(pfn).stream()
                .map(process -> new UserMapping(process.pid, process.comm, virt))
                .toList();
    }

    @Override
    public List<UserAreaView> areas(int pid) {
        return spaces.views(processes.known(pid));
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        // addresses of the kernel; reclaim tells whose page is behind one
    }

    @Override
    public void verify(Verification report) {
        new ProcessVerifier(basis, processes, pages).verify(report);
    }

    @Override
    public void save(StateWriter out) {
        out.putInt(nextFamily);
        out.putInt(processes.all().size());
        processes.all().forEach(process -> process.save(out));
    }

    @Override
    public void restore(StateReader in) {
        nextFamily = in.getInt();
        processes.clear();
        for (int i = in.getInt(); i > 0; i--) {
            processes.add(Process.read(in, basis));
        }
    }

    /** Whether an entry counts as a page in memory: that of zeros does not. */
    static boolean isPage(UserRules rules, Entry entry) {
        return entry.present() && !rules.isZeroPage((int) (entry.phys() >>> SHIFT));
    }
}
