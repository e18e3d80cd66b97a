package org.kmemscope.dma;

import org.kmemscope.api.ground.Profile;

/** Bytes, pages and orders. */
final class Orders {
    private Orders() {}

    /** Pages that hold so many bytes, {@code PAGE_ALIGN(size) >> PAGE_SHIFT}. */
    static long pages(long bytes) {
        return (bytes + Profile.PAGE_SIZE - 1) >>> Profile.PAGE_SHIFT;
    }

    /** {@code get_order()}: log2 of the smallest block with so many pages. */
    static int ofPages(long pages) {
        return pages <= 1 ? 0 : Long.SIZE - Long.numberOfLeadingZeros(pages - 1);
    }
}
