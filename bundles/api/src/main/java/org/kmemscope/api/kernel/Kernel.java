package org.kmemscope.api.kernel;

import java.util.List;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaChannel;
import org.kmemscope.api.dma.DmaDescriptor;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.dma.DmaPool;
import org.kmemscope.api.dma.DmaSegment;
import org.kmemscope.api.dma.DmaTxState;
import org.kmemscope.api.dma.ScatterEntry;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.error.KernelException;
import org.kmemscope.api.error.KernelOops;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The kernel as a driver calls it. Virtual addresses are longs, 0 is NULL; a page ({@code struct page *}) is its pfn, -1 is NULL.
 * Every call takes the machine's lock, so drivers may call from any thread; it runs in the context of the caller: process context
 * in {@code init}, {@code exit} and threads, hard interrupt context in an interrupt handler.
 *
 * <p>What Linux answers with NULL or an errno is answered so here. A {@link KernelException} is a bug of the caller's that would
 * have stopped a real kernel, with the words of that kernel.
 *
 * <p>GFP masks are ints in the numbering of the machine's kernel; {@link #gfp} makes one of names, and the calls that drivers use
 * most take the names at once:
 *
 * <pre>{@code
 * long buffer = kernel.kmalloc(40, GFP_KERNEL);
 * }</pre>
 */
@ProviderType
public interface Kernel {
    // ---- flags

    /** The mask of some flags, or'ed. */
    int gfp(Gfp... flags);

    // ---- pages

    /** {@code alloc_pages()}: {@code 2^order} contiguous frames; the first, or -1. */
    int allocPages(int gfp, int order);

    /** {@code alloc_pages()}. */
    default int allocPages(Gfp flags, int order) {
        return allocPages(gfp(flags), order);
    }

    /** {@code __free_pages()}. */
    void freePages(int pfn, int order);

    /**
     * {@code __get_free_pages()}: the linear address of {@code 2^order} frames of low memory, or 0. A mask that allows high memory is a BUG
     * before 4.18; later kernels drop the bit.
     */
    long getFreePages(int gfp, int order);

    /** {@code free_pages()}: by linear address; ignores NULL. */
    void freePagesAt(long virt, int order);

    /** {@code alloc_pages_exact()}: as many whole pages as {@code size} needs; linear address or 0. */
    long allocPagesExact(long size, int gfp);

    /** {@code free_pages_exact()}. */
    void freePagesExact(long virt, long size);

    /** {@code split_page()}. */
    void splitPage(int pfn, int order);

    // ---- objects

    /** {@code kmalloc()}. */
    long kmalloc(long size, int gfp);

    /** {@code kmalloc()}. */
    default long kmalloc(long size, Gfp flags) {
        return kmalloc(size, gfp(flags));
    }

    /** {@code kzalloc()}: zeroed. */
    long kzalloc(long size, int gfp);

    /** {@code kzalloc()}: zeroed. */
    default long kzalloc(long size, Gfp flags) {
        return kzalloc(size, gfp(flags));
    }

    /** {@code krealloc()}: keeps the bytes; NULL and the old object alive if there is no memory. Size 0 frees. */
    long krealloc(long object, long size, int gfp);

    /** {@code kmemdup()}: a copy of {@code size} bytes; 0 if there is no memory. */
    long kmemdup(long source, long size, int gfp);

    /** {@code kfree()}. */
    void kfree(long object);

    /** {@code ksize()}. */
    long ksize(long object);

    /** {@code kmem_cache_create()}; {@link KmemCache#NONE} if it fails. */
    KmemCache kmemCacheCreate(CacheSpec spec);

    /** {@code kmem_cache_alloc()}. */
    long kmemCacheAlloc(KmemCache cache, int gfp);

    /** {@code kmem_cache_alloc()}. */
    default long kmemCacheAlloc(KmemCache cache, Gfp flags) {
        return kmemCacheAlloc(cache, gfp(flags));
    }

    /** {@code kmem_cache_free()}. */
    void kmemCacheFree(KmemCache cache, long object);

    /**
     * {@code kmem_cache_alloc_bulk()}: all or nothing.
     *
     * @param objects gets the addresses from its start on
     * @param count how many, at most the length of {@code objects}
     * @return {@code count}, or 0 if there is no memory for all of them
     */
    int kmemCacheAllocBulk(KmemCache cache, int gfp, int count, long[] objects);

    /** {@code kmem_cache_free_bulk()}: the first {@code count} of {@code objects}. */
    void kmemCacheFreeBulk(KmemCache cache, int count, long[] objects);

    /** {@code kmem_cache_shrink()}: gives empty slabs back; the number of pages freed. May sleep. */
    int kmemCacheShrink(KmemCache cache);

    /** {@code kmem_cache_destroy()}: whether it was empty and is gone. */
    boolean kmemCacheDestroy(KmemCache cache);

    // ---- memory pools

    /**
     * {@code mempool_create_slab_pool()}: a pool of objects of a cache, which must live longer. May sleep.
     *
     * @param minimum objects that are kept back
     * @return {@link Mempool#NONE} if there is no memory for them
     */
    Mempool mempoolCreate(int minimum, KmemCache cache);

    /** {@code mempool_create_kmalloc_pool()}: a pool of objects of a size. May sleep. */
    Mempool mempoolCreateKmalloc(int minimum, long size);

    /**
     * {@code mempool_alloc()}: asks the allocator, then takes one that was kept back, then waits for one if the mask allows. A request that
     * may wait never gets 0.
     */
    long mempoolAlloc(Mempool pool, int gfp);

    /** {@code mempool_free()}: keeps the object back if some are missing, and wakes who waits; else frees it. */
    void mempoolFree(Mempool pool, long object);

    /**
     * {@code mempool_destroy()}: frees what is kept back, and the pool.
     *
     * @throws KernelBug before 3.3 if objects are missing
     */
    void mempoolDestroy(Mempool pool);

    // ---- vmalloc

    /** {@code vmalloc()}. May sleep. */
    long vmalloc(long size);

    /** {@code __vmalloc()}: with a mask for the pages, which may name a zone. May sleep. */
    long vmalloc(long size, int gfp);

    /** {@code vmalloc_32()}: pages that devices of 32 bits reach, which here is low memory. May sleep. */
    long vmalloc32(long size);

    /** {@code vzalloc()}: zeroed. May sleep. */
    long vzalloc(long size);

    /** {@code vfree()}. */
    void vfree(long address);

    /**
     * {@code kvmalloc()}: from kmalloc if it has that much in one piece, else from vmalloc. Sizes up to a page, and masks without all of
     * {@code GFP_KERNEL}, are kmalloc's alone.
     */
    long kvmalloc(long size, int gfp);

    /** {@code kvmalloc()}. */
    default long kvmalloc(long size, Gfp flags) {
        return kvmalloc(size, gfp(flags));
    }

    /** {@code kvfree()}: whichever it came from. */
    void kvfree(long address);

    /** {@code vmap()}: maps pages side by side; 0 if there is no room. May sleep. */
    long vmap(int[] pfns);

    /** {@code vunmap()}. */
    void vunmap(long address);

    /**
     * {@code vm_map_ram()}: maps pages side by side for a short time; 0 if there is no room. May sleep.
     *
     * @throws IllegalArgumentException before 2.6.28, which has no such call
     */
    long vmMapRam(int[] pfns);

    /** {@code vm_unmap_ram()}: as many pages as were mapped. */
    void vmUnmapRam(long address, int count);

    /** {@code vm_unmap_aliases()}: makes addresses usable again that were given up and kept back. */
    void vmUnmapAliases();

    /** {@code vmalloc_to_pfn()}: the frame behind an address of the vmalloc area, or -1. */
    int vmallocToPfn(long address);

    /** {@code ioremap()}: maps device registers; 0 if there is no room. May sleep. */
    long ioremap(long phys, long size);

    /** {@code iounmap()}. */
    void iounmap(long address);

    // ---- high memory

    /** {@code kmap()}. May sleep. */
    long kmap(int pfn);

    /** {@code kunmap()}. */
    void kunmap(int pfn);

    /** {@code kmap_atomic()}, in a named slot where the kernel has such ({@code KM_USER0}). */
    long kmapAtomic(int pfn, String slot);

    /** {@code kunmap_atomic()}. */
    void kunmapAtomic(long address);

    /**
     * {@code kmap_local_page()}: the next window of the current task; to be given back in reverse order.
     *
     * @throws IllegalArgumentException before 5.11, which has no such call
     */
    long kmapLocal(int pfn);

    /** {@code kunmap_local()}. */
    void kunmapLocal(long address);

    /** {@code page_address()}. */
    long pageAddress(int pfn);

    // ---- addresses

    /** {@code virt_to_phys()}: arithmetic; wrong for anything but the linear mapping, and the log says so. */
    long virtToPhys(long virt);

    /** {@code phys_to_virt()}: arithmetic; wrong for high memory, and the log says so. */
    long physToVirt(long phys);

    /** {@code virt_addr_valid()}: whether {@code virt_to_phys()} of an address makes sense, as far as the kernel can tell. */
    boolean virtAddrValid(long virt);

    // ---- DMA

    /** The device with a name, or {@link DmaDevice#NULL}. */
    DmaDevice device(String name);

    /** {@code dma_set_mask()}: 0 or a negative errno. */
    int dmaSetMask(DmaDevice device, long mask);

    /** {@code dma_set_coherent_mask()}: 0 or a negative errno. */
    int dmaSetCoherentMask(DmaDevice device, long mask);

    /** {@code dma_alloc_coherent()}; {@link DmaBuffer#failed} if there is no memory. */
    DmaBuffer dmaAllocCoherent(DmaDevice device, long size, int gfp);

    /** {@code dma_alloc_coherent()}. */
    default DmaBuffer dmaAllocCoherent(DmaDevice device, long size, Gfp flags) {
        return dmaAllocCoherent(device, size, gfp(flags));
    }

    /** {@code dma_free_coherent()}. */
    void dmaFreeCoherent(DmaDevice device, DmaBuffer buffer);

    /** {@code dma_map_single()}: a bus address; test it with {@link #dmaMappingError}. */
    long dmaMapSingle(DmaDevice device, long virt, long size, Direction direction);

    /** {@code dma_unmap_single()}. */
    void dmaUnmapSingle(DmaDevice device, long handle, long size, Direction direction);

    /** {@code dma_map_page()}: a bus address; test it with {@link #dmaMappingError}. High memory will do. */
    long dmaMapPage(DmaDevice device, int pfn, long offset, long size, Direction direction);

    /** {@code dma_unmap_page()}. */
    void dmaUnmapPage(DmaDevice device, long handle, long size, Direction direction);

    /** {@code dma_map_sg()}: a segment for each piece; empty if it failed. */
    List<DmaSegment> dmaMapSg(DmaDevice device, List<ScatterEntry> entries, Direction direction);

    /** {@code dma_unmap_sg()}: takes the pieces that {@link #dmaMapSg} was given. */
    void dmaUnmapSg(DmaDevice device, List<ScatterEntry> entries, Direction direction);

    /** {@code dma_sync_single_for_cpu()}: before the CPU uses the buffer of a mapping that stays. */
    void dmaSyncSingleForCpu(DmaDevice device, long handle, long size, Direction direction);

    /** {@code dma_sync_single_for_device()}: after the CPU has used it. */
    void dmaSyncSingleForDevice(DmaDevice device, long handle, long size, Direction direction);

    /** {@code dma_sync_sg_for_cpu()}. */
    void dmaSyncSgForCpu(DmaDevice device, List<ScatterEntry> entries, Direction direction);

    /** {@code dma_sync_sg_for_device()}. */
    void dmaSyncSgForDevice(DmaDevice device, List<ScatterEntry> entries, Direction direction);

    /** {@code dma_set_max_seg_size()}. */
    void dmaSetMaxSegSize(DmaDevice device, long size);

    /** {@code dma_set_seg_boundary()}. */
    void dmaSetSegBoundary(DmaDevice device, long boundary);

    /** {@code sg_alloc_table_from_pages()}: joins adjacent pieces within the limits of the device's segments. */
    List<ScatterEntry> sgMerge(DmaDevice device, List<ScatterEntry> entries);

    /** {@code dma_pool_create()}; {@link DmaPool#NONE} if the numbers make no sense. */
    DmaPool dmaPoolCreate(String name, DmaDevice device, long size, long align, long boundary);

    /** {@code dma_pool_alloc()}; {@link DmaBuffer#failed} if there is no memory. */
    DmaBuffer dmaPoolAlloc(DmaPool pool, int gfp);

    /** {@code dma_pool_alloc()}. */
    default DmaBuffer dmaPoolAlloc(DmaPool pool, Gfp flags) {
        return dmaPoolAlloc(pool, gfp(flags));
    }

    /** {@code dma_pool_free()}. */
    void dmaPoolFree(DmaPool pool, DmaBuffer piece);

    /** {@code dma_pool_destroy()}. */
    void dmaPoolDestroy(DmaPool pool);

    /** {@code dma_mapping_error()}. */
    boolean dmaMappingError(DmaDevice device, long handle);

    /** Gives a DMA controller an order: a cookie, or a negative errno. It raises its interrupt when it is done. */
    int dmaSubmit(DmaDevice controller, DmaDescriptor descriptor);

    /** State of an order: {@code COMPLETE}, {@code IN_PROGRESS}, {@code ERROR}. */
    String dmaStatus(DmaDevice controller, int cookie);

    // ---- DMA engines

    /** {@code dma_request_chan()}; {@link DmaChannel#NONE} if none is free. May sleep. */
    DmaChannel dmaRequestChan(DmaDevice engine);

    /** {@code dma_release_channel()}. */
    void dmaReleaseChannel(DmaChannel channel);

    /** {@code dmaengine_slave_config()}: the register of the device that the channel serves, by its physical address. */
    int dmaengineSlaveConfig(DmaChannel channel, long port);

    /** {@code dmaengine_prep_dma_memcpy()}: what {@link #dmaengineSubmit} takes, or a negative errno. */
    int dmaenginePrepDmaMemcpy(DmaChannel channel, long target, long source, long length);

    /** {@code dmaengine_prep_slave_sg()}: what {@link #dmaengineSubmit} takes, or a negative errno. */
    int dmaenginePrepSlaveSg(DmaChannel channel, List<DmaSegment> segments, Direction direction);

    /** {@code dmaengine_prep_dma_cyclic()}: what {@link #dmaengineSubmit} takes, or a negative errno. */
    int dmaenginePrepDmaCyclic(DmaChannel channel, long buffer, long length, long period, Direction direction);

    /** {@code dmaengine_submit()}: the cookie, or a negative errno. */
    int dmaengineSubmit(DmaChannel channel, int transaction);

    /** {@code dma_async_issue_pending()}. */
    void dmaAsyncIssuePending(DmaChannel channel);

    /** {@code dmaengine_tx_status()}. */
    DmaTxState dmaengineTxStatus(DmaChannel channel, int cookie);

    /** {@code dmaengine_pause()}. */
    int dmaenginePause(DmaChannel channel);

    /** {@code dmaengine_resume()}. */
    int dmaengineResume(DmaChannel channel);

    /** {@code dmaengine_terminate_sync()}. */
    int dmaengineTerminateSync(DmaChannel channel);

    // ---- memory access

    /** Reads one byte at a virtual address. */
    int read8(long virt);

    /** Reads four bytes at a virtual address; {@code readl()} on device registers. */
    int read32(long virt);

    /** Reads eight bytes at a virtual address. */
    long read64(long virt);

    /** Writes one byte. */
    void write8(long virt, int value);

    /** Writes four bytes; {@code writel()} on device registers. */
    void write32(long virt, int value);

    /** Writes eight bytes. */
    void write64(long virt, long value);

    /**
     * Copies memory out.
     *
     * @throws KernelOops if a page is not mapped
     */
    byte[] read(long virt, int length);

    /** Copies memory in. */
    void write(long virt, byte[] bytes);

    /** {@code memset()}. */
    void memset(long virt, int value, long length);

    /** {@code memcpy()} between virtual addresses. */
    void memcpy(long to, long from, long length);

    /** The NUL-terminated string at a virtual address, at most {@code max} bytes. */
    String readString(long virt, int max);

    /** Writes a string and its NUL. */
    void writeString(long virt, String text);

    // ---- context, interrupts, time, log

    /** {@code printk()}, as {@link String#format} has it, at level KERN_INFO. */
    void printk(String format, Object... arguments);

    /** {@code in_interrupt()}. */
    boolean inInterrupt();

    /**
     * {@code might_sleep()}.
     *
     * @throws KernelBug where sleeping is forbidden
     */
    void mightSleep();

    /** {@code request_irq()}: 0 or a negative errno. */
    int requestIrq(int irq, InterruptHandler handler, String name);

    /** {@code free_irq()}. */
    void freeIrq(int irq, String name);

    /** {@code jiffies}. */
    long jiffies();

    /** {@code schedule_timeout()}: sleeps; time passes, and with it what devices do. */
    void sleep(long ticks);

    /**
     * {@code kthread_run()}: starts a kernel thread. It runs on a thread of the host and makes kernel calls like any task; the module
     * must not end before it.
     *
     * @param name name of the task
     * @param body what it does
     * @return its process id
     */
    int kthreadRun(String name, Runnable body);

    /** {@code kthread_stop()}: waits until the thread has ended. May sleep. */
    void kthreadJoin(int pid);

    /** A parameter of the module, given to {@code insmod}, or the value to take without one. */
    String parameter(String name, String otherwise);

    /** Every parameter name given to {@code insmod}. */
    List<String> parameterNames();
}
