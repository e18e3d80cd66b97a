package org.kmemscope.zone;

/** What a request may do, {@code ALLOC_*} in {@code mm/internal.h}; the bits are this model's own. */
final class AllocFlags {
    /** Compare with the min watermark. */
    static final int WMARK_MIN = 0;
    /** Compare with the low watermark. */
    static final int WMARK_LOW = 1;
    /** Compare with the high watermark. */
    static final int WMARK_HIGH = 2;
    /** Which watermark. */
    static final int WMARK_MASK = 3;
    /** Compare with none. */
    static final int NO_WATERMARKS = 1 << 2;
    /** {@code __GFP_HIGH}: half of the min watermark may be used (ALLOC_HIGH, ALLOC_MIN_RESERVE). */
    static final int MIN_RESERVE = 1 << 3;
    /** Cannot wait: a quarter more (ALLOC_HARDER, ALLOC_NON_BLOCK). */
    static final int NON_BLOCK = 1 << 4;
    /** A victim of the OOM killer. */
    static final int OOM = 1 << 5;
    /** May have CMA pages. */
    static final int CMA = 1 << 6;
    /** May have pages reserved for high-order atomic requests. */
    static final int HIGHATOMIC = 1 << 7;
    /** Wakes kswapd. */
    static final int KSWAPD = 1 << 8;
    /** Wants a page that is not in the CPU's cache (2.6, {@code __GFP_COLD}). */
    static final int COLD = 1 << 9;
    /** Will be written to ({@code __GFP_WRITE}, first attempt only): not from a zone that is full of dirty pages. */
    static final int SPREAD_DIRTY = 1 << 10;
    /** A single page may be taken although only the boost of the min watermark forbids it. */
    static final int IGNORE_BOOST = 1 << 11;

    private AllocFlags() {}
}
