package org.kmemscope.dma;

import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.KernelLog;

/** What a kernel does with a NULL {@code struct device *}. The kernels that take one say nothing; the model does. */
enum NullDevice {
    /** i386 up to 2.6.25: as good as an ISA card. */
    ISA_CARD("memory of ZONE_DMA is taken"),
    /** i386 from 2.6.26 on: {@code x86_dma_fallback_dev}. */
    FALLBACK("the fallback device with a mask of 24 bits is taken"),
    /** ARM: no device, no mask but that of the board. */
    BOARD("the mask of the board is taken"),
    /** 5.3 and later: the pointer is followed. */
    OOPS("kernels from 5.3 on follow the pointer");

    private final String consequence;

    NullDevice(String consequence) {
        this.consequence = consequence;
    }

    /**
     * Tells that a call was given one, and dies of it where the kernel does: at address 0, as the layout of {@code struct device} is
     * not modelled.
     */
    void met(Ground ground, String call) {
        String site = ground.trace().callSites().text(ground.context().callSite());
        ground.log()
                .printk(
                        KernelLog.WARNING,
                        "WARNING: " + call + "() with a NULL device: " + consequence + ", at " + site);
        if (this == OOPS) {
            follow(ground);
        }
    }

    /** {@code dma_set_mask()} follows the pointer in every kernel. */
    static void follow(Ground ground) {
        ground.mmu().read32(0);
    }
}
