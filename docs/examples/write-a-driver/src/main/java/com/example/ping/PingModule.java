package com.example.ping;

import static org.kmemscope.api.dma.Direction.DMA_FROM_DEVICE;
import static org.kmemscope.api.gfp.Gfp.GFP_DMA;
import static org.kmemscope.api.gfp.Gfp.GFP_KERNEL;

import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.kernel.KernelModule;
import org.osgi.service.component.annotations.Component;

/** A driver of the network card with the shortest ring there is: one descriptor, one buffer. It logs each frame. */
@Component
public final class PingModule implements KernelModule {
    private static final int BUFFER = 2048;
    private static final int OWN = 0x8000_0000;

    private DmaDevice card = DmaDevice.NULL;
    private DmaBuffer ring = DmaBuffer.FAILED;
    private long registers;
    private long buffer;
    private long handle;

    @Override
    public String name() {
        return "ping";
    }

    @Override
    public int init(Kernel kernel) {
        card = kernel.device("card0");
        // 28 address lines
        if (card.equals(DmaDevice.NULL) || kernel.dmaSetMask(card, 0xfff_ffff) != 0) {
            return -ENODEV;
        }
        // nothing but errors on the way is left out; net-driver has them
        ring = kernel.dmaAllocCoherent(card, 16, GFP_KERNEL);
        buffer = kernel.kmalloc(BUFFER, kernel.gfp(GFP_KERNEL, GFP_DMA));
        handle = kernel.dmaMapSingle(card, buffer, BUFFER, DMA_FROM_DEVICE);
        if (kernel.dmaMappingError(card, handle)) {
            return -EIO;
        }
        registers = kernel.ioremap(card.base(), card.size());
        kernel.requestIrq(card.irq(), (own, irq) -> interrupt(own), name());
        giveToCard(kernel);
        kernel.write32(registers + 0x08, (int) ring.handle());
        kernel.write32(registers + 0x0c, 1);
        // receive, and interrupt
        kernel.write32(registers, 1 | 4);
        return 0;
    }

    private void giveToCard(Kernel kernel) {
        kernel.write32(ring.virt(), (int) handle);
        kernel.write32(ring.virt() + 4, BUFFER);
        kernel.write32(ring.virt() + 8, OWN);
    }

    private boolean interrupt(Kernel kernel) {
        kernel.write32(registers + 4, kernel.read32(registers + 4));
        int length = kernel.read32(ring.virt() + 4);
        kernel.printk("ping: %s", kernel.readString(buffer, length));
        giveToCard(kernel);
        return true;
    }

    @Override
    public void exit(Kernel kernel) {
        kernel.write32(registers, 0);
        kernel.freeIrq(card.irq(), name());
        kernel.iounmap(registers);
        kernel.dmaUnmapSingle(card, handle, BUFFER, DMA_FROM_DEVICE);
        kernel.kfree(buffer);
        kernel.dmaFreeCoherent(card, ring);
    }
}
