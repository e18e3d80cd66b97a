package org.kmemscope.machine.exchange;

import java.util.Optional;
import org.kmemscope.api.dcache.DataCache;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Clock;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Interrupts;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.phys.PhysicalMemory;
import org.kmemscope.api.trace.Tracepoints;

/**
 * The machine as one object allocator sees it: the floors below, and a clock of its own.
 *
 * @param machine the machine
 * @param lease what this allocator sets the time by
 */
record LeasedFloor(PageFloor machine, LeasedClock lease) implements PageFloor {
    static LeasedFloor of(ExchangeSite site) {
        return new LeasedFloor(site, new LeasedClock(site.clock()));
    }

    @Override
    public Clock clock() {
        return lease;
    }

    @Override
    public PageAllocator pages() {
        return machine.pages();
    }

    @Override
    public Profile profile() {
        return machine.profile();
    }

    @Override
    public AddressLayout layout() {
        return machine.layout();
    }

    @Override
    public GfpTable gfp() {
        return machine.gfp();
    }

    @Override
    public PhysicalMemory ram() {
        return machine.ram();
    }

    @Override
    public PageFrames frames() {
        return machine.frames();
    }

    @Override
    public Mmu mmu() {
        return machine.mmu();
    }

    @Override
    public Optional<DataCache> dataCache() {
        return machine.dataCache();
    }

    @Override
    public ExecutionContext context() {
        return machine.context();
    }

    @Override
    public KernelLog log() {
        return machine.log();
    }

    @Override
    public Interrupts interrupts() {
        return machine.interrupts();
    }

    @Override
    public Tracepoints trace() {
        return machine.trace();
    }
}
