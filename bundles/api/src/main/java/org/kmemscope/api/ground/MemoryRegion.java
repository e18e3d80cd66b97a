package org.kmemscope.api.ground;

/**
 * One line of the physical memory map ({@code /proc/iomem}).
 *
 * @param start first byte
 * @param end one past the last byte
 * @param kind what is there
 * @param name as {@code /proc/iomem} prints it
 */
public record MemoryRegion(long start, long end, Kind kind, String name) {
    /** What is behind a range of physical addresses. */
    public enum Kind {
        /** Usable RAM. */
        RAM,
        /** RAM or ROM that firmware keeps: not usable, not in {@code mem_map} as present. */
        RESERVED,
        /** Registers or memory of a device. */
        DEVICE,
        /** Part of the kernel image, inside RAM. */
        KERNEL
    }

    /** Length in bytes. */
    public long size() {
        return end - start;
    }
}
