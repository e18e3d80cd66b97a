package org.kmemscope.process;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.process.Processes;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.gfp.EraGfpProvider;
import org.kmemscope.machine.MachineFactory;
import org.kmemscope.machine.Providers;
import org.kmemscope.mmu.PageTableMmuProvider;
import org.kmemscope.physmem.SparseMemoryProvider;
import org.kmemscope.reclaim.KernelReclaimProvider;
import org.kmemscope.zone.ZoneProvider;

/** Machines with processes, made with {@code new}. */
final class TestMachine {
    static final long PAGE = 4096;

    final Machine machine;

    TestMachine(String specification) {
        MachineFactory factory = new MachineFactory(Path.of("../../config/profiles"));
        machine = factory.boot("test", factory.load(specification), providers());
    }

    TestMachine(Machine machine) {
        this.machine = machine;
    }

    static Providers providers() {
        return new Providers(
                        new SparseMemoryProvider(),
                        new PageTableMmuProvider(),
                        new EraGfpProvider(),
                        new BuddyProvider(),
                        new ZoneProvider(),
                        // without objects, so that no cache gives pages back meanwhile
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())
                .with(new KernelReclaimProvider())
                .withProcesses(new KernelProcessProvider());
    }

    Processes processes() {
        return machine.processes();
    }

    <T> T call(Supplier<T> action) {
        return machine.call(Caller.of(1, "test", "test"), "test", action);
    }

    void run(Runnable action) {
        call(() -> {
            action.run();
            return true;
        });
    }

    long freePages() {
        return machine.locked(() -> machine.pages().zones().stream()
                .mapToLong(zone -> zone.free()
                        + zone.pageSets().stream()
                                .flatMap(set -> set.lists().stream())
                                .mapToLong(list -> list.count())
                                .sum())
                .sum());
    }
}
