package org.kmemscope.machine;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.dcache.DataCache;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.MemoryRegion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.mmu.TableSource;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.phys.PhysicalMemory;
import org.kmemscope.api.phys.RamRange;
import org.kmemscope.api.vmalloc.VmallocState;

/**
 * The order in which a machine comes up, floor by floor: RAM, boot memory, page tables with the linear mapping, page allocator,
 * object allocator, vmalloc area, windows, DMA.
 */
final class Boot {
    private static final int PAGE_SIZE = Profile.PAGE_SIZE;
    private static final int PAGE_SHIFT = Profile.PAGE_SHIFT;

    private Boot() {}

    /** A machine that has just come up. */
    static SimulatedMachine boot(String name, Profile profile, AddressLayout layout, Providers providers) {
        SimulatedMachine machine = assemble(name, profile, layout, providers, Recorded.NOTHING);
        BootLog.write(machine);
        return machine;
    }

    /** A machine that goes on from what a capture recorded. */
    static SimulatedMachine resume(String name, MachineSeed seed, AddressLayout layout, Providers providers) {
        SimulatedMachine machine = assemble(name, seed.profile(), layout, providers, Recorded.of(seed));
        BootLog.write(machine);
        return machine;
    }

    /** The same without a word in the log. */
    static SimulatedMachine assemble(
            String name, Profile profile, AddressLayout layout, Providers providers, Recorded recorded) {
        Optional<PageState> state = recorded.pages();
        List<RamRange> ranges = ram(profile, layout);
        PhysicalMemory ram = providers.memory().createRam(ranges);
        PageFrames frames = providers
                .memory()
                .createFrames(
                        layout.minLowPfn(), layout.maxPfn(), layout.zones().pageblockOrder());
        GfpTable gfp = providers
                .gfp()
                .table(profile.kernel().version(), profile.kernel().config());
        SimulatedMachine machine = new SimulatedMachine(name, profile, layout, providers, ram, frames, gfp);
        ContiguousReserve reserve = new ContiguousReserve(profile, layout);
        int cma = gfp.migrateTypes().indexOf(MigrateType.CMA);
        List<RamRange> contiguous =
                new ArrayList<>(state.map(pages -> reserve.recorded(pages, cma)).orElse(List.of()));
        BitSet kept = recorded.kept(layout.zones().pageblockOrder());
        // frames in use there are those of the floors above
        contiguous.forEach(area -> kept.set(frame(area.start()), frame(area.end())));
        BootMemory boot = new BootMemory(profile, layout, ranges, kept);
        if (state.isEmpty()) {
            // before the page tables, so that it gets the very end of memory
            contiguous.addAll(reserve.take(boot));
        }
        Mmu mmu = throughCache(machine, providers, providers.mmu().create(profile, layout, ram, machine.context, boot));
        machine.bindMmu(mmu);
        mapLowMemory(mmu, layout, contiguous);
        prepareWindows(mmu, layout);
        boot.takeTables();
        if (state.isEmpty()) {
            boot.takeRest();
        }
        machine.setReservations(boot.reservations());
        machine.bindPages(providers.pages().create(machine, boot.reserved(), providers.freeAreas()));
        state.ifPresent(machine.pages()::load);
        if (state.isEmpty()) {
            contiguous.forEach(area -> machine.pages().addCma(frame(area.start()), frame(area.end())));
        }
        boot.tables().forEach(pfn -> frames.set(pfn, PageFlag.TABLE));
        mmu.setTableSource(new TablesFromPages(machine));
        machine.pages().adopting(state.isPresent());
        BitSet slabs = recorded.slabFrames();
        slabs.stream().filter(frames::isValid).forEach(pfn -> frames.set(pfn, PageFlag.SLAB));
        bindUpperFloors(machine, providers, recorded.areas());
        machine.pages().adopting(false);
        slabs.stream().filter(frames::isValid).forEach(pfn -> frames.clear(pfn, PageFlag.SLAB));
        if (machine.has(SimulatedMachine.PartKind.OBJECTS)) {
            recorded.slabs().ifPresent(caches -> machine.objects().recorded().ifPresent(part -> part.load(caches)));
        }
        if (state.isEmpty()) {
            // the watermarks were computed before this memory came back, as in a real kernel; a recorded state has it
            // already
            boot.givenBack().forEach(back -> machine.pages().freeReserved(frame(back.start()), frame(back.end())));
        }
        return machine;
    }

    /** Where devices see the CPUs' caches, nobody could tell that there are any: then there are none, and accesses cost nothing more. */
    private static Mmu throughCache(SimulatedMachine machine, Providers providers, Mmu mmu) {
        if (machine.profile().arch().coherentDma() || providers.cache().isEmpty()) {
            return mmu;
        }
        DataCache cache = providers.cache().get().create(machine, mmu);
        machine.bindCache(cache);
        return cache.mmu();
    }

    private static void bindUpperFloors(SimulatedMachine machine, Providers providers, VmallocState areas) {
        providers.objects().ifPresent(machine.objects()::boot);
        providers.vmalloc().ifPresent(provider -> machine.bindVmalloc(provider.create(machine)));
        // before the floors above take areas of their own; the descriptors of areas are objects
        boolean recorded = !areas.areas().isEmpty()
                && machine.has(SimulatedMachine.PartKind.OBJECTS)
                && machine.has(SimulatedMachine.PartKind.VMALLOC);
        if (recorded) {
            machine.vmalloc().load(areas);
            machine.vmalloc().adopting(true);
        }
        providers.highmem().ifPresent(provider -> machine.bindHighmem(provider.create(machine, machine.tasks)));
        providers
                .dma()
                .filter(provider -> machine.has(SimulatedMachine.PartKind.VMALLOC))
                .ifPresent(provider -> machine.bindDma(provider.create(machine, machine.vmalloc())));
        if (recorded) {
            machine.vmalloc().adopting(false);
        }
        providers.reclaim().ifPresent(provider -> machine.bindReclaim(provider.create(machine, new TaskHost(machine))));
        providers
                .processes()
                .filter(provider -> machine.has(SimulatedMachine.PartKind.RECLAIM))
                .ifPresent(provider ->
                        machine.bindProcesses(provider.create(machine, machine.reclaim(), new TaskHost(machine))));
    }

    private static int frame(long phys) {
        return (int) (phys >>> PAGE_SHIFT);
    }

    /** RAM that this kernel uses: what lies above the last frame it can address is left out. */
    private static List<RamRange> ram(Profile profile, AddressLayout layout) {
        List<RamRange> ranges = new ArrayList<>();
        long end = (long) layout.maxPfn() << PAGE_SHIFT;
        for (MemoryRegion region : profile.memory()) {
            if (region.kind() == MemoryRegion.Kind.RAM && region.start() < end) {
                ranges.add(new RamRange(region.start(), Math.min(region.end(), end)));
            }
        }
        return ranges;
    }

    /**
     * The linear mapping: large pages as far as they fit, single pages at the end. The area for contiguous memory has single pages too,
     * so that a coherent buffer in it can be made uncached where it is ({@code dma_contiguous_remap()}).
     */
    private static void mapLowMemory(Mmu mmu, AddressLayout layout, List<RamRange> contiguous) {
        long virt = layout.pageOffset();
        long large = mmu.largePageSize();
        while (virt < layout.highMemory()) {
            long phys = layout.virtToPhys(virt);
            boolean fits = virt % large == 0 && phys % large == 0 && virt + large <= layout.highMemory();
            boolean shared = contiguous.stream().anyMatch(area -> phys < area.end() && area.start() < phys + large);
            if (fits && !shared) {
                mmu.mapLarge(virt, phys, Protection.KERNEL_EXEC);
                virt += large;
            } else {
                mmu.map(virt, phys, Protection.KERNEL_EXEC);
                virt += PAGE_SIZE;
            }
        }
    }

    /** The tables of the kmap windows are made at boot, as later nothing may sleep to get one. */
    private static void prepareWindows(Mmu mmu, AddressLayout layout) {
        if (layout.lastPkmap() > 0) {
            prepare(mmu, layout.pkmapBase(), layout.pkmapBase() + (long) layout.lastPkmap() * PAGE_SIZE);
        }
        prepare(mmu, layout.fixaddrStart(), layout.fixaddrTop());
    }

    private static void prepare(Mmu mmu, long start, long end) {
        long large = mmu.largePageSize();
        for (long virt = start; virt < end; virt = (virt & -large) + large) {
            if (mmu.lookup(virt) < 0) {
                mmu.map(virt, 0, Protection.KERNEL);
                mmu.unmap(virt);
            }
        }
        mmu.flushAll();
    }

    /** Page tables of a running kernel come from its page allocator ({@code pte_alloc_one_kernel}). */
    private record TablesFromPages(SimulatedMachine machine) implements TableSource {
        @Override
        public int tableFrames(int order) {
            PageAllocator pages = machine.pages();
            int pfn = pages.allocPages(machine.gfp().of(Gfp.GFP_KERNEL), order);
            for (int frame = pfn; pfn >= 0 && frame < pfn + (1 << order); frame++) {
                machine.frames().set(frame, PageFlag.TABLE);
            }
            return pfn;
        }

        @Override
        public void releaseTableFrame(int pfn) {
            machine.frames().clear(pfn, PageFlag.TABLE);
            machine.pages().freePages(pfn, 0);
        }
    }
}
