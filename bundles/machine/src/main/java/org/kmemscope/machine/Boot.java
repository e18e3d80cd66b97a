package org.kmemscope.machine;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.MemoryRegion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.mmu.TableSource;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.phys.PhysicalMemory;
import org.kmemscope.api.phys.RamRange;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.vmalloc.VmallocState;

/**
 * The order in which a machine comes up, floor by floor: RAM, boot memory, page tables with the linear mapping, page allocator,
 * object allocator, vmalloc area, windows, DMA.
 */
final class Boot {
    private static final int PAGE_SIZE = Profile.PAGE_SIZE;
    private static final int PAGE_SHIFT = Profile.PAGE_SHIFT;
    /** Per-CPU lists of orders 0 to 3 ({@code NR_LOWORDER_PCP_LISTS}). */
    private static final int LOW_ORDER_LISTS = MigrateTypes.PCPTYPES * 4;

    private Boot() {}

    /** A machine that has just come up. */
    static SimulatedMachine boot(String name, Profile profile, AddressLayout layout, Providers providers) {
        SimulatedMachine machine = assemble(name, profile, layout, providers, Optional.empty(), List.of());
        BootLog.write(machine);
        return machine;
    }

    /** A machine that goes on from what a capture recorded: the state of its page allocator, its vmalloc areas. */
    static SimulatedMachine resume(String name, MachineSeed seed, AddressLayout layout, Providers providers) {
        SimulatedMachine machine = assemble(name, seed.profile(), layout, providers, seed.pages(), seed.areas());
        BootLog.write(machine);
        return machine;
    }

    /** The same without a word in the log. */
    static SimulatedMachine assemble(
            String name,
            Profile profile,
            AddressLayout layout,
            Providers providers,
            Optional<PageState> state,
            List<VmapAreaView> areas) {
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
        BootMemory boot = new BootMemory(
                profile,
                layout,
                ranges,
                state.map(recorded -> freeFrames(recorded, layout)).orElseGet(BitSet::new));
        // before the page tables, so that it gets the very end of memory
        ContiguousReserve reserve = new ContiguousReserve(profile, layout);
        int cma = gfp.migrateTypes().indexOf(MigrateType.CMA);
        Optional<RamRange> contiguous = state.isPresent() ? reserve.recorded(state.get(), cma) : reserve.take(boot);
        Mmu mmu = providers.mmu().create(profile, layout, ram, machine.context, boot);
        machine.bindMmu(mmu);
        mapLowMemory(mmu, layout, contiguous);
        prepareWindows(mmu, layout);
        boot.takeTables();
        machine.setReservations(boot.reservations());
        machine.bindPages(providers.pages().create(machine, boot.reserved(), providers.freeAreas()));
        state.ifPresent(machine.pages()::load);
        if (state.isEmpty()) {
            contiguous.ifPresent(area -> machine.pages().addCma(frame(area.start()), frame(area.end())));
        }
        boot.tables().forEach(pfn -> frames.set(pfn, PageFlag.TABLE));
        mmu.setTableSource(new TablesFromPages(machine));
        machine.pages().adopting(state.isPresent());
        bindUpperFloors(machine, providers, areas);
        machine.pages().adopting(false);
        if (state.isEmpty()) {
            // the watermarks were computed before this memory came back, as in a real kernel; a recorded state has it
            // already
            boot.initSection().ifPresent(init -> machine.pages().freeReserved(frame(init.start()), frame(init.end())));
        }
        return machine;
    }

    private static void bindUpperFloors(SimulatedMachine machine, Providers providers, List<VmapAreaView> areas) {
        providers.objects().ifPresent(machine.objects()::boot);
        providers.vmalloc().ifPresent(provider -> machine.bindVmalloc(provider.create(machine)));
        // before the floors above take areas of their own; the descriptors of areas are objects
        if (!areas.isEmpty()
                && machine.has(SimulatedMachine.PartKind.OBJECTS)
                && machine.has(SimulatedMachine.PartKind.VMALLOC)) {
            machine.vmalloc().load(new VmallocState(areas, List.of()));
        }
        providers.highmem().ifPresent(provider -> machine.bindHighmem(provider.create(machine, machine.tasks)));
        providers
                .dma()
                .filter(provider -> machine.has(SimulatedMachine.PartKind.VMALLOC))
                .ifPresent(provider -> machine.bindDma(provider.create(machine, machine.vmalloc())));
    }

    /** Frames that a recorded state lists as free: boot must not put anything there. */
    private static BitSet freeFrames(PageState state, AddressLayout layout) {
        BitSet free = new BitSet();
        for (PageState.ZoneState zone : state.zones()) {
            for (PageState.FreeList list : zone.freeLists()) {
                for (int pfn : list.pfns()) {
                    free.set(pfn, pfn + (1 << list.order()));
                }
            }
            for (PageState.PerCpu cpu : zone.perCpu()) {
                for (PageState.PcpList list : cpu.lists()) {
                    int order = orderOf(list.index(), layout.zones().pageblockOrder());
                    for (int pfn : list.pfns()) {
                        free.set(pfn, pfn + (1 << order));
                    }
                }
            }
        }
        return free;
    }

    /** Order of the blocks on a per-CPU list: three lists an order since 5.14, the last two for huge pages; only order 0 before. */
    private static int orderOf(int list, int hugeOrder) {
        return list < LOW_ORDER_LISTS ? list / MigrateTypes.PCPTYPES : hugeOrder;
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
    private static void mapLowMemory(Mmu mmu, AddressLayout layout, Optional<RamRange> contiguous) {
        long virt = layout.pageOffset();
        long large = mmu.largePageSize();
        while (virt < layout.highMemory()) {
            long phys = layout.virtToPhys(virt);
            boolean fits = virt % large == 0 && phys % large == 0 && virt + large <= layout.highMemory();
            boolean shared = contiguous
                    .filter(area -> phys < area.end() && area.start() < phys + large)
                    .isPresent();
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
