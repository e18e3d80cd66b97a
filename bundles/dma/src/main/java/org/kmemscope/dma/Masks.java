package org.kmemscope.dma;

/** DMA masks: the highest address a device can produce, as an unsigned number. */
final class Masks {
    /** {@code DMA_BIT_MASK(24)}: what an ISA card reaches. */
    static final long BITS_24 = 0xff_ffffL;

    /** {@code DMA_BIT_MASK(32)}. */
    static final long BITS_32 = 0xffff_ffffL;

    private Masks() {}

    static boolean atMost(long address, long mask) {
        return Long.compareUnsigned(address, mask) <= 0;
    }

    static boolean below(long address, long mask) {
        return Long.compareUnsigned(address, mask) < 0;
    }

    /** Whether every byte of {@code [bus, bus + size)} has an address within the mask. */
    static boolean covers(long mask, long bus, long size) {
        long last = bus + size - 1;
        return Long.compareUnsigned(last, bus) >= 0 && atMost(last, mask);
    }
}
