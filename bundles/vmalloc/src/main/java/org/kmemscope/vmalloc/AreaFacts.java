package org.kmemscope.vmalloc;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.trace.CallSites;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.view.VmapAreaView.Kind;

/** What can be seen of the vmalloc area. Looks past the TLB and changes nothing. */
final class AreaFacts {
    private static final String LAYER = "vmalloc";
    private static final int PAGE_SIZE = Profile.PAGE_SIZE;

    private final VmapSpace space;
    private final VmStructs structs;
    private final VmapBlocks blocks;
    private final AreaAllocator areas;
    private final Mmu mmu;
    private final CallSites texts;

    AreaFacts(ObjectFloor floor, VmapSpace space, VmStructs structs, VmapBlocks blocks, AreaAllocator areas) {
        this.space = space;
        this.structs = structs;
        this.blocks = blocks;
        this.areas = areas;
        mmu = floor.mmu();
        texts = floor.trace().callSites();
    }

    /**
     * The areas in use, ascending; then those freed and not purged.
     *
     * @param all also what has no {@code struct vm_struct}: vm_map_ram, and what is not purged
     */
    List<VmapAreaView> list(boolean all) {
        List<VmapAreaView> views = new ArrayList<>();
        RangeList busy = space.busy();
        for (int i = 0; i < busy.size(); i++) {
            int area = structs.startingAt(busy.start(i));
            if (area != VmStructs.NONE) {
                views.add(view(area));
            } else if (all) {
                views.add(ram(busy.start(i), busy.end(i)));
            }
        }
        RangeList lazy = space.lazy();
        for (int i = 0; all && i < lazy.size(); i++) {
            views.add(unpurged(lazy.start(i), lazy.end(i)));
        }
        return views;
    }

    Optional<VmapAreaView> at(long address) {
        int area = structs.containing(address);
        if (area != VmStructs.NONE) {
            return Optional.of(view(area));
        }
        int index = space.busy().containing(address);
        if (index >= 0) {
            return Optional.of(ram(space.busy().start(index), space.busy().end(index)));
        }
        index = space.lazy().containing(address);
        return index < 0
                ? Optional.empty()
                : Optional.of(unpurged(space.lazy().start(index), space.lazy().end(index)));
    }

    private VmapAreaView view(int area) {
        return new VmapAreaView(
                structs.start(area),
                structs.end(area),
                structs.kind(area),
                structs.pages(area),
                structs.phys(area),
                texts.text(structs.caller(area)),
                pfns(area),
                structs.is(area, VmStructs.VPAGES));
    }

    private List<Integer> pfns(int area) {
        Kind kind = structs.kind(area);
        if (structs.is(area, VmStructs.UNKNOWN) || kind == Kind.IOREMAP) {
            return List.of();
        }
        long start = structs.start(area);
        List<Integer> pfns = new ArrayList<>();
        for (int i = 0; i < structs.pages(area); i++) {
            pfns.add(kind == Kind.VMALLOC ? areas.entry(structs.array(area), i) : frame(start + (long) i * PAGE_SIZE));
        }
        return pfns;
    }

    private int frame(long virt) {
        long phys = mmu.lookup(virt);
        return phys < 0 ? -1 : (int) (phys >>> Profile.PAGE_SHIFT);
    }

    private VmapAreaView ram(long start, long end) {
        int block = blocks.containing(start);
        List<Integer> pfns = new ArrayList<>();
        for (long virt = start; virt < end; virt += PAGE_SIZE) {
            if (block == VmapBlocks.NONE || blocks.isMapped(block, virt)) {
                int pfn = frame(virt);
                if (pfn >= 0) {
                    pfns.add(pfn);
                }
            }
        }
        return new VmapAreaView(start, end, Kind.VM_MAP_RAM, pfns.size(), -1, "", pfns);
    }

    private static VmapAreaView unpurged(long start, long end) {
        return new VmapAreaView(start, end, Kind.UNPURGED, 0, -1, "", List.of());
    }

    // ---- one address

    void describe(long virt, List<AddressFact> facts) {
        int area = structs.containing(virt);
        if (area != VmStructs.NONE) {
            facts.add(new AddressFact(LAYER, describeArea(area, virt)));
            return;
        }
        int index = space.busy().containing(virt);
        if (index >= 0) {
            facts.add(new AddressFact(
                    LAYER, describeRam(space.busy().start(index), space.busy().end(index), virt)));
            return;
        }
        givenUp(virt).ifPresent(text -> facts.add(new AddressFact(LAYER, text)));
    }

    /** What an address was that waits for a purge. */
    Optional<String> givenUp(long virt) {
        int index = space.lazy().containing(virt);
        return index < 0
                ? Optional.empty()
                : Optional.of(String.format(
                        "lazily freed, 0x%08x-0x%08x: the addresses come back with the next purge%s",
                        space.lazy().start(index),
                        space.lazy().end(index),
                        mmu.lookup(virt) < 0 ? "" : "; until then they still lead to the old page"));
    }

    private String describeArea(int area, long virt) {
        long start = structs.start(area);
        long page = (virt - start) / PAGE_SIZE;
        int count = structs.pages(area);
        String name = structs.kind(area).label() + " area";
        String where =
                String.format("0x%08x-0x%08x, from %s", start, structs.end(area), texts.text(structs.caller(area)));
        if (structs.is(area, VmStructs.UNKNOWN)) {
            return name + " " + where + "; recorded, what it maps is not known";
        }
        if (page >= count) {
            return "guard page of " + name + " " + where;
        }
        String device =
                structs.phys(area) < 0 ? "" : String.format(", physical 0x%08x", structs.phys(area) + virt - start);
        return String.format(
                "%s 0x%08x-0x%08x, page %d of %d%s, from %s",
                name, start, structs.end(area), page + 1, count, device, texts.text(structs.caller(area)));
    }

    private String describeRam(long start, long end, long virt) {
        int block = blocks.containing(virt);
        return block == VmapBlocks.NONE
                ? String.format(
                        "vm_map_ram 0x%08x-0x%08x, page %d of %d",
                        start, end, (virt - start) / PAGE_SIZE + 1, (end - start) / PAGE_SIZE)
                : String.format(
                        "block of vm_map_ram 0x%08x-0x%08x, page %d of %d: %s",
                        start,
                        end,
                        (virt - start) / PAGE_SIZE + 1,
                        blocks.pagesPerBlock(),
                        blocks.describe(block, virt));
    }
}
