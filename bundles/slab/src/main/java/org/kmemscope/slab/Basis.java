package org.kmemscope.slab;

import org.kmemscope.api.page.PageFloor;

/**
 * What every part of the allocator stands on.
 *
 * @param floor the floors below
 * @param rules the kernel's rules
 * @param masks bits of GFP masks
 * @param memory structures in RAM
 * @param live objects in use
 * @param caches all caches
 */
record Basis(PageFloor floor, SlabRules rules, GfpMasks masks, SlabMemory memory, LiveObjects live, CacheTable caches) {
    static Basis of(PageFloor floor) {
        SlabRules rules = SlabRules.of(floor);
        GfpMasks masks = GfpMasks.of(floor.gfp(), rules.dmaCaches());
        return new Basis(
                floor,
                rules,
                masks,
                new SlabMemory(floor.layout(), floor.ram(), floor.mmu()),
                new LiveObjects(floor.layout()),
                new CacheTable(masks));
    }
}
