package org.kmemscope.vmalloc;

import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.view.VmapAreaView.Kind;

/** {@code ioremap()}: what the processor's rules let pass gets an area whose pages are device registers. */
final class Ioremap {
    private static final int PAGE_SIZE = Profile.PAGE_SIZE;
    private static final long ADDRESSES = 1L << 32;

    private final ObjectFloor floor;
    private final IoRules rules;
    private final VmStructs structs;
    private final AreaAllocator areas;
    private final KernelWords words;
    private final int mask;

    Ioremap(ObjectFloor floor, IoRules rules, VmStructs structs, AreaAllocator areas, KernelWords words) {
        this.floor = floor;
        this.rules = rules;
        this.structs = structs;
        this.areas = areas;
        this.words = words;
        mask = floor.gfp().of(Gfp.GFP_KERNEL);
    }

    /** The address of a physical one, or 0. */
    long map(long phys, long size) {
        if (size <= 0 || size >= ADDRESSES || phys < 0) {
            return 0;
        }
        long last = phys + size - 1;
        if (!rules.reaches(last)) {
            words.badPhysical(phys);
            return 0;
        }
        long permanent = rules.permanent(phys, last, floor.layout());
        if (permanent != 0) {
            return permanent;
        }
        return rules.refuses(phys, last, floor, words) ? 0 : mapPages(phys, last);
    }

    private long mapPages(long phys, long last) {
        long first = phys & -PAGE_SIZE;
        long count = AreaAllocator.pages(last + 1 - first);
        int area = areas.reserve(
                count,
                rules.align(count * PAGE_SIZE),
                Kind.IOREMAP,
                mask,
                floor.context().callSite());
        if (area == VmStructs.NONE) {
            return 0;
        }
        structs.setPages(area, (int) count);
        structs.setPhys(area, first);
        long start = structs.start(area);
        boolean done = false;
        try {
            done = areas.mapDevice(start, first, (int) count);
        } finally {
            if (!done) {
                areas.release(area, false);
            }
        }
        return done ? start + phys - first : 0;
    }
}
