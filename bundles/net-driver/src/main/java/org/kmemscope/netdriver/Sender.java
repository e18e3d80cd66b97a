package org.kmemscope.netdriver;

import static org.kmemscope.api.dma.Direction.DMA_TO_DEVICE;
import static org.kmemscope.api.gfp.Gfp.GFP_ATOMIC;
import static org.kmemscope.api.gfp.Gfp.GFP_DMA;

import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.kernel.Kernel;

/** The sending side: each frame gets a buffer of its own, mapped until the card has sent it. Runs in interrupts, so nothing sleeps. */
final class Sender {
    private final DmaDevice card;
    private final Mistake mistake;
    private final Ring ring;
    private final long[] memory;
    private final long[] handles;
    private final int[] lengths;
    private int head;
    private int tail;

    Sender(DmaDevice card, int size, Mistake mistake) {
        this.card = card;
        this.mistake = mistake;
        ring = new Ring(size);
        memory = new long[size];
        handles = new long[size];
        lengths = new int[size];
    }

    Ring ring() {
        return ring;
    }

    boolean allocate(Kernel kernel) {
        return ring.allocate(kernel, card);
    }

    /** Whether the frame is on its way. */
    boolean send(Kernel kernel, long registers, byte[] frame) {
        if (memory[head] != 0) {
            return false;
        }
        long buffer = kernel.kmalloc(frame.length, kernel.gfp(GFP_ATOMIC, GFP_DMA));
        if (buffer == 0) {
            return false;
        }
        kernel.write(buffer, frame);
        long handle = kernel.dmaMapSingle(card, buffer, frame.length, DMA_TO_DEVICE);
        if (kernel.dmaMappingError(card, handle)) {
            kernel.kfree(buffer);
            return false;
        }
        if (mistake == Mistake.LATE_WRITE) {
            // BUG: the buffer is the card's already
            kernel.write8(buffer, '!');
        }
        memory[head] = buffer;
        handles[head] = handle;
        lengths[head] = frame.length;
        ring.give(kernel, head, handle, frame.length);
        kernel.write32(registers + Registers.KICK, 1);
        if (mistake == Mistake.EARLY_FREE) {
            // BUG: the card has not even begun
            kernel.kfree(buffer);
        }
        head = ring.next(head);
        return true;
    }

    /** Takes back what the card has sent: how many frames. */
    int reap(Kernel kernel) {
        int sent = 0;
        while (memory[tail] != 0 && ring.isDone(kernel, tail)) {
            giveBack(kernel, tail);
            ring.clear(kernel, tail);
            tail = ring.next(tail);
            sent++;
        }
        return sent;
    }

    private void giveBack(Kernel kernel, int index) {
        kernel.dmaUnmapSingle(card, handles[index], lengths[index], DMA_TO_DEVICE);
        if (mistake != Mistake.EARLY_FREE) {
            kernel.kfree(memory[index]);
        }
        memory[index] = 0;
    }

    void release(Kernel kernel) {
        for (int i = 0; i < ring.size(); i++) {
            if (memory[i] != 0) {
                giveBack(kernel, i);
            }
        }
        ring.release(kernel);
    }
}
