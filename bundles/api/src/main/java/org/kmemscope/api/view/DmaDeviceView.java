package org.kmemscope.api.view;

/**
 * A device as the DMA API sees it.
 *
 * @param name name
 * @param kind what it is
 * @param mask highest bus address for streaming mappings, as the driver has set it
 * @param coherentMask the same for coherent memory
 * @param busOffset physical address at bus address 0
 * @param firstPhys lowest physical address it reaches
 * @param lastPhys highest physical address it reaches by its streaming mask
 * @param irq interrupt line; 0 if it has none
 * @param registers physical address of its registers; 0 if it has none
 * @param maxSegSize bytes one segment may have
 * @param segBoundary a segment may not cross a multiple of this plus 1
 * @param mappings live buffers and mappings
 */
public record DmaDeviceView(
        String name,
        String kind,
        long mask,
        long coherentMask,
        long busOffset,
        long firstPhys,
        long lastPhys,
        int irq,
        long registers,
        long maxSegSize,
        long segBoundary,
        int mappings) {}
