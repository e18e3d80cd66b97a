package org.kmemscope.api.dma;

import java.util.List;
import org.kmemscope.api.ground.Part;
import org.kmemscope.api.view.DmaMappingView;
import org.osgi.annotation.versioning.ProviderType;

/** The DMA API and the machine's DMA controllers. Virtual addresses for the CPU, bus addresses for devices. */
@ProviderType
public interface Dma extends Part {
    /** What a failed mapping returns ({@code DMA_MAPPING_ERROR}; 0 on 2.6 i386). */
    long mappingError();

    /** The devices of the machine. */
    List<DmaDevice> devices();

    /** {@code dma_set_mask()}: 0, or -5 (EIO) if the device cannot. */
    int setMask(DmaDevice device, long mask);

    /**
     * {@code dma_alloc_coherent()}: memory that CPU and device see alike, as near as the device's coherent mask allows.
     *
     * @param size bytes
     * @param gfp mask in the era's numbers
     */
    DmaBuffer allocCoherent(DmaDevice device, long size, int gfp);

    /** {@code dma_free_coherent()}. */
    void freeCoherent(DmaDevice device, DmaBuffer buffer);

    /**
     * {@code dma_map_single()}: makes a buffer of the linear mapping reachable for a device.
     *
     * @return bus address, or {@link #mappingError()}
     */
    long mapSingle(DmaDevice device, long virt, long size, Direction direction);

    /** {@code dma_unmap_single()}. */
    void unmapSingle(DmaDevice device, long handle, long size, Direction direction);

    /**
     * Gives a controller an order. It moves the bytes itself, some ticks later, and raises its interrupt when done.
     *
     * @return cookie of the transfer, or a negative errno
     */
    int submit(DmaDevice controller, DmaDescriptor descriptor);

    /** State of a transfer. */
    TransferStatus status(DmaDevice controller, int cookie);

    /** Live coherent buffers and streaming mappings. */
    List<DmaMappingView> mappings();

    /** State of a transfer. */
    enum TransferStatus {
        /** Not there. */
        UNKNOWN,
        /** The controller works on it. */
        IN_PROGRESS,
        /** All bytes are moved. */
        COMPLETE,
        /** It met an address where there is no memory, or that it cannot reach. */
        ERROR
    }
}
