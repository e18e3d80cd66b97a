package org.kmemscope.vmalloc;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.view.VmapAreaView.Kind;
import org.kmemscope.api.vmalloc.Vmalloc;
import org.kmemscope.api.vmalloc.VmallocState;

/**
 * The vmalloc area of a machine: what the calls check and refuse. The work is done by those below.
 *
 * <pre>
 *   KernelVmalloc --> AreaAllocator --> VmapSpace --> Placement
 *          |          pages, mappings   addresses     where there is room
 *          |                                ^
 *          +--------> VmapBlocks -----------+
 *                     small vm_map_ram
 * </pre>
 */
final class KernelVmalloc implements Vmalloc {
    static final String NAME = "vmalloc";
    private static final int PAGE_SIZE = Profile.PAGE_SIZE;
    private static final long ADDRESSES = 1L << 32;
    /** Name of the timer that does what vfree has put off. */
    private static final String PUT_OFF = "vfree work";

    private final ObjectFloor floor;
    private final VmallocRules rules;
    private final ExecutionContext context;
    private final AddressLayout layout;
    private final KernelWords words;
    private final VmapSpace space;
    private final VmStructs structs = new VmStructs();
    private final VmapBlocks blocks;
    private final AreaAllocator areas;
    private final Ioremap io;
    private final AreaFacts facts;
    private final int kernelMask;
    private final int vmallocMask;
    private final int lowMask;
    /** Set only while a cloned machine is put together; no part of the state. */
    private boolean adopting;

    /** Addresses that vfree got in interrupts and has not freed yet. */
    private long[] putOff = new long[0];

    KernelVmalloc(ObjectFloor floor, VmallocRules rules) {
        this.floor = floor;
        this.rules = rules;
        context = floor.context();
        layout = floor.layout();
        words = new KernelWords(floor, rules.speech());
        space = new VmapSpace(floor, rules, words);
        blocks = new VmapBlocks(floor, rules, space);
        areas = new AreaAllocator(floor, rules, space, structs, words);
        io = new Ioremap(floor, rules.io(), structs, areas, words);
        facts = new AreaFacts(floor, space, structs, blocks, areas);
        kernelMask = floor.gfp().of(Gfp.GFP_KERNEL);
        int highmem = floor.gfp().of(Gfp.__GFP_HIGHMEM);
        // where masks name zones on their own, vmalloc's names none and vmalloc_32's the one for 32 bits, which is low
        // memory here
        vmallocMask = rules.pages().highmemAnyway() ? kernelMask : kernelMask | highmem;
        lowMask = rules.pages().highmemAnyway() ? kernelMask | floor.gfp().of(Gfp.GFP_DMA32) : kernelMask;
        floor.clock().register(PUT_OFF, argument -> freePutOff());
    }

    @Override
    public String name() {
        return NAME;
    }

    // ---- vmalloc

    @Override
    public long vmalloc(long size) {
        return vmalloc(size, vmallocMask, Protection.KERNEL);
    }

    @Override
    public long vmalloc32(long size) {
        return vmalloc(size, lowMask, Protection.KERNEL);
    }

    @Override
    public long vmalloc(long size, int gfp, Protection protection) {
        if (size == 0) {
            words.zeroSize(gfp);
            return 0;
        }
        if (size < 0 || size >= ADDRESSES || AreaAllocator.pages(size) > mostPages()) {
            words.tooLarge(size, gfp);
            return 0;
        }
        return areas.vmalloc(size, gfp, protection, context.callSite());
    }

    private long mostPages() {
        return rules.pages().countPresent()
                ? layout.maxPfn() - layout.minLowPfn()
                : floor.pages().totalPages();
    }

    @Override
    public void vfree(long address) {
        if (context.inInterrupt()) {
            if (!rules.calls().putOff()) {
                throw KernelWords.bug("vfree() in interrupt context");
            }
            putOff(address);
            return;
        }
        if (rules.calls().vfreeMaySleep()) {
            context.mightSleep("mm/vmalloc.c");
        }
        unmap(address, true);
    }

    /** {@code __vfree_deferred()}. */
    private void putOff(long address) {
        if (address != 0) {
            if (putOff.length == 0) {
                floor.clock().schedule(1, PUT_OFF, 0);
            }
            putOff = Arrays.copyOf(putOff, putOff.length + 1);
            putOff[putOff.length - 1] = address;
        }
    }

    private void freePutOff() {
        long[] addresses = putOff;
        putOff = new long[0];
        // a kernel list of this kind gives what came last first
        for (int i = addresses.length - 1; i >= 0; i--) {
            unmap(addresses[i], true);
        }
    }

    private void unmap(long address, boolean withPages) {
        if (address == 0) {
            return;
        }
        if (address % PAGE_SIZE != 0) {
            words.badAddress(address);
            return;
        }
        int area = find(address);
        if (area == VmStructs.NONE) {
            words.nonexistent(address);
            return;
        }
        areas.release(area, withPages);
    }

    private int find(long address) {
        return rules.calls().findInside() ? structs.containing(address) : structs.startingAt(address);
    }

    // ---- vmap

    @Override
    public long vmap(int[] pfns, Protection protection) {
        if (rules.calls().mapsMaySleep()) {
            context.mightSleep("mm/vmalloc.c");
        }
        if (pfns.length == 0 || pfns.length > mostPages()) {
            return 0;
        }
        if (!allFrames(pfns, "vmap")) {
            return 0;
        }
        Kind kind = protection == Protection.DMA_COHERENT ? Kind.DMA_COHERENT : Kind.VMAP;
        int area = adopting ? structs.adopt(kind, pfns.length) : VmStructs.NONE;
        if (area == VmStructs.NONE) {
            area = areas.reserve(pfns.length, 1, kind, kernelMask, context.callSite());
        }
        if (area == VmStructs.NONE) {
            return 0;
        }
        structs.setPages(area, pfns.length);
        long start = structs.start(area);
        boolean done = false;
        try {
            done = areas.mapPages(start, pfns, protection);
        } finally {
            if (!done) {
                areas.release(area, false);
            }
        }
        return done ? start : 0;
    }

    private boolean allFrames(int[] pfns, String call) {
        for (int pfn : pfns) {
            if (!floor.frames().isValid(pfn)) {
                words.noPages(call);
                return false;
            }
        }
        return true;
    }

    @Override
    public void vunmap(long address) {
        if (context.inInterrupt()) {
            throw KernelWords.bug("vunmap() in interrupt context");
        }
        if (rules.calls().mapsMaySleep()) {
            context.mightSleep("mm/vmalloc.c");
        }
        unmap(address, false);
    }

    // ---- vm_map_ram

    @Override
    public long vmMapRam(int[] pfns) {
        requireRamMappings();
        if (pfns.length == 0 || !allFrames(pfns, "vm_map_ram")) {
            return 0;
        }
        context.mightSleep("mm/vmalloc.c");
        boolean small = pfns.length <= BlockRules.LARGEST;
        long start;
        if (small) {
            start = blocks.alloc(pfns.length, kernelMask);
        } else {
            start = Math.max(0, space.alloc((long) pfns.length * PAGE_SIZE, PAGE_SIZE, kernelMask));
        }
        if (start == 0) {
            return 0;
        }
        boolean done = false;
        try {
            done = areas.mapPages(start, pfns, Protection.KERNEL);
        } finally {
            if (!done) {
                releaseRam(start, pfns.length);
            }
        }
        return done ? start : 0;
    }

    private void requireRamMappings() {
        if (rules.blocks().pages() == 0) {
            throw new IllegalArgumentException(
                    "Linux " + floor.profile().kernel().version() + " has no vm_map_ram(); it came with 2.6.28");
        }
    }

    @Override
    public void vmUnmapRam(long address, int count) {
        requireRamMappings();
        if (!releaseRam(address, count)) {
            throw KernelWords.bug(
                    "vm_unmap_ram() of %d pages at 0x%08x, which vm_map_ram() has not mapped so", count, address);
        }
    }

    private boolean releaseRam(long address, int count) {
        if (count <= BlockRules.LARGEST) {
            return blocks.release(address, count);
        }
        int index = space.busy().startingAt(address);
        boolean mapped = index >= 0
                && space.busy().end(index) - address == (long) count * PAGE_SIZE
                && structs.startingAt(address) == VmStructs.NONE
                && blocks.containing(address) == VmapBlocks.NONE;
        if (mapped) {
            space.free(address);
        }
        return mapped;
    }

    // ---- ioremap

    @Override
    public long ioremap(long phys, long size) {
        return io.map(phys, size);
    }

    @Override
    public void iounmap(long address) {
        long start = address & -PAGE_SIZE;
        if (rules.io().unmapsAsVunmap()) {
            vunmap(start);
            return;
        }
        if (address <= layout.highMemory()) {
            // what is always mapped was never mapped by ioremap
            return;
        }
        int area = find(start);
        if (area == VmStructs.NONE) {
            words.badIounmap(start);
            return;
        }
        areas.release(area, false);
    }

    // ---- looking

    @Override
    public int vmallocToPfn(long address) {
        long phys = isVmallocAddress(address) ? floor.mmu().lookup(address) : -1;
        return phys < 0 ? -1 : (int) (phys >>> Profile.PAGE_SHIFT);
    }

    @Override
    public boolean isVmallocAddress(long address) {
        return address >= layout.vmallocStart() && address < layout.vmallocEnd();
    }

    @Override
    public void purge() {
        blocks.unmapAliases();
    }

    @Override
    public List<VmapAreaView> areas() {
        return facts.list(rules.listsAll());
    }

    @Override
    public Optional<VmapAreaView> areaAt(long address) {
        return facts.at(address);
    }

    @Override
    public Optional<String> givenUp(long address) {
        return facts.givenUp(address);
    }

    @Override
    public void describe(long virt, List<AddressFact> found) {
        facts.describe(virt, found);
    }

    @Override
    public void verify(Verification report) {
        new VmallocCheck(floor, rules, space, structs, areas).run(report);
        blocks.verify(report);
    }

    // ---- states

    @Override
    public void load(VmallocState state) {
        new StateLoader(floor, rules, space, structs, areas).load(state, vmallocMask);
    }

    @Override
    public VmallocState state() {
        return new VmallocState(facts.list(true), space.placement().freeTree());
    }

    @Override
    public void adopting(boolean on) {
        adopting = on;
    }

    /** Where addresses come from. */
    VmapSpace space() {
        return space;
    }

    @Override
    public void save(StateWriter out) {
        words.save(out);
        space.save(out);
        structs.save(out);
        blocks.save(out);
        out.putLongs(putOff);
    }

    @Override
    public void restore(StateReader in) {
        words.restore(in);
        space.restore(in);
        structs.restore(in);
        blocks.restore(in);
        putOff = in.getLongs();
    }
}
