package org.kmemscope.api.page;

/** The zones of a node, in Linux's order. Which of them a kernel has, and so the index of each, is its configuration's. */
public enum ZoneType {
    /** What the oldest devices reach. */
    DMA("DMA"),
    /** What 32-bit devices reach; 64-bit kernels. */
    DMA32("DMA32"),
    /** Mapped by the kernel at all times. */
    NORMAL("Normal"),
    /** Not mapped by the kernel until someone asks. */
    HIGHMEM("HighMem"),
    /** Only movable pages. */
    MOVABLE("Movable");

    private final String label;

    ZoneType(String label) {
        this.label = label;
    }

    /** The name as {@code /proc/zoneinfo} prints it. */
    public String label() {
        return label;
    }

    /** Whether the kernel has no permanent mapping of such a zone. */
    public boolean isHighmem() {
        return this == HIGHMEM;
    }
}
