package org.kmemscope.api.dma;

/**
 * A device as the DMA API sees it ({@code struct device *}).
 *
 * @param id index among the machine's devices; -1 for a NULL pointer
 * @param name name
 */
public record DmaDevice(int id, String name) {
    /** A NULL {@code struct device *}: the API takes the default mask of its era, and says so. */
    public static final DmaDevice NULL = new DmaDevice(-1, "(null)");
}
