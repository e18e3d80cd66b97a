package org.kmemscope.netdriver;

import static org.kmemscope.api.gfp.Gfp.GFP_KERNEL;

import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.kernel.Kernel;

/** Descriptors in coherent memory, which CPU and card write in turns: the flag OWN says whose a descriptor is. */
final class Ring {
    private final int size;
    private DmaDevice device = DmaDevice.NULL;
    private DmaBuffer memory = DmaBuffer.FAILED;

    Ring(int size) {
        this.size = size;
    }

    boolean allocate(Kernel kernel, DmaDevice owner) {
        device = owner;
        memory = kernel.dmaAllocCoherent(owner, (long) size * Registers.DESCRIPTOR, GFP_KERNEL);
        return !memory.failed();
    }

    void release(Kernel kernel) {
        if (!memory.failed()) {
            kernel.dmaFreeCoherent(device, memory);
            memory = DmaBuffer.FAILED;
        }
    }

    int size() {
        return size;
    }

    int next(int index) {
        return (index + 1) % size;
    }

    long virt() {
        return memory.virt();
    }

    long handle() {
        return memory.handle();
    }

    private long at(int index, int field) {
        return memory.virt() + (long) index * Registers.DESCRIPTOR + field;
    }

    /** Gives a descriptor to the card. The flag comes last: from then on the card may use it. */
    void give(Kernel kernel, int index, long buffer, int length) {
        kernel.write32(at(index, Registers.BUFFER), (int) buffer);
        kernel.write32(at(index, Registers.LENGTH), length);
        kernel.write32(at(index, Registers.FLAGS), Registers.OWN);
    }

    boolean isDone(Kernel kernel, int index) {
        return kernel.read32(at(index, Registers.FLAGS)) == Registers.DONE;
    }

    int length(Kernel kernel, int index) {
        return kernel.read32(at(index, Registers.LENGTH));
    }

    /** Marks a descriptor as nobody's. */
    void clear(Kernel kernel, int index) {
        kernel.write32(at(index, Registers.FLAGS), 0);
    }
}
