package org.kmemscope.api.dma;

/**
 * A device as the DMA API sees it ({@code struct device *}).
 *
 * @param id index among the machine's devices; -1 for a NULL pointer
 * @param name name
 * @param irq its interrupt line ({@code platform_get_irq()}); 0 if it has none
 * @param base physical address of its registers, to be given to {@code ioremap()}; 0 if it has none
 * @param size length of its registers, in bytes
 */
public record DmaDevice(int id, String name, int irq, long base, long size) {
    /** A NULL {@code struct device *}: the API takes the default mask of its era, and says so; kernels from 5.3 on oops. */
    public static final DmaDevice NULL = new DmaDevice(-1, "(null)", 0, 0, 0);
}
