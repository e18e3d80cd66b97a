package org.kmemscope.slub;

import org.kmemscope.api.page.PageFloor;

/**
 * What every part of the allocator stands on.
 *
 * @param floor the floors below
 * @param rules the kernel's rules
 * @param masks bits of GFP masks
 * @param memory the bytes of objects
 * @param slabs all slabs
 * @param caches all caches
 * @param chance random numbers
 */
record Basis(
        PageFloor floor,
        SlubRules rules,
        GfpMasks masks,
        ObjectMemory memory,
        Slabs slabs,
        CacheTable caches,
        Chance chance) {
    static Basis of(PageFloor floor) {
        SlubRules rules = SlubRules.of(floor);
        boolean dmaCaches =
                rules.kmalloc().families().stream().anyMatch(family -> family.kind() == KmallocRules.Kind.DMA);
        return new Basis(
                floor,
                rules,
                GfpMasks.of(floor.gfp(), dmaCaches),
                new ObjectMemory(floor.layout(), floor.ram(), floor.mmu()),
                new Slabs(floor.frames(), floor.layout()),
                new CacheTable(),
                new Chance(rules.seed()));
    }
}
