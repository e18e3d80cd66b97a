package org.kmemscope.api.dma;

/** {@code enum dma_data_direction}, in its numbering. */
public enum Direction {
    /** The device reads and writes. */
    DMA_BIDIRECTIONAL,
    /** The device reads. */
    DMA_TO_DEVICE,
    /** The device writes. */
    DMA_FROM_DEVICE,
    /** No transfer. */
    DMA_NONE
}
