package org.kmemscope.netdriver;

import java.util.Optional;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.kernel.KernelModule;
import org.osgi.service.component.annotations.Component;

/**
 * A driver of the model's network card. It sends every frame back that it receives, so that both ways have traffic. Done right it is a
 * driver to copy; it can also be asked for one of the classic mistakes, each marked with BUG.
 *
 * <p>Parameters:
 * <ul>
 *   <li>{@code device=NAME}: the card; {@code card0}
 *   <li>{@code ring=COUNT}: descriptors of each ring; 8
 *   <li>{@code echo=0}: receives only
 *   <li>{@code mistake=NAME}: what it shall do wrong, see {@link Mistake}
 * </ul>
 */
@Component
public final class NetCardModule implements KernelModule {
    private static final String NAME = "netcard";
    private static final int MASK_BITS = 28;
    private static final int LARGEST_RING = 256;

    private DmaDevice card = DmaDevice.NULL;
    private Receiver receiver;
    private Sender sender;
    private long registers;
    private long statistics;
    private boolean irqRequested;
    private boolean echo;
    private int received;
    private int sent;
    private int dropped;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int init(Kernel kernel) {
        card = kernel.device(kernel.parameter("device", "card0"));
        Optional<Mistake> mistake = Mistake.of(kernel.parameter("mistake", Mistake.NONE.word()));
        int size = size(kernel.parameter("ring", "8"));
        if (card.equals(DmaDevice.NULL) || card.base() == 0) {
            return -ENODEV;
        }
        if (mistake.isEmpty() || size < 1) {
            kernel.printk("%s: ring= is 1 to %d, mistake= one of %s", NAME, LARGEST_RING, Mistake.words());
            return -EINVAL;
        }
        echo = !kernel.parameter("echo", "1").equals("0");
        receiver = new Receiver(card, size, mistake.get());
        sender = new Sender(card, size, mistake.get());
        int result = start(kernel, mistake.get());
        if (result != 0) {
            // a module that is not loaded must hold nothing: nobody will call exit()
            stop(kernel);
        }
        return result;
    }

    private static int size(String text) {
        try {
            int size = Integer.parseInt(text);
            return size <= LARGEST_RING ? size : 0;
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private int start(Kernel kernel, Mistake mistake) {
        long mask = (1L << MASK_BITS) - 1;
        if (kernel.dmaSetMask(card, mask) != 0 || kernel.dmaSetCoherentMask(card, mask) != 0) {
            kernel.printk("%s: no memory with %d address lines", NAME, MASK_BITS);
            return -EIO;
        }
        statistics = kernel.vmalloc(64);
        if (statistics == 0 || !receiver.allocate(kernel) || !sender.allocate(kernel)) {
            return -ENOMEM;
        }
        // BUG if asked for: the address of the statistics, where that of the ring is meant
        long shown =
                mistake == Mistake.WRONG_VARIABLE ? statistics : receiver.ring().virt();
        kernel.printk(
                "%s: ring virt=0x%08x dma=0x%08x", NAME, shown, receiver.ring().handle());
        registers = kernel.ioremap(card.base(), card.size());
        int result = registers == 0 ? -ENOMEM : kernel.requestIrq(card.irq(), (own, irq) -> interrupt(own), NAME);
        irqRequested = result == 0;
        if (result == 0) {
            kernel.write32(registers + Registers.RX_RING, (int) receiver.ring().handle());
            kernel.write32(registers + Registers.RX_SIZE, receiver.ring().size());
            kernel.write32(registers + Registers.TX_RING, (int) sender.ring().handle());
            kernel.write32(registers + Registers.TX_SIZE, sender.ring().size());
            kernel.write32(
                    registers + Registers.CONTROL, Registers.RX_ENABLE | Registers.TX_ENABLE | Registers.IRQ_ENABLE);
        }
        return result;
    }

    /** Runs in hard interrupt context. */
    private boolean interrupt(Kernel kernel) {
        int status = kernel.read32(registers + Registers.STATUS);
        if (status == 0) {
            // another device's interrupt
            return false;
        }
        kernel.write32(registers + Registers.STATUS, status);
        if ((status & Registers.ERROR) != 0) {
            kernel.printk("%s: the card has stopped", NAME);
        }
        dropped += (status & Registers.OVERRUN) != 0 ? 1 : 0;
        sent += sender.reap(kernel);
        while (receiver.hasFrame(kernel)) {
            byte[] frame = receiver.take(kernel);
            received++;
            if (echo && !sender.send(kernel, registers, frame)) {
                dropped++;
            }
        }
        return true;
    }

    @Override
    public void exit(Kernel kernel) {
        stop(kernel);
        kernel.printk("%s: %d frames received, %d sent, %d dropped", NAME, received, sent, dropped);
    }

    /** The card first: what it may still use must not be freed. */
    private void stop(Kernel kernel) {
        if (registers != 0) {
            kernel.write32(registers + Registers.CONTROL, 0);
        }
        if (irqRequested) {
            kernel.freeIrq(card.irq(), NAME);
            irqRequested = false;
        }
        sender.release(kernel);
        receiver.release(kernel);
        if (registers != 0) {
            kernel.iounmap(registers);
            registers = 0;
        }
        kernel.vfree(statistics);
        statistics = 0;
    }
}
