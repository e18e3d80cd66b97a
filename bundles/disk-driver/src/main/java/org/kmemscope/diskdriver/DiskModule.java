package org.kmemscope.diskdriver;

import static org.kmemscope.api.dma.Direction.DMA_FROM_DEVICE;
import static org.kmemscope.api.dma.Direction.DMA_TO_DEVICE;

import java.util.List;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaChannel;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.dma.DmaSegment;
import org.kmemscope.api.dma.ScatterEntry;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.kernel.KernelModule;
import org.osgi.service.component.annotations.Component;

/**
 * A driver of the model's disk, which has no way to memory of its own: a channel of a DMA engine serves it. When it is loaded it writes
 * sectors, reads them back and compares, as a self-test does.
 *
 * <pre>
 *   pages ─ sgMerge ─→ pieces ─ dma_map_sg ─→ segments ─ prep_slave_sg ─→ transaction ─ submit, issue_pending ─→ cookie
 *   disk ← SECTOR, COUNT, COMMAND;  sleeps until the disk's interrupt;  dma_unmap_sg
 * </pre>
 *
 * <p>Parameters:
 * <ul>
 *   <li>{@code device=NAME}, {@code engine=NAME}: the disk and the engine; {@code disk0}, {@code dma1}
 *   <li>{@code sector=N}, {@code sectors=N}: which to write and read; 0 and 64
 *   <li>{@code merge=0}: a segment for each page, even of adjacent ones
 * </ul>
 */
@Component
public final class DiskModule implements KernelModule {
    private static final String NAME = "disk";
    private static final int SECTOR = 512;
    private static final int MOST_SECTORS = 256;
    private static final int LONGEST_WAIT = 1000;

    private static final int COMMAND = 0x00;
    private static final int STATUS = 0x04;
    private static final int FIRST = 0x08;
    private static final int COUNT = 0x0c;
    private static final int DATA = 0x100;
    private static final int READ = 1;
    private static final int WRITE = 2;
    private static final int ERROR = 4;

    private DmaDevice disk = DmaDevice.NULL;
    private DmaDevice engine = DmaDevice.NULL;
    private DmaChannel channel = DmaChannel.NONE;
    private PageList pages = new PageList(0);
    private long registers;
    private boolean irqRequested;
    private boolean merge;
    private int sector;
    private int sectors;
    private int interrupt;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int init(Kernel kernel) {
        disk = kernel.device(kernel.parameter("device", "disk0"));
        engine = kernel.device(kernel.parameter("engine", "dma1"));
        if (disk.equals(DmaDevice.NULL) || engine.equals(DmaDevice.NULL)) {
            return -ENODEV;
        }
        merge = !kernel.parameter("merge", "1").equals("0");
        try {
            sector = Integer.parseInt(kernel.parameter("sector", "0"));
            sectors = Integer.parseInt(kernel.parameter("sectors", "64"));
        } catch (NumberFormatException e) {
            sectors = 0;
        }
        if (sectors < 1 || sectors > MOST_SECTORS) {
            kernel.printk("%s: sectors= is 1 to %d", NAME, MOST_SECTORS);
            return -EINVAL;
        }
        int result = start(kernel);
        if (result == 0) {
            result = selfTest(kernel);
        }
        if (result != 0) {
            // a module that is not loaded must hold nothing: nobody will call exit()
            exit(kernel);
        }
        return result;
    }

    private int start(Kernel kernel) {
        channel = kernel.dmaRequestChan(engine);
        if (channel.equals(DmaChannel.NONE)) {
            return -ENODEV;
        }
        kernel.dmaengineSlaveConfig(channel, disk.base() + DATA);
        pages = new PageList(sectors * SECTOR);
        if (!pages.allocate(kernel)) {
            return -ENOMEM;
        }
        registers = kernel.ioremap(disk.base(), disk.size());
        int result = registers == 0 ? -ENOMEM : kernel.requestIrq(disk.irq(), (own, irq) -> interrupt(own), NAME);
        irqRequested = result == 0;
        return result;
    }

    private int selfTest(Kernel kernel) {
        int seed = sector + sectors;
        long begin = kernel.jiffies();
        pages.fill(kernel, seed);
        int result = transfer(kernel, WRITE, DMA_TO_DEVICE);
        if (result == 0) {
            pages.clear(kernel);
            result = transfer(kernel, READ, DMA_FROM_DEVICE);
        }
        if (result != 0) {
            return result;
        }
        int different = pages.differences(kernel, seed);
        kernel.printk(
                "%s: %d sectors from %d on written and read in %d ticks, %d bytes are different",
                NAME, sectors, sector, kernel.jiffies() - begin, different);
        return different == 0 ? 0 : -EIO;
    }

    private int transfer(Kernel kernel, int command, Direction direction) {
        List<ScatterEntry> list = pages.pieces();
        list = merge ? kernel.sgMerge(engine, list) : list;
        // the engine is who reaches for the memory, so it is the engine's mask that counts
        List<DmaSegment> segments = kernel.dmaMapSg(engine, list, direction);
        if (segments.isEmpty()) {
            return -EIO;
        }
        int cookie = kernel.dmaengineSubmit(channel, kernel.dmaenginePrepSlaveSg(channel, segments, direction));
        int result = cookie < 0 ? cookie : run(kernel, command);
        if (result != 0) {
            kernel.dmaengineTerminateSync(channel);
        }
        kernel.dmaUnmapSg(engine, list, direction);
        return result;
    }

    private int run(Kernel kernel, int command) {
        interrupt = 0;
        kernel.dmaAsyncIssuePending(channel);
        kernel.write32(registers + FIRST, sector);
        kernel.write32(registers + COUNT, sectors);
        kernel.write32(registers + COMMAND, command);
        // the CPU is free meanwhile; only this task waits
        for (int tick = 0; tick < LONGEST_WAIT && interrupt == 0; tick++) {
            kernel.sleep(1);
        }
        if (interrupt == 0 || (interrupt & ERROR) != 0) {
            kernel.printk("%s: %s", NAME, interrupt == 0 ? "the disk does not answer" : "the disk has no such sectors");
            return -EIO;
        }
        return 0;
    }

    /** Runs in hard interrupt context. */
    private boolean interrupt(Kernel kernel) {
        interrupt = kernel.read32(registers + STATUS);
        kernel.write32(registers + STATUS, interrupt);
        return true;
    }

    @Override
    public void exit(Kernel kernel) {
        if (irqRequested) {
            kernel.freeIrq(disk.irq(), NAME);
            irqRequested = false;
        }
        if (registers != 0) {
            kernel.iounmap(registers);
            registers = 0;
        }
        if (!channel.equals(DmaChannel.NONE)) {
            kernel.dmaReleaseChannel(channel);
            channel = DmaChannel.NONE;
        }
        pages.release(kernel);
    }
}
