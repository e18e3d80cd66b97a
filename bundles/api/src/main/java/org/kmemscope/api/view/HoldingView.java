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
public record HoldingView(String kind, long address, long bytes, String site) {
    /** How a person writes it: an address, {@code pfn:0x1234} for pages, the number of an interrupt line. */
    public String where() {
        return switch (kind) {
            case "alloc_pages", "kmap" -> String.format("pfn:0x%x", address);
            case "request_irq" -> String.valueOf(address);
            default -> String.format("0x%08x", address);
        };
    }
}
