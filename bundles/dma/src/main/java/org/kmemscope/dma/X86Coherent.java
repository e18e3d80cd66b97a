package org.kmemscope.dma;

import java.util.List;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.page.PageFloor;

/**
 * Coherent memory of PCs: a block of the page allocator, from a zone the device reaches. What differs is how the zone is found.
 *
 * <pre>
 *   mask of the device          up to 2.6.25    2.6.26 to 4.16               4.17 on
 *   none given, or 24 bits      DMA             DMA                          DMA
 *   less than 32 bits           DMA             Normal; out of reach: DMA    Normal; out of reach: DMA
 *   32 bits and more            Normal          Normal                       Normal
 * </pre>
 *
 * <p>The zone flags of the caller are always ignored. The memory is zeroed.
 */
abstract class X86Coherent implements CoherentRule {
    final PageFloor floor;
    final int dma;
    private final LinearBlocks blocks;
    private final int zoneFlags;
    private final int zero;

    X86Coherent(PageFloor floor) {
        this.floor = floor;
        blocks = new LinearBlocks(floor);
        GfpTable gfp = floor.gfp();
        dma = gfp.orZero(Gfp.__GFP_DMA);
        zoneFlags = dma | gfp.orZero(Gfp.__GFP_HIGHMEM) | gfp.orZero(Gfp.__GFP_DMA32);
        zero = gfp.orZero(Gfp.__GFP_ZERO);
    }

    @Override
    public final List<CoherentSource> sources() {
        return List.of(blocks);
    }

    @Override
    public final Placed take(DmaDevice device, Aperture aperture, long size, int gfp) {
        return from(device.equals(DmaDevice.NULL), aperture.limit(), size, gfp & ~zoneFlags);
    }

    /** Serves a request whose zone flags are gone. */
    abstract Placed from(boolean nullDevice, long mask, long size, int gfp);

    final Placed block(long size, int gfp) {
        return blocks.take((int) Math.min(Orders.pages(size), Integer.MAX_VALUE), gfp);
    }

    final Placed zeroed(Placed block, long bytes) {
        if (!block.failed()) {
            floor.ram().fill(block.phys(), bytes, 0);
        }
        return block;
    }

    /** Takes a block; if it is out of reach and the mask below {@code retryBelow}, gives it back and takes one from ZONE_DMA. */
    final Placed reachable(Reach reach, long mask, long size, int gfp, int more) {
        Placed block = block(size, gfp | more);
        if (block.failed() || reach.covers(mask, block.phys(), size)) {
            return block;
        }
        blocks.give(block);
        boolean again = (gfp & dma) == 0 && Masks.below(mask, Masks.BITS_32);
        return again ? reachable(reach, mask, size, gfp | dma, more) : Placed.NONE;
    }

    final int zeroFlag() {
        return zero;
    }

    /** 2.6.24 and 2.6.25 ({@code arch/x86/kernel/pci-dma_32.c}): anything short of 32 bits means ZONE_DMA, and nobody looks again. */
    static final class First extends X86Coherent {
        First(PageFloor floor) {
            super(floor);
        }

        @Override
        Placed from(boolean nullDevice, long mask, long size, int gfp) {
            boolean low = nullDevice || Masks.below(mask, Masks.BITS_32);
            return zeroed(block(size, low ? gfp | dma : gfp), size);
        }
    }

    /**
     * 2.6.26 to 4.16 ({@code dma_generic_alloc_coherent()}): 24 bits mean ZONE_DMA; else the block is looked at, and one out of reach is
     * exchanged. A NULL device is the fallback device, whose mask has 24 bits; a mask of 0 counts as 32 bits.
     */
    static final class Generic extends X86Coherent {
        Generic(PageFloor floor) {
            super(floor);
        }

        @Override
        Placed from(boolean nullDevice, long mask, long size, int gfp) {
            long effective = nullDevice ? Masks.BITS_24 : mask == 0 ? Masks.BITS_32 : mask;
            int flags = Masks.atMost(effective, Masks.BITS_24) ? gfp | dma : gfp;
            return reachable(Reach.BELOW_MASK, effective, size, flags, zeroFlag());
        }
    }

    /**
     * 4.17 and later ({@code dma_direct_alloc()}): whole pages are zeroed, and must be within reach. 24 bits are what ZONE_DMA has on a
     * PC ({@code zone_dma_bits}).
     */
    static final class Direct extends X86Coherent {
        Direct(PageFloor floor) {
            super(floor);
        }

        @Override
        Placed from(boolean nullDevice, long mask, long size, int gfp) {
            long bytes = Orders.pages(size) << Profile.PAGE_SHIFT;
            int flags = Masks.atMost(mask, Masks.BITS_24) ? gfp | dma : gfp;
            return zeroed(reachable(Reach.WITHIN_MASK, mask, bytes, flags & ~zeroFlag(), 0), bytes);
        }
    }
}
