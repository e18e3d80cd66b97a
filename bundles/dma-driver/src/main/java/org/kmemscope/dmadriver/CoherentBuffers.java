package org.kmemscope.dmadriver;

import static org.kmemscope.api.gfp.Gfp.GFP_KERNEL;

import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.kernel.KernelModule;

/** Coherent memory: CPU and controller see it alike at any time, so nothing need be handed over. */
final class CoherentBuffers implements Buffers {
    private final DmaDevice device;
    private final int size;
    private DmaBuffer source = DmaBuffer.FAILED;
    private DmaBuffer target = DmaBuffer.FAILED;

    CoherentBuffers(DmaDevice device, int size) {
        this.device = device;
        this.size = size;
    }

    @Override
    public String kind() {
        return "coherent";
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public int allocate(Kernel kernel) {
        source = kernel.dmaAllocCoherent(device, size, GFP_KERNEL);
        target = kernel.dmaAllocCoherent(device, size, GFP_KERNEL);
        return source.failed() || target.failed() ? -KernelModule.ENOMEM : 0;
    }

    @Override
    public void fill(Kernel kernel, byte[] bytes) {
        kernel.write(source.virt(), bytes);
    }

    @Override
    public int handOver(Kernel kernel) {
        return 0;
    }

    @Override
    public long source() {
        return source.handle();
    }

    @Override
    public long target() {
        return target.handle();
    }

    @Override
    public void takeBack(Kernel kernel) {
        // it was the CPU's all the time
    }

    @Override
    public byte[] result(Kernel kernel) {
        return kernel.read(target.virt(), size);
    }

    @Override
    public void release(Kernel kernel) {
        for (DmaBuffer buffer : new DmaBuffer[] {source, target}) {
            if (!buffer.failed()) {
                kernel.dmaFreeCoherent(device, buffer);
            }
        }
        source = DmaBuffer.FAILED;
        target = DmaBuffer.FAILED;
    }
}
