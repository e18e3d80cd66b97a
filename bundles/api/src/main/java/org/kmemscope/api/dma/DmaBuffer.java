package org.kmemscope.api.dma;

/**
 * Coherent memory.
 *
 * @param virt where the CPU sees it; 0 if the allocation failed
 * @param handle where the device sees it ({@code dma_addr_t}), a bus address
 * @param size bytes asked for
 */
public record DmaBuffer(long virt, long handle, long size) {
    /** What {@code dma_alloc_coherent()} answers when there is no memory: NULL. */
    public static final DmaBuffer FAILED = new DmaBuffer(0, 0, 0);

    /** Whether the allocation failed. */
    public boolean failed() {
        return virt == 0;
    }
}
