package org.kmemscope.api.view;

/**
 * Something that a module holds.
 *
 * @param kind the call it came from: {@code kmalloc}, {@code vmalloc}, {@code dma_alloc_coherent}, ...
 * @param address virtual address; for {@code alloc_pages} and {@code kmap} the pfn, for {@code dma_map_single} the bus address, for
 *     {@code request_irq} the line
 * @param bytes how much was asked for
 * @param site the place that took it
 */
public record HoldingView(String kind, long address, long bytes, String site) {}
