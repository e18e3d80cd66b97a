package org.kmemscope.slob;

import org.kmemscope.api.page.PageFloor;

/**
 * What every part of the allocator stands on.
 *
 * @param floor the floors below
 * @param rules the kernel's rules
 * @param masks bits of GFP masks
 * @param memory structures in RAM
 * @param blocks blocks in use
 * @param lists pages with free units
 * @param caches all caches
 */
record Basis(
        PageFloor floor,
        SlobRules rules,
        SlobMasks masks,
        SlobMemory memory,
        LiveBlocks blocks,
        PageLists lists,
        CacheTable caches) {
    static Basis of(PageFloor floor) {
        SlobRules rules = SlobRules.of(floor);
        return new Basis(
                floor,
                rules,
                SlobMasks.of(floor.gfp()),
                new SlobMemory(floor.layout(), floor.ram()),
                new LiveBlocks(floor.layout()),
                new PageLists(floor.frames(), rules.lists()),
                new CacheTable());
    }
}
