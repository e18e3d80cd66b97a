package org.kmemscope.dma;

import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;

/** A live coherent buffer or streaming mapping, as DMA debugging remembers it ({@code struct dma_debug_entry}). */
final class Mapping {
    /** No bounce buffer is used. */
    static final int NO_SLOT = -1;

    final Kind kind;
    final DmaDevice device;
    /** What the driver asked for, in bytes. */
    final long size;

    final Direction direction;
    final int callSite;
    final Placed placed;
    /** Where the device sees it. */
    final long bus;
    /** First slot of its bounce buffer, or {@link #NO_SLOT}. */
    final int slot;

    /** Whether the driver asked {@code dma_mapping_error()} about it. */
    boolean checked;
    /** Whether the CPU may use it now: between the two syncs. */
    boolean cpuOwns;
    /** Where the CPU wrote although the device owns it; 0 if it did not. */
    int wroteAt;
    /** What was told already of this time in the device's hands: {@link Told} bits. */
    int told;
    /** Where it was given up; 0 while it lives. */
    int endedAt;

    /** What made it. */
    enum Kind {
        /** {@code dma_alloc_coherent()}. */
        COHERENT("coherent"),
        /** {@code dma_map_single()}. */
        SINGLE("single"),
        /** {@code dma_map_page()}. */
        PAGE("page"),
        /** {@code dma_map_sg()}; the kernel spells it so. */
        SG("scather-gather");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** The kernel's word for it. */
        String label() {
            return label;
        }

        /** The call that gives it up. */
        String ending() {
            return switch (this) {
                case COHERENT -> "dma_free_coherent()";
                case SINGLE -> "dma_unmap_single()";
                case PAGE -> "dma_unmap_page()";
                case SG -> "dma_unmap_sg()";
            };
        }

        /** The sync calls' middle part. */
        String sync() {
            return this == SG ? "dma_sync_sg" : "dma_sync_single";
        }
    }

    /** Things that are told once for each time a buffer is the device's. */
    static final class Told {
        static final int CPU_READ = 1;
        static final int CPU_WRITE = 2;
        static final int DEVICE_READ = 4;
        static final int DIRECTION = 8;
        static final int NEIGHBOUR = 16;
        static final int ENDED = 32;

        private Told() {}
    }

    Mapping(Kind kind, DmaDevice device, long size, Direction direction, int callSite, Placed placed, long bus) {
        this(kind, device, size, direction, callSite, placed, bus, NO_SLOT);
    }

    Mapping(
            Kind kind,
            DmaDevice device,
            long size,
            Direction direction,
            int callSite,
            Placed placed,
            long bus,
            int slot) {
        this.kind = kind;
        this.device = device;
        this.size = size;
        this.direction = direction;
        this.callSite = callSite;
        this.placed = placed;
        this.bus = bus;
        this.slot = slot;
    }

    long virt() {
        return placed.virt();
    }

    long phys() {
        return placed.phys();
    }

    long handle() {
        return bus;
    }

    boolean isStreaming() {
        return kind != Kind.COHERENT;
    }

    boolean bounces() {
        return slot != NO_SLOT;
    }

    /** Whether the CPU has to leave it alone. */
    boolean deviceOwns() {
        return isStreaming() && !cpuOwns && endedAt == 0;
    }

    /** Whether the device may write it. */
    boolean deviceWrites() {
        return direction != Direction.DMA_TO_DEVICE;
    }

    /** Whether the device may read it. */
    boolean deviceReads() {
        return direction != Direction.DMA_FROM_DEVICE;
    }

    boolean holdsPhys(long address) {
        return address >= phys() && address < phys() + size;
    }

    boolean overlapsPhys(long address, long length) {
        return address < phys() + size && phys() < address + length;
    }

    boolean overlapsBus(long address, long length) {
        return address < bus + size && bus < address + length;
    }

    boolean holdsBus(long address, long length) {
        return address >= bus && address + length <= bus + size;
    }

    /** A new time in the hands of its owner begins. */
    void handOver(boolean toCpu) {
        cpuOwns = toCpu;
        wroteAt = 0;
        told = 0;
    }

    /** Whether something is told for the first time. */
    boolean firstTime(int what) {
        boolean first = (told & what) == 0;
        told |= what;
        return first;
    }
}
