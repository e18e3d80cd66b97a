package org.kmemscope.api.dma;

/**
 * What a driver may ask about DMA of its device.
 *
 * @param requiredMask {@code dma_get_required_mask()}: the mask that reaches all memory of the machine
 * @param maxMapping {@code dma_max_mapping_size()}: the most bytes of one mapping; 0xffffffff where nothing limits it
 * @param needsSync {@code dma_need_sync()}: whether CPU and device see the same bytes only after a sync
 */
public record DmaLimits(long requiredMask, long maxMapping, boolean needsSync) {}
