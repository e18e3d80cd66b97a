package org.kmemscope.dma;

import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;

/** A live coherent buffer or streaming mapping, as DMA debugging remembers it ({@code struct dma_debug_entry}). */
final class Mapping {
    final Kind kind;
    final DmaDevice device;
    /** What the driver asked for, in bytes. */
    final long size;

    final Direction direction;
    final int callSite;
    final Placed placed;
    /** Whether the driver asked {@code dma_mapping_error()} about it. */
    boolean checked;

    /** What made it. */
    enum Kind {
        /** {@code dma_alloc_coherent()}. */
        COHERENT("coherent"),
        /** {@code dma_map_single()}. */
        SINGLE("single");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** The kernel's word for it. */
        String label() {
            return label;
        }
    }

    Mapping(Kind kind, DmaDevice device, long size, Direction direction, int callSite, Placed placed) {
        this.kind = kind;
        this.device = device;
        this.size = size;
        this.direction = direction;
        this.callSite = callSite;
        this.placed = placed;
    }

    long virt() {
        return placed.virt();
    }

    long handle() {
        return placed.phys();
    }
}
