package org.kmemscope.dma;

/** How a kernel tests whether a device reaches a buffer that is mapped for streaming, and what it says if not. */
enum Reach {
    /** It does not look: i386 up to 2.6.25, ARM up to 5.x. */
    UNCHECKED {
        @Override
        boolean covers(long mask, long bus, long size) {
            return true;
        }
    },
    /** i386 from 2.6.26 to 2.6.32 ({@code is_buffer_dma_capable()}): one byte short, as the mask itself is an address. */
    BELOW_MASK {
        @Override
        boolean covers(long mask, long bus, long size) {
            return Masks.atMost(bus + size, mask);
        }

        @Override
        String complaint(String device, boolean wide, long mask, long bus, long size) {
            return nommu(mask, bus, size);
        }
    },
    /** i386 from 2.6.33 to 4.16 ({@code dma_capable()}). */
    WITHIN_MASK {
        @Override
        boolean covers(long mask, long bus, long size) {
            return Masks.covers(mask, bus, size);
        }

        @Override
        String complaint(String device, boolean wide, long mask, long bus, long size) {
            return nommu(mask, bus, size);
        }
    },
    /** As of 6.1 ({@code dma_direct_map_page()}); the kernel says it once a boot, the model each time. */
    DIRECT {
        @Override
        boolean covers(long mask, long bus, long size) {
            return Masks.covers(mask, bus, size);
        }

        @Override
        String complaint(String device, boolean wide, long mask, long bus, long size) {
            String format = wide
                    ? "%s: DMA addr 0x%016x+%d overflow (mask %x, bus limit 0)."
                    : "%s: DMA addr 0x%08x+%d overflow (mask %x, bus limit 0).";
            return String.format(format, device, bus, size, mask);
        }
    };

    /**
     * Whether a device reaches every byte.
     *
     * @param mask of the device
     * @param bus first address
     * @param size bytes
     */
    abstract boolean covers(long mask, long bus, long size);

    /** What the kernel logs of a buffer out of reach; empty where it is silent. */
    String complaint(String device, boolean wide, long mask, long bus, long size) {
        return "";
    }

    /** Only masks of 32 bits and more are worth a line: lower ones fail all the time, and drivers know. */
    private static String nommu(long mask, long bus, long size) {
        return Masks.below(mask, Masks.BITS_32)
                ? ""
                : String.format("nommu_map_single: overflow %x+%d of device mask %x", bus, size, mask);
    }
}
