package org.kmemscope.api.dma;

import java.util.List;
import org.kmemscope.api.ground.Part;
import org.kmemscope.api.view.BounceView;
import org.kmemscope.api.view.DmaChannelView;
import org.kmemscope.api.view.DmaDeviceView;
import org.kmemscope.api.view.DmaMappingView;
import org.kmemscope.api.view.DmaPoolView;
import org.osgi.annotation.versioning.ProviderType;

/** The DMA API and the machine's DMA controllers. Virtual addresses for the CPU, bus addresses for devices. */
@ProviderType
public interface Dma extends Part {
    /** What a failed mapping returns ({@code DMA_MAPPING_ERROR}; 0 on i386 before 5.0). */
    long mappingError();

    /**
     * {@code dma_mapping_error()}: whether a mapping failed. Notes that the driver looked: one that never does is told so when it
     * gives the mapping up.
     */
    boolean isMappingError(DmaDevice device, long handle);

    /** What a driver may ask about DMA of its device. */
    DmaLimits limits(DmaDevice device);

    /** The devices of the machine. */
    List<DmaDevice> devices();

    /** {@code dma_set_mask()}: 0, or -5 (EIO) if the kernel cannot serve such a mask. */
    int setMask(DmaDevice device, long mask);

    /** {@code dma_set_coherent_mask()}: 0, or -5 (EIO) if the kernel cannot serve such a mask. */
    int setCoherentMask(DmaDevice device, long mask);

    /**
     * {@code dma_alloc_coherent()}: memory that CPU and device see alike, within reach of the device's coherent mask as far as the
     * kernel of the machine looks at it.
     *
     * @param size bytes; whole pages are taken
     * @param gfp mask in the era's numbers
     */
    DmaBuffer allocCoherent(DmaDevice device, long size, int gfp);

    /**
     * {@code dma_free_coherent()}. What does not fit what was allocated is reported in the words of the kernel's DMA debugging, and
     * nothing is freed.
     *
     * @return whether the buffer was given back
     */
    boolean freeCoherent(DmaDevice device, DmaBuffer buffer);

    /**
     * {@code dma_map_single()}: makes a buffer of the linear mapping reachable for a device.
     *
     * @return bus address, or {@link #mappingError()}
     */
    long mapSingle(DmaDevice device, long virt, long size, Direction direction);

    /**
     * {@code dma_unmap_single()}. A wrong size or direction is reported, and the mapping is given up all the same.
     *
     * @return whether there was such a mapping
     */
    boolean unmapSingle(DmaDevice device, long handle, long size, Direction direction);

    /**
     * {@code dma_map_page()}: the same of memory that need not have an address.
     *
     * @param pfn first frame
     * @param offset bytes from its begin
     * @return bus address, or {@link #mappingError()}
     */
    long mapPage(DmaDevice device, int pfn, long offset, long size, Direction direction);

    /** {@code dma_unmap_page()}: whether there was such a mapping. */
    boolean unmapPage(DmaDevice device, long handle, long size, Direction direction);

    /**
     * {@code dma_map_sg()}: maps every piece; all or nothing.
     *
     * @return a segment for each piece, in order; empty if it failed
     */
    List<DmaSegment> mapSg(DmaDevice device, List<ScatterEntry> entries, Direction direction);

    /** {@code dma_unmap_sg()}: takes the list that was given to {@link #mapSg}, not the segments. The bus addresses given up. */
    List<Long> unmapSg(DmaDevice device, List<ScatterEntry> entries, Direction direction);

    /**
     * {@code dma_sync_single_for_cpu()}: the CPU may use the buffer of a mapping until {@link #syncSingleForDevice}.
     *
     * @param handle bus address within the mapping
     */
    void syncSingleForCpu(DmaDevice device, long handle, long size, Direction direction);

    /** {@code dma_sync_single_for_device()}: the buffer is the device's again. */
    void syncSingleForDevice(DmaDevice device, long handle, long size, Direction direction);

    /** {@code dma_sync_sg_for_cpu()}. */
    void syncSgForCpu(DmaDevice device, List<ScatterEntry> entries, Direction direction);

    /** {@code dma_sync_sg_for_device()}. */
    void syncSgForDevice(DmaDevice device, List<ScatterEntry> entries, Direction direction);

    /** {@code dma_set_max_seg_size()}: bytes that one segment of the device may have; 65536 unless set. */
    void setMaxSegSize(DmaDevice device, long size);

    /** {@code dma_set_seg_boundary()}: a segment may not cross a multiple of {@code boundary + 1}; 0xffffffff unless set. */
    void setSegBoundary(DmaDevice device, long boundary);

    /**
     * {@code sg_alloc_table_from_pages()}, {@code blk_rq_map_sg()}: joins pieces that are adjacent in memory, as far as the limits of the
     * device's segments let it.
     */
    List<ScatterEntry> merge(DmaDevice device, List<ScatterEntry> entries);

    /**
     * {@code dma_pool_create()}.
     *
     * @param size bytes of a piece
     * @param align power of two; 0 for none
     * @param boundary power of two that no piece crosses; 0 for none
     * @return {@link DmaPool#NONE} if these make no sense
     */
    DmaPool createPool(String name, DmaDevice device, long size, long align, long boundary);

    /** {@code dma_pool_alloc()}; {@link DmaBuffer#failed} if there is no memory. */
    DmaBuffer poolAlloc(DmaPool pool, int gfp);

    /** {@code dma_pool_free()}: whether it was a piece of the pool that was in use; else that is reported. */
    boolean poolFree(DmaPool pool, DmaBuffer piece);

    /** {@code dma_pool_destroy()}: pages with pieces in use are reported and stay. */
    void destroyPool(DmaPool pool);

    /** The pools there are. */
    List<DmaPool> pools();

    /** What they hold. */
    List<DmaPoolView> poolViews();

    /** The devices, with masks as they are now. */
    List<DmaDeviceView> deviceViews();

    /** The software IO TLB. */
    BounceView bounce();

    /**
     * The device reads memory, as a bus master does.
     *
     * @param bus bus address
     * @throws org.kmemscope.api.error.BusError if there is no RAM, or the device cannot produce the address
     */
    byte[] deviceRead(DmaDevice device, long bus, int length);

    /**
     * The device writes memory, as a bus master does.
     *
     * @param bus bus address
     * @throws org.kmemscope.api.error.BusError if there is no RAM, or the device cannot produce the address
     */
    void deviceWrite(DmaDevice device, long bus, byte[] bytes);

    /**
     * {@code dma_request_chan()}: a free channel of an engine, with a ring of descriptors; {@link DmaChannel#NONE} if there is none, or no
     * memory for the ring. May sleep.
     */
    DmaChannel requestChannel(DmaDevice engine);

    /** {@code dma_release_channel()}: terminates what it does. */
    void releaseChannel(DmaChannel channel);

    /**
     * {@code dmaengine_slave_config()}: the register of the device that the channel serves.
     *
     * @param port its physical address
     * @return 0 or a negative errno
     */
    int slaveConfig(DmaChannel channel, long port);

    /** {@code dmaengine_prep_dma_memcpy()}: a transaction to be submitted, or a negative errno. */
    int prepMemcpy(DmaChannel channel, long target, long source, long length);

    /**
     * {@code dmaengine_prep_slave_sg()}.
     *
     * @param direction DMA_TO_DEVICE or DMA_FROM_DEVICE
     * @return a transaction to be submitted, or a negative errno
     */
    int prepSlaveSg(DmaChannel channel, List<DmaSegment> segments, Direction direction);

    /**
     * {@code dmaengine_prep_dma_cyclic()}: over and over, with an interrupt after each period, until it is terminated.
     *
     * @param length a multiple of {@code period}
     * @return a transaction to be submitted, or a negative errno
     */
    int prepCyclic(DmaChannel channel, long buffer, long length, long period, Direction direction);

    /** {@code dmaengine_submit()}: the cookie, or a negative errno. Nothing moves yet. */
    int submit(DmaChannel channel, int transaction);

    /** {@code dma_async_issue_pending()}: what was submitted begins, when what is before it has ended. */
    void issuePending(DmaChannel channel);

    /** {@code dmaengine_tx_status()}. */
    DmaTxState txStatus(DmaChannel channel, int cookie);

    /** {@code dmaengine_pause()}: 0 or a negative errno. */
    int pause(DmaChannel channel);

    /** {@code dmaengine_resume()}: 0 or a negative errno. */
    int resume(DmaChannel channel);

    /** {@code dmaengine_terminate_sync()}: everything is dropped; what was moved stays moved. */
    int terminate(DmaChannel channel);

    /** The channels of all engines. */
    List<DmaChannelView> channels();

    /** A frame comes over the wire of a network card; false if the card has no memory left for it. */
    boolean receive(DmaDevice card, byte[] frame);

    /** The last frames that a network card has sent, oldest first. */
    List<byte[]> sent(DmaDevice card);

    /** Whether there is anything that the CPU must not touch now, so that {@link #accessed} wants to hear of accesses. */
    boolean watches();

    /** A program of the CPU has read or written memory. */
    void accessed(long virt, long length, boolean write);

    /** Memory is about to be freed. */
    void freeing(long virt, long length);

    /** A driver prints numbers; one that is a bus address with another buffer's address beside it is most likely a mistake. */
    void printing(Object... arguments);

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

    /** What the kernel logs about DMA while it boots, in its order. */
    List<String> bootMessages();

    /** State of a transfer. */
    enum TransferStatus {
        /** Not there. */
        UNKNOWN,
        /** The controller works on it. */
        IN_PROGRESS,
        /** All bytes are moved. */
        COMPLETE,
        /** It met an address where there is no memory, or that it cannot reach. */
        ERROR,
        /** The channel is paused in the middle of it. */
        PAUSED
    }
}
