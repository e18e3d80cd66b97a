package org.kmemscope.machine;

import java.util.List;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaDescriptor;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.dma.DmaPool;
import org.kmemscope.api.dma.DmaSegment;
import org.kmemscope.api.dma.ScatterEntry;
import org.kmemscope.api.machine.Caller;

/** The DMA API. */
abstract class DmaCalls extends MappingCalls {
    private static final String COHERENT = "dma_alloc_coherent";
    private static final String SINGLE = "dma_map_single";
    private static final String PAGE = "dma_map_page";
    private static final String SCATTER = "dma_map_sg";
    private static final String POOL = "dma_pool_create";
    private static final String PIECE = "dma_pool_alloc";

    DmaCalls(SimulatedMachine machine, Caller caller, Ledger ledger) {
        super(machine, caller, ledger);
    }

    // ---- DMA

    @Override
    public DmaDevice device(String name) {
        return machine.dma().devices().stream()
                .filter(device -> device.name().equals(name))
                .findFirst()
                .orElse(DmaDevice.NULL);
    }

    @Override
    public int dmaSetMask(DmaDevice device, long mask) {
        enter();
        try {
            return machine.dma().setMask(device, mask);
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_set_mask");
        } finally {
            exit();
        }
    }

    @Override
    public int dmaSetCoherentMask(DmaDevice device, long mask) {
        enter();
        try {
            return machine.dma().setCoherentMask(device, mask);
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_set_coherent_mask");
        } finally {
            exit();
        }
    }

    @Override
    public DmaBuffer dmaAllocCoherent(DmaDevice device, long size, int gfp) {
        enter();
        try {
            machine.exchanges.requireObjects();
            DmaBuffer buffer = machine.dma().allocCoherent(device, size, gfp);
            if (!buffer.failed()) {
                took(COHERENT, buffer.virt(), size);
            }
            return buffer;
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_alloc_coherent");
        } finally {
            exit();
        }
    }

    @Override
    public void dmaFreeCoherent(DmaDevice device, DmaBuffer buffer) {
        enter();
        try {
            machine.exchanges.requireObjects();
            if (machine.dma().freeCoherent(device, buffer)) {
                ledger.give(COHERENT, buffer.virt());
            }
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_free_coherent");
        } finally {
            exit();
        }
    }

    @Override
    public long dmaMapSingle(DmaDevice device, long virt, long size, Direction direction) {
        enter();
        try {
            long handle = machine.dma().mapSingle(device, virt, size, direction);
            if (handle != machine.dma().mappingError()) {
                took(SINGLE, handle, size);
            }
            return handle;
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_map_single");
        } finally {
            exit();
        }
    }

    @Override
    public void dmaUnmapSingle(DmaDevice device, long handle, long size, Direction direction) {
        enter();
        try {
            if (machine.dma().unmapSingle(device, handle, size, direction)) {
                ledger.give(SINGLE, handle);
            }
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_unmap_single");
        } finally {
            exit();
        }
    }

    @Override
    public long dmaMapPage(DmaDevice device, int pfn, long offset, long size, Direction direction) {
        enter();
        try {
            requireFrame(pfn, "dma_map_page");
            long handle = machine.dma().mapPage(device, pfn, offset, size, direction);
            if (handle != machine.dma().mappingError()) {
                took(PAGE, handle, size);
            }
            return handle;
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_map_page");
        } finally {
            exit();
        }
    }

    @Override
    public void dmaUnmapPage(DmaDevice device, long handle, long size, Direction direction) {
        enter();
        try {
            if (machine.dma().unmapPage(device, handle, size, direction)) {
                ledger.give(PAGE, handle);
            }
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_unmap_page");
        } finally {
            exit();
        }
    }

    @Override
    public List<DmaSegment> dmaMapSg(DmaDevice device, List<ScatterEntry> entries, Direction direction) {
        enter();
        try {
            entries.forEach(entry -> requireFrame(entry.pfn(), "dma_map_sg"));
            List<DmaSegment> segments = machine.dma().mapSg(device, entries, direction);
            segments.forEach(segment -> took(SCATTER, segment.handle(), segment.length()));
            return segments;
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_map_sg");
        } finally {
            exit();
        }
    }

    @Override
    public void dmaUnmapSg(DmaDevice device, List<ScatterEntry> entries, Direction direction) {
        enter();
        try {
            machine.dma().unmapSg(device, entries, direction).forEach(handle -> ledger.give(SCATTER, handle));
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_unmap_sg");
        } finally {
            exit();
        }
    }

    @Override
    public void dmaSyncSingleForCpu(DmaDevice device, long handle, long size, Direction direction) {
        enter();
        try {
            machine.dma().syncSingleForCpu(device, handle, size, direction);
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_sync_single_for_cpu");
        } finally {
            exit();
        }
    }

    @Override
    public void dmaSyncSgForCpu(DmaDevice device, List<ScatterEntry> entries, Direction direction) {
        enter();
        try {
            machine.dma().syncSgForCpu(device, entries, direction);
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_sync_sg_for_cpu");
        } finally {
            exit();
        }
    }

    @Override
    public void dmaSyncSingleForDevice(DmaDevice device, long handle, long size, Direction direction) {
        enter();
        try {
            machine.dma().syncSingleForDevice(device, handle, size, direction);
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_sync_single_for_device");
        } finally {
            exit();
        }
    }

    @Override
    public void dmaSyncSgForDevice(DmaDevice device, List<ScatterEntry> entries, Direction direction) {
        enter();
        try {
            machine.dma().syncSgForDevice(device, entries, direction);
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_sync_sg_for_device");
        } finally {
            exit();
        }
    }

    @Override
    public void dmaSetMaxSegSize(DmaDevice device, long size) {
        enter();
        try {
            machine.dma().setMaxSegSize(device, size);
        } finally {
            exit();
        }
    }

    @Override
    public void dmaSetSegBoundary(DmaDevice device, long boundary) {
        enter();
        try {
            machine.dma().setSegBoundary(device, boundary);
        } finally {
            exit();
        }
    }

    @Override
    public List<ScatterEntry> sgMerge(DmaDevice device, List<ScatterEntry> entries) {
        return machine.locked(() -> machine.dma().merge(device, entries));
    }

    @Override
    public DmaPool dmaPoolCreate(String name, DmaDevice device, long size, long align, long boundary) {
        enter();
        try {
            DmaPool pool = machine.dma().createPool(name, device, size, align, boundary);
            if (!pool.equals(DmaPool.NONE)) {
                took(POOL, pool.id(), size);
            }
            return pool;
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_pool_create");
        } finally {
            exit();
        }
    }

    @Override
    public DmaBuffer dmaPoolAlloc(DmaPool pool, int gfp) {
        enter();
        try {
            machine.exchanges.requireObjects();
            DmaBuffer piece = machine.dma().poolAlloc(pool, gfp);
            if (!piece.failed()) {
                took(PIECE, piece.virt(), piece.size());
            }
            return piece;
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_pool_alloc");
        } finally {
            exit();
        }
    }

    @Override
    public void dmaPoolFree(DmaPool pool, DmaBuffer piece) {
        enter();
        try {
            if (machine.dma().poolFree(pool, piece)) {
                ledger.give(PIECE, piece.virt());
            }
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_pool_free");
        } finally {
            exit();
        }
    }

    @Override
    public void dmaPoolDestroy(DmaPool pool) {
        enter();
        try {
            machine.exchanges.requireObjects();
            machine.dma().destroyPool(pool);
            ledger.give(POOL, pool.id());
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_pool_destroy");
        } finally {
            exit();
        }
    }

    @Override
    public boolean dmaMappingError(DmaDevice device, long handle) {
        return machine.locked(() -> machine.dma().isMappingError(device, handle));
    }

    @Override
    public int dmaSubmit(DmaDevice controller, DmaDescriptor descriptor) {
        enter();
        try {
            return machine.dma().submit(controller, descriptor);
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_submit");
        } finally {
            exit();
        }
    }

    @Override
    public String dmaStatus(DmaDevice controller, int cookie) {
        enter();
        try {
            return machine.dma().status(controller, cookie).name();
        } catch (RuntimeException e) {
            throw machine.failure(e, "dma_status");
        } finally {
            exit();
        }
    }
}
