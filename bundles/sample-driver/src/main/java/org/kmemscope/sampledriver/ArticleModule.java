package org.kmemscope.sampledriver;

import static org.kmemscope.api.gfp.Gfp.GFP_KERNEL;

import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.kernel.KernelModule;
import org.osgi.service.component.annotations.Component;

/**
 * The test module of an article on kmalloc, vmalloc and DMA, written for a board with an Exynos 4412 and 1 GiB at 0x40000000. It shows
 * where each kind of memory is. Its mistakes are kept, and marked with BUG: the log tells of those that a kernel can notice.
 *
 * <p>Parameters:
 * <ul>
 *   <li>{@code string=ADDRESS}: where the string is that something else put into RAM; 0xd0003000, physical 0x50003000 on that board
 *   <li>{@code leak=1}: free nothing on exit; {@code rmmod} names the line of each allocation that is left
 * </ul>
 */
@Component
public final class ArticleModule implements KernelModule {
    private static final int PAGE_SHIFT = 12;
    private static final long OFFSET_IN_PAGE = 0xfff;
    private static final int LONGEST_STRING = 80;

    private long kmallocMem;
    private long vmallocMem;
    private DmaBuffer dmaMem = DmaBuffer.FAILED;
    private boolean leak;

    @Override
    public String name() {
        return "article";
    }

    @Override
    public int init(Kernel kernel) {
        leak = kernel.parameter("leak", "0").equals("1");
        String address = kernel.parameter("string", "0xd0003000");
        long string;
        try {
            string = Long.decode(address);
        } catch (NumberFormatException e) {
            kernel.printk("article: string=%s is no address; one looks like 0xd0003000", address);
            return -EINVAL;
        }
        kernel.printk("string: virt=0x%08x \"%s\"", string, kernel.readString(string, LONGEST_STRING));

        // BUG: each of the three allocations may give NULL, and nobody looks
        kmallocMem = kernel.kmalloc(40, GFP_KERNEL);
        kernel.printk("kmalloc: virt=0x%08x phys=0x%08x", kmallocMem, kernel.virtToPhys(kmallocMem));

        vmallocMem = kernel.vmalloc(500);
        long pfn = kernel.vmallocToPfn(vmallocMem);
        // BUG of the original: a physical address kept in a pointer. Here it is a number like any other
        long phys = pfn << PAGE_SHIFT | vmallocMem & OFFSET_IN_PAGE;
        // BUG: the page is high memory, which has no linear address; what comes out belongs to somebody else
        long wrong = kernel.physToVirt(phys);
        kernel.printk("vmalloc: virt=0x%08x phys=0x%08x phys_to_virt=0x%08x", vmallocMem, phys, wrong);

        // BUG: no device, so no mask; later kernels follow the pointer
        dmaMem = kernel.dmaAllocCoherent(DmaDevice.NULL, 1024, GFP_KERNEL);
        // BUG: the pointer of vmalloc, where the buffer's is meant
        kernel.printk("dma: virt=0x%08x phys=0x%08x", vmallocMem, dmaMem.handle());
        kernel.printk("dma: the buffer itself: virt=0x%08x phys=0x%08x", dmaMem.virt(), dmaMem.handle());
        return 0;
    }

    @Override
    public void exit(Kernel kernel) {
        if (leak) {
            kernel.printk("article: leak=1, nothing is freed");
            return;
        }
        kernel.dmaFreeCoherent(DmaDevice.NULL, dmaMem);
        kernel.vfree(vmallocMem);
        kernel.kfree(kmallocMem);
    }
}
