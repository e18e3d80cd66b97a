package org.kmemscope.api.view;

import java.util.List;

/**
 * An area of the vmalloc space ({@code /proc/vmallocinfo}).
 *
 * @param start first address
 * @param end one past the last, guard page included
 * @param kind what it is
 * @param pages pages that it owns or maps
 * @param phys physical address of a device mapping; -1 for others
 * @param caller who made it
 * @param pfns frames behind it, in order; empty where it is not known
 * @param vpages whether the array that lists its pages needed a vmalloc area of its own
 */
public record VmapAreaView(
        long start, long end, Kind kind, int pages, long phys, String caller, List<Integer> pfns, boolean vpages) {
    /** What an area is. */
    public enum Kind {
        /** From vmalloc. */
        VMALLOC("vmalloc"),
        /** From vmap. */
        VMAP("vmap"),
        /** From ioremap. */
        IOREMAP("ioremap"),
        /** From vm_map_ram. */
        VM_MAP_RAM("vm_map_ram"),
        /** Coherent DMA memory that was remapped. */
        DMA_COHERENT("dma-coherent"),
        /** Freed; its addresses come back with the next purge. */
        UNPURGED("unpurged vm_area");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** The word of {@code /proc/vmallocinfo}. */
        public String label() {
            return label;
        }
    }

    /** Keeps an unmodifiable copy. */
    public VmapAreaView {
        pfns = List.copyOf(pfns);
    }

    /** An area whose array of pages, if it has one, is a small one. */
    public VmapAreaView(long start, long end, Kind kind, int pages, long phys, String caller, List<Integer> pfns) {
        this(start, end, kind, pages, phys, caller, pfns, false);
    }
}
