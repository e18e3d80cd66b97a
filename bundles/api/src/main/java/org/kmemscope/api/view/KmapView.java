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
 * @param holders who has it: {@code pid 101 at Driver.read:17}; empty where it is not known
 */
public record KmapView(String kind, int slot, String name, long virt, int pfn, int count, String holders) {
    /** A window of which it is not known who has it. */
    public KmapView(String kind, int slot, String name, long virt, int pfn, int count) {
        this(kind, slot, name, virt, pfn, count, "");
    }

    /** The same with other holders. */
    public KmapView withHolders(String others) {
        return new KmapView(kind, slot, name, virt, pfn, count, others);
    }
}
