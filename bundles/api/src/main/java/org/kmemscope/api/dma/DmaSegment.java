package org.kmemscope.api.dma;

/**
 * A piece of memory as a device sees it ({@code sg_dma_address()}, {@code sg_dma_len()}).
 *
 * @param handle bus address
 * @param length bytes
 */
public record DmaSegment(long handle, long length) {}
