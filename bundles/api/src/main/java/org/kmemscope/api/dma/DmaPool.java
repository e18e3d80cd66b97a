package org.kmemscope.api.dma;

/**
 * A pool of small pieces of coherent memory ({@code struct dma_pool}).
 *
 * @param id number among the machine's pools, from 1; 0 if it could not be made
 * @param name name
 * @param device whose memory it is
 * @param size bytes of a piece
 * @param boundary no piece crosses a multiple of it, in bytes
 * @param allocation bytes that are taken at once
 */
public record DmaPool(int id, String name, DmaDevice device, long size, long boundary, long allocation) {
    /** What {@code dma_pool_create()} answers to sizes and alignments that make no sense: NULL. */
    public static final DmaPool NONE = new DmaPool(0, "", DmaDevice.NULL, 0, 0, 0);
}
