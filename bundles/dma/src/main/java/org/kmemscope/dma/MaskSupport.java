package org.kmemscope.dma;

import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.Profile;

/** {@code dma_supported()}: which masks a kernel lets a device have. */
enum MaskSupport {
    /** i386 up to 4.16: at least what ZONE_DMA serves. */
    ZONE_DMA {
        @Override
        boolean supports(Ground ground, Aperture aperture) {
            return !Masks.below(aperture.limit(), Masks.BITS_24);
        }
    },
    /** ARM up to 3.12: no less than the DMA limit of the board. */
    BOARD_LIMIT {
        @Override
        boolean supports(Ground ground, Aperture aperture) {
            // the kernel compares an address on the bus with a physical one
            return !Masks.below(aperture.mask(), boardLimit(ground));
        }

        @Override
        String complaint(Ground ground, long mask) {
            return String.format(
                    "coherent DMA mask %#x is smaller than system GFP_DMA mask %#x", mask, boardLimit(ground));
        }
    },
    /** ARM from 3.13 to 5.x: all memory below the limit, or all there is. */
    ALL_MEMORY {
        @Override
        boolean supports(Ground ground, Aperture aperture) {
            return aperture.limit() >>> Profile.PAGE_SHIFT >= highestPfn(ground);
        }

        @Override
        String complaint(Ground ground, long mask) {
            return String.format(
                    "Coherent DMA mask %#x (pfn 0x0-%#x) covers a smaller range of system memory than the DMA zone pfn 0x0-%#x",
                    mask, (mask >>> Profile.PAGE_SHIFT) + 1, highestPfn(ground) + 1);
        }
    },
    /** {@code dma_direct_supported()}: 32 bits, or all memory, or, with a ZONE_DMA, what a PC's would have. */
    DIRECT {
        @Override
        boolean supports(Ground ground, Aperture aperture) {
            long least = (long) (ground.layout().maxPfn() - 1) << Profile.PAGE_SHIFT;
            if (ground.profile().kernel().config().is("ZONE_DMA")) {
                least = Math.min(least, Masks.BITS_24);
            }
            return !Masks.below(aperture.limit(), Math.min(least, Masks.BITS_32));
        }
    };

    /** Whether the kernel serves devices that reach so much. */
    abstract boolean supports(Ground ground, Aperture aperture);

    /** What it says when coherent memory is asked for with another mask. */
    String complaint(Ground ground, long mask) {
        return "";
    }

    /** {@code arm_dma_limit}: the last address of the board's ZONE_DMA; everything where the board has none. */
    static long boardLimit(Ground ground) {
        Profile profile = ground.profile();
        return profile.zoneDma() ? Math.min(profile.dmaZoneEnd() - 1, Masks.BITS_32) : Masks.BITS_32;
    }

    private static long highestPfn(Ground ground) {
        return Math.min(ground.layout().maxPfn() - 1, boardLimit(ground) >>> Profile.PAGE_SHIFT);
    }
}
