package org.kmemscope.api.dma;

/**
 * An order for the DMA controller.
 *
 * @param source bus address to read from
 * @param destination bus address to write to
 * @param length bytes
 */
public record DmaDescriptor(long source, long destination, long length) {}
