package org.kmemscope.api.view;

/**
 * A window onto high memory.
 *
 * @param kind {@code pkmap}, {@code kmap_atomic} or {@code kmap_local}
 * @param slot number of the slot
 * @param name name of the slot, where it has one
 * @param virt its address
 * @param pfn frame it shows; -1 for none
 * @param count pkmap_count: 0 free, 1 free but not flushed, n used by n - 1
 */
public record KmapView(String kind, int slot, String name, long virt, int pfn, int count) {}
