package org.kmemscope.dma;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.page.PageFloor;

/**
 * Coherent memory of ARM: pages that the CPU sees uncached, as its caches do not see what devices do.
 *
 * <ol>
 *   <li>The mask: up to 5.x one that is 0, or too small for the board, is refused with a warning, and a NULL device has the board's
 *       limit; 6.1 takes any mask. One below 32 bits asks ZONE_DMA, and that is all: nobody looks where the memory lies. So 6.1 gives a
 *       device with a mask of 24 bits a buffer at 0x7c043000, as its capture shows.
 *   <li>The source: the atomic pool for requests that must not sleep, where there is one; else the one this kernel was built with.
 * </ol>
 *
 * <p>Source: {@code __dma_alloc()} of {@code arch/arm/mm/dma-mapping.c}.
 */
final class ArmCoherent implements CoherentRule {
    private final PageFloor floor;
    private final boolean anyMask;
    private final MaskSupport masks;
    private final CoherentSource normal;
    private final List<AtomicPool> pool;
    private final int poolFlags;
    private final boolean poolIfFlagged;
    private final int dma;
    private final int dropped;

    /**
     * @param anyMask whether the mask is taken as it is
     * @param masks which are not refused
     * @param normal serves requests that may sleep
     * @param pool the atomic pool, or nothing
     * @param poolIfFlagged whether __GFP_HIGH leads to the pool (3.5 and 3.6), or that the request must not sleep (later)
     */
    ArmCoherent(
            PageFloor floor,
            boolean anyMask,
            MaskSupport masks,
            CoherentSource normal,
            List<AtomicPool> pool,
            boolean poolIfFlagged) {
        this.floor = floor;
        this.anyMask = anyMask;
        this.masks = masks;
        this.normal = normal;
        this.pool = List.copyOf(pool);
        this.poolIfFlagged = poolIfFlagged;
        GfpTable gfp = floor.gfp();
        poolFlags = gfp.orZero(Gfp.__GFP_HIGH);
        dma = gfp.orZero(Gfp.__GFP_DMA);
        int zones = dma | gfp.orZero(Gfp.__GFP_HIGHMEM) | gfp.orZero(Gfp.__GFP_DMA32);
        // split_page() cannot handle compound pages; 6.1 also ignores the zone flags of the caller, as everywhere
        dropped = gfp.orZero(Gfp.__GFP_COMP) | (anyMask ? zones : 0);
    }

    @Override
    public List<CoherentSource> sources() {
        List<CoherentSource> sources = new ArrayList<>(pool);
        sources.addAll(normal.withParts());
        return sources;
    }

    @Override
    public Placed take(DmaDevice device, Aperture aperture, long size, int gfp) {
        boolean nullDevice = device.equals(DmaDevice.NULL);
        long limit = nullDevice ? MaskSupport.boardLimit(floor) : aperture.limit();
        long pages = Orders.pages(size);
        if (pages > Integer.MAX_VALUE || !anyMask && !nullDevice && refused(device, aperture)) {
            return Placed.NONE;
        }
        int flags = gfp & ~dropped | (Masks.below(limit, Masks.BITS_32) ? dma : 0);
        return (fromPool(flags) ? pool.get(0) : normal).take((int) pages, flags);
    }

    private boolean fromPool(int gfp) {
        return !pool.isEmpty()
                && (poolIfFlagged ? (gfp & poolFlags) != 0 : !floor.gfp().maySleep(gfp));
    }

    /** {@code get_coherent_dma_mask()}. */
    private boolean refused(DmaDevice device, Aperture aperture) {
        if (aperture.mask() == 0) {
            warn(device, "coherent DMA mask is unset");
            return true;
        }
        if (!masks.supports(floor, aperture)) {
            warn(device, masks.complaint(floor, aperture.mask()));
            return true;
        }
        return false;
    }

    private void warn(DmaDevice device, String text) {
        floor.log().printk(KernelLog.WARNING, Words.name(device) + ": " + text);
    }

    @Override
    public List<String> bootMessages() {
        return pool.stream().map(AtomicPool::bootMessage).toList();
    }
}
