package org.kmemscope.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.ExchangeReport;
import org.kmemscope.api.machine.ExchangeState;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.view.SlabCacheView;

/** A machine with the simplest object allocator there can be, and another to exchange it for. */
abstract class ExchangeRig {
    final PlainObjects.Maker first = new PlainObjects.Maker("first");
    final PlainObjects.Maker second = new PlainObjects.Maker("second");
    final Machine machine = boot();
    final Kernel kernel = machine.kernel(Caller.of(1, "sh", "test"));

    private Machine boot() {
        Providers bare = TestMachines.providers();
        return TestMachines.FACTORY.boot(
                "test",
                TestMachines.FACTORY.load("i386-32m"),
                new Providers(
                        bare.memory(),
                        bare.mmu(),
                        bare.gfp(),
                        bare.freeAreas(),
                        bare.pages(),
                        Optional.of(first),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
    }

    ExchangeReport swap(PlainObjects.Maker to) {
        ExchangeReport report = MachineFactory.exchange(machine, to);
        assertThat(report.verify().problems()).isEmpty();
        return report;
    }

    KmemCache cache(String name, int size) {
        return kernel.kmemCacheCreate(new CacheSpec(name, size, 0, 0, ObjectConstructor.NONE));
    }

    long kmalloc(long size) {
        return kernel.kmalloc(size, Gfp.GFP_KERNEL);
    }

    List<ExchangeState.HandedOver> left() {
        return MachineFactory.exchangeState(machine).get(0).handedOver();
    }

    List<String> log() {
        return machine.log().lines().stream().map(KernelLog.Line::text).toList();
    }

    SlabCacheView slabinfo(String name) {
        return machine.views().slabCaches().stream()
                .filter(view -> view.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no line for " + name));
    }
}
