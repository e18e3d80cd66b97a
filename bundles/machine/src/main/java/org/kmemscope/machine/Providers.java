package org.kmemscope.machine;

import java.util.Optional;
import org.kmemscope.api.dcache.DataCacheProvider;
import org.kmemscope.api.dma.DmaProvider;
import org.kmemscope.api.gfp.GfpProvider;
import org.kmemscope.api.highmem.HighmemProvider;
import org.kmemscope.api.mmu.MmuProvider;
import org.kmemscope.api.page.PageAllocatorProvider;
import org.kmemscope.api.phys.PhysicalMemoryProvider;
import org.kmemscope.api.process.ProcessProvider;
import org.kmemscope.api.reclaim.ReclaimProvider;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.vmalloc.VmallocProvider;
import org.kmemscope.api.zone.FreeAreaProvider;

/**
 * What a machine is assembled from. The upper floors may be missing: such a machine boots, and a call that needs one says so.
 *
 * @param memory RAM and page frames
 * @param mmu page tables
 * @param gfp flag tables
 * @param freeAreas engine of free areas
 * @param pages page allocator
 * @param objects object allocator
 * @param vmalloc vmalloc area
 * @param highmem windows onto high memory
 * @param dma DMA
 * @param reclaim reclaim
 * @param cache data cache of machines whose devices do not see it
 * @param processes processes, which need reclaim
 */
public record Providers(
        PhysicalMemoryProvider memory,
        MmuProvider mmu,
        GfpProvider gfp,
        FreeAreaProvider freeAreas,
        PageAllocatorProvider pages,
        Optional<ObjectAllocatorProvider> objects,
        Optional<VmallocProvider> vmalloc,
        Optional<HighmemProvider> highmem,
        Optional<DmaProvider> dma,
        Optional<ReclaimProvider> reclaim,
        Optional<DataCacheProvider> cache,
        Optional<ProcessProvider> processes) {
    /**
     * Without reclaim, a data cache and processes: when memory is short, nothing can be done about it, and every device sees what the CPU
     * sees.
     */
    public Providers(
            PhysicalMemoryProvider memory,
            MmuProvider mmu,
            GfpProvider gfp,
            FreeAreaProvider freeAreas,
            PageAllocatorProvider pages,
            Optional<ObjectAllocatorProvider> objects,
            Optional<VmallocProvider> vmalloc,
            Optional<HighmemProvider> highmem,
            Optional<DmaProvider> dma) {
        this(
                memory,
                mmu,
                gfp,
                freeAreas,
                pages,
                objects,
                vmalloc,
                highmem,
                dma,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** The same with reclaim. */
    public Providers with(ReclaimProvider provider) {
        return new Providers(
                memory,
                mmu,
                gfp,
                freeAreas,
                pages,
                objects,
                vmalloc,
                highmem,
                dma,
                Optional.of(provider),
                cache,
                processes);
    }

    /** The same with a data cache. */
    public Providers withCache(DataCacheProvider provider) {
        return new Providers(
                memory,
                mmu,
                gfp,
                freeAreas,
                pages,
                objects,
                vmalloc,
                highmem,
                dma,
                reclaim,
                Optional.of(provider),
                processes);
    }

    /** The same with processes. */
    public Providers withProcesses(ProcessProvider provider) {
        return new Providers(
                memory,
                mmu,
                gfp,
                freeAreas,
                pages,
                objects,
                vmalloc,
                highmem,
                dma,
                reclaim,
                cache,
                Optional.of(provider));
    }

    /** The same with another object allocator, or without one. */
    Providers withObjects(Optional<ObjectAllocatorProvider> other) {
        return new Providers(
                memory, mmu, gfp, freeAreas, pages, other, vmalloc, highmem, dma, reclaim, cache, processes);
    }

    /** The same with another engine of free areas. */
    Providers withFreeAreas(FreeAreaProvider other) {
        return new Providers(memory, mmu, gfp, other, pages, objects, vmalloc, highmem, dma, reclaim, cache, processes);
    }
}
