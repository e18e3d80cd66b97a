package org.kmemscope.netdriver;

import static org.kmemscope.api.dma.Direction.DMA_FROM_DEVICE;
import static org.kmemscope.api.dma.Direction.DMA_TO_DEVICE;
import static org.kmemscope.api.gfp.Gfp.GFP_DMA;
import static org.kmemscope.api.gfp.Gfp.GFP_KERNEL;

import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.kernel.Kernel;

/**
 * The receiving side: a ring of descriptors, and a buffer for each that stays mapped. A frame that has come is synced for the CPU, copied
 * out, and its buffer synced for the card again.
 */
final class Receiver {
    /** A multiple of any cache line, so no buffer shares one. */
    static final int BUFFER = 2048;

    /** Where a buffer begins if something else is to lie in its first line. */
    private static final int NEIGHBOUR = 8;

    private final DmaDevice card;
    private final Mistake mistake;
    private final Ring ring;
    private final long[] memory;
    private final long[] handles;
    private int head;
    private int mapped;

    Receiver(DmaDevice card, int size, Mistake mistake) {
        this.card = card;
        this.mistake = mistake;
        ring = new Ring(size);
        memory = new long[size];
        handles = new long[size];
    }

    Ring ring() {
        return ring;
    }

    /** Whether there is memory for all of it, and the card reaches it. */
    boolean allocate(Kernel kernel) {
        // BUG if asked for: without a device there is no mask, and later kernels follow the pointer
        if (!ring.allocate(kernel, mistake == Mistake.NULL_DEVICE ? DmaDevice.NULL : card)) {
            return false;
        }
        for (int i = 0; i < ring.size(); i++) {
            memory[i] = buffer(kernel);
            if (memory[i] == 0 || !map(kernel, i)) {
                return false;
            }
            ring.give(kernel, i, handles[i], (int) length());
        }
        return true;
    }

    private long buffer(Kernel kernel) {
        if (mistake == Mistake.VMALLOC) {
            // BUG: contiguous for the CPU only
            return kernel.vmalloc(BUFFER);
        }
        if (mistake == Mistake.OUT_OF_REACH) {
            // BUG: low memory, but not what a card with 28 address lines reaches
            return kernel.kmalloc(BUFFER, GFP_KERNEL);
        }
        return kernel.kmalloc(BUFFER, kernel.gfp(GFP_KERNEL, GFP_DMA));
    }

    private boolean map(Kernel kernel, int i) {
        handles[i] = kernel.dmaMapSingle(card, start(i), length(), direction());
        // BUG if asked for: what dma_map_single() answered may be no address
        boolean failed = mistake != Mistake.UNCHECKED && kernel.dmaMappingError(card, handles[i]);
        mapped += failed ? 0 : 1;
        return !failed;
    }

    /** BUG if asked for: this says that the card reads. */
    private Direction direction() {
        return mistake == Mistake.WRONG_DIRECTION ? DMA_TO_DEVICE : DMA_FROM_DEVICE;
    }

    /** BUG if asked for: a counter at the begin of the memory, and the buffer right behind it. */
    private long start(int i) {
        return mistake == Mistake.SHARED_LINE ? memory[i] + NEIGHBOUR : memory[i];
    }

    private long length() {
        return mistake == Mistake.SHARED_LINE ? BUFFER - NEIGHBOUR : BUFFER;
    }

    /** Whether a frame is there. */
    boolean hasFrame(Kernel kernel) {
        return ring.isDone(kernel, head);
    }

    /** Copies the frame out, and gives its buffer back to the card. */
    byte[] take(Kernel kernel) {
        int length = ring.length(kernel, head);
        if (mistake != Mistake.NO_SYNC) {
            kernel.dmaSyncSingleForCpu(card, handles[head], length(), direction());
        }
        byte[] frame = kernel.read(start(head), length);
        if (mistake != Mistake.NO_SYNC) {
            kernel.dmaSyncSingleForDevice(card, handles[head], length(), direction());
        }
        int next = ring.next(head);
        if (mistake == Mistake.SHARED_LINE) {
            // BUG: counts in the line of a buffer that is the card's
            kernel.write32(memory[next], kernel.read32(memory[next]) + 1);
        }
        ring.give(kernel, head, handles[head], (int) length());
        head = next;
        return frame;
    }

    void release(Kernel kernel) {
        for (int i = 0; i < ring.size(); i++) {
            if (i < mapped) {
                kernel.dmaUnmapSingle(card, handles[i], length(), direction());
            }
            if (memory[i] != 0 && mistake == Mistake.VMALLOC) {
                kernel.vfree(memory[i]);
            } else {
                kernel.kfree(memory[i]);
            }
            memory[i] = 0;
        }
        mapped = 0;
        ring.release(kernel);
    }
}
