package org.kmemscope.dmadriver;

import static org.kmemscope.api.gfp.Gfp.GFP_KERNEL;

import java.util.Arrays;
import org.kmemscope.api.dma.DmaDescriptor;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.kernel.KernelModule;
import org.osgi.service.component.annotations.Component;

/**
 * Lets a DMA controller copy a buffer: takes memory that CPU and controller see, gives the controller its order, sleeps until the
 * interrupt, and looks at the bytes. Everything a driver of a real device does is here, and every error on the way is handled.
 *
 * <p>Parameters:
 * <ul>
 *   <li>{@code device=NAME}: the controller; {@code dma0}
 *   <li>{@code size=BYTES}: how much to copy; 10000
 *   <li>{@code streaming=1}: buffers of kmalloc, mapped for the transfer, instead of coherent ones
 *   <li>{@code sleep_in_irq=1}: a mistake to look at: the interrupt handler asks for memory with GFP_KERNEL
 * </ul>
 */
@Component
public final class DmaCopyModule implements KernelModule {
    private static final String NAME = "dmacopy";
    private static final int LONGEST_WAIT = 10_000;

    private DmaDevice controller = DmaDevice.NULL;
    private Buffers buffers = Buffers.NONE;
    private boolean irqRequested;
    private boolean sleepInIrq;
    private int cookie;
    private boolean done;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int init(Kernel kernel) {
        controller = kernel.device(kernel.parameter("device", "dma0"));
        if (controller.equals(DmaDevice.NULL)) {
            return -ENODEV;
        }
        sleepInIrq = kernel.parameter("sleep_in_irq", "0").equals("1");
        int result = kernel.requestIrq(controller.irq(), (own, irq) -> interrupt(own), NAME);
        irqRequested = result == 0;
        if (result == 0) {
            result = allocate(kernel);
        }
        if (result == 0) {
            result = copy(kernel);
        }
        if (result != 0) {
            // a module that is not loaded must hold nothing: nobody will call exit()
            exit(kernel);
        }
        return result;
    }

    @Override
    public void exit(Kernel kernel) {
        buffers.release(kernel);
        buffers = Buffers.NONE;
        if (irqRequested) {
            kernel.freeIrq(controller.irq(), NAME);
            irqRequested = false;
        }
    }

    private int allocate(Kernel kernel) {
        String text = kernel.parameter("size", "10000");
        int size;
        try {
            size = Integer.decode(text);
        } catch (NumberFormatException e) {
            kernel.printk("%s: size=%s is no number of bytes", NAME, text);
            return -EINVAL;
        }
        if (size < 1) {
            return -EINVAL;
        }
        buffers = kernel.parameter("streaming", "0").equals("1")
                ? new StreamingBuffers(controller, size)
                : new CoherentBuffers(controller, size);
        return buffers.allocate(kernel);
    }

    private int copy(Kernel kernel) {
        byte[] pattern = new byte[buffers.size()];
        for (int i = 0; i < pattern.length; i++) {
            pattern[i] = (byte) (7 * i + 1);
        }
        buffers.fill(kernel, pattern);
        int result = buffers.handOver(kernel);
        if (result != 0) {
            return result;
        }
        long start = kernel.jiffies();
        done = false;
        cookie = kernel.dmaSubmit(controller, new DmaDescriptor(buffers.source(), buffers.target(), buffers.size()));
        if (cookie < 0) {
            buffers.takeBack(kernel);
            return cookie;
        }
        // the CPU is free meanwhile; only this task waits
        for (int tick = 0; tick < LONGEST_WAIT && !done; tick++) {
            kernel.sleep(1);
        }
        // before this the buffers are the controller's
        buffers.takeBack(kernel);
        boolean same = Arrays.equals(buffers.result(kernel), pattern);
        kernel.printk(
                "%s: %d bytes, %s, from 0x%08x to 0x%08x: %s after %d ticks, the bytes are %s",
                NAME,
                buffers.size(),
                buffers.kind(),
                buffers.source(),
                buffers.target(),
                kernel.dmaStatus(controller, cookie),
                kernel.jiffies() - start,
                same ? "the same" : "different");
        return done && same ? 0 : -EIO;
    }

    /** Runs in hard interrupt context: it must not sleep, and is short. */
    private boolean interrupt(Kernel kernel) {
        if (sleepInIrq) {
            // BUG on purpose: GFP_KERNEL may sleep, and an interrupt handler is no task that could
            kernel.kmalloc(64, GFP_KERNEL);
        }
        if (kernel.dmaStatus(controller, cookie).equals("IN_PROGRESS")) {
            // another order's interrupt
            return false;
        }
        done = true;
        return true;
    }
}
