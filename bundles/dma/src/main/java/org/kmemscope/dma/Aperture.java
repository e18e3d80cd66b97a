package org.kmemscope.dma;

/**
 * What of memory a device reaches, as the driver has set its mask.
 *
 * @param mask highest bus address
 * @param offset physical address at bus address 0
 */
record Aperture(long mask, long offset) {
    /** The highest physical address within reach, as an unsigned number; the mask itself where bus and memory count alike. */
    long limit() {
        if (mask == 0 || offset == 0) {
            return mask;
        }
        long limit = mask + offset;
        return Masks.below(limit, mask) ? -1 : limit;
    }

    /** Whether physical memory is within reach by a rule of the kernel, which looks at bus addresses. */
    boolean covers(Reach reach, long phys, long size) {
        return Masks.atMost(offset, phys) && reach.covers(mask, phys - offset, size);
    }
}
