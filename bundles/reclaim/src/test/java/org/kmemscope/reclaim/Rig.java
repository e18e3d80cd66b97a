package org.kmemscope.reclaim;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.reclaim.PageCache;
import org.kmemscope.api.reclaim.UserTasks;
import org.kmemscope.api.view.CounterView;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.gfp.EraGfpProvider;
import org.kmemscope.machine.MachineFactory;
import org.kmemscope.machine.Providers;
import org.kmemscope.mmu.PageTableMmuProvider;
import org.kmemscope.physmem.SparseMemoryProvider;
import org.kmemscope.slab.SlabProvider;
import org.kmemscope.zone.ZoneProvider;

/** A machine with reclaim, made with plain {@code new}, and calls on it as somebody at the console makes them. */
final class Rig {
    static final MachineFactory FACTORY = new MachineFactory(Path.of("../../config/profiles"));
    private static final Caller CALLER = Caller.of(1, "sh", "test:1");

    final Machine machine;

    Rig(Machine machine) {
        this.machine = machine;
    }

    static Rig boot(String specification) {
        return new Rig(FACTORY.boot("test", FACTORY.load(specification), providers()));
    }

    static Providers providers() {
        return new Providers(
                        new SparseMemoryProvider(),
                        new PageTableMmuProvider(),
                        new EraGfpProvider(),
                        new BuddyProvider(),
                        new ZoneProvider(),
                        Optional.of(new SlabProvider()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())
                .with(new KernelReclaimProvider());
    }

    <T> T call(Supplier<T> action) {
        return machine.call(CALLER, "test", action);
    }

    PageCache cache() {
        return machine.reclaim().pageCache();
    }

    UserTasks tasks() {
        return machine.reclaim().tasks();
    }

    int read(String file, int first, int count) {
        return call(() -> cache().read(file, first, count));
    }

    int write(String file, int first, int count) {
        return call(() -> cache().write(file, first, count));
    }

    int spawn(String comm) {
        return call(() -> tasks().spawn(comm, 0));
    }

    UserTasks.Touched touch(int pid, long pages) {
        return call(() -> tasks().touch(pid, pages));
    }

    int alloc(String gfp, int order) {
        return machine.kernel(CALLER).allocPages(machine.gfp().parse(gfp), order);
    }

    void free(int pfn, int order) {
        machine.kernel(CALLER).freePages(pfn, order);
    }

    void sysctl(String name, String value) {
        call(() -> {
            machine.reclaim().setTunable(name, value);
            return null;
        });
    }

    ZoneView zone(int index) {
        return machine.views().zones().get(index);
    }

    ZoneView zone(String label) {
        return machine.views().zones().stream()
                .filter(zone -> zone.type().label().equals(label))
                .findFirst()
                .orElseThrow();
    }

    long vmstat(String name) {
        return number(machine.views().vmstat(), name);
    }

    long counter(String name) {
        List<CounterView> counters = machine.locked(() -> machine.reclaim().counters());
        return number(counters, name);
    }

    long meminfo(String name) {
        return number(machine.views().meminfo(), name);
    }

    private static long number(List<CounterView> counters, String name) {
        Map<String, Long> byName =
                counters.stream().collect(Collectors.toMap(CounterView::name, CounterView::value, (one, two) -> two));
        if (!byName.containsKey(name)) {
            throw new IllegalArgumentException("no counter " + name + " among " + byName.keySet());
        }
        return byName.get(name);
    }

    List<String> log() {
        return machine.views().dmesg().stream().map(KernelLog.Line::text).toList();
    }

    /** The log from the first line of the last report on. */
    List<String> lastReport() {
        List<String> log = log();
        int from = log.size() - 1;
        while (!log.get(from).matches(".*(invoked oom-killer|page allocation failure).*")) {
            from--;
        }
        return log.subList(from, log.size());
    }

    void verify() {
        machine.verify().orThrow();
    }
}
