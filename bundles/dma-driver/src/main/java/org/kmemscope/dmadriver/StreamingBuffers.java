package org.kmemscope.dmadriver;

import static org.kmemscope.api.dma.Direction.DMA_FROM_DEVICE;
import static org.kmemscope.api.dma.Direction.DMA_TO_DEVICE;
import static org.kmemscope.api.gfp.Gfp.GFP_KERNEL;

import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.kernel.KernelModule;

/**
 * Buffers of kmalloc, which are contiguous, mapped for one transfer: between {@link #handOver} and {@link #takeBack} they belong to the
 * controller, and the CPU keeps its hands off. Memory of vmalloc could not be mapped so.
 */
final class StreamingBuffers implements Buffers {
    private final DmaDevice device;
    private final int size;
    private long sourceMem;
    private long targetMem;
    private long source;
    private long target;

    StreamingBuffers(DmaDevice device, int size) {
        this.device = device;
        this.size = size;
    }

    @Override
    public String kind() {
        return "streaming";
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public int allocate(Kernel kernel) {
        sourceMem = kernel.kmalloc(size, GFP_KERNEL);
        targetMem = kernel.kmalloc(size, GFP_KERNEL);
        return sourceMem == 0 || targetMem == 0 ? -KernelModule.ENOMEM : 0;
    }

    @Override
    public void fill(Kernel kernel, byte[] bytes) {
        kernel.write(sourceMem, bytes);
    }

    @Override
    public int handOver(Kernel kernel) {
        source = kernel.dmaMapSingle(device, sourceMem, size, DMA_TO_DEVICE);
        if (kernel.dmaMappingError(device, source)) {
            return -KernelModule.EIO;
        }
        target = kernel.dmaMapSingle(device, targetMem, size, DMA_FROM_DEVICE);
        if (kernel.dmaMappingError(device, target)) {
            kernel.dmaUnmapSingle(device, source, size, DMA_TO_DEVICE);
            return -KernelModule.EIO;
        }
        return 0;
    }

    @Override
    public long source() {
        return source;
    }

    @Override
    public long target() {
        return target;
    }

    @Override
    public void takeBack(Kernel kernel) {
        kernel.dmaUnmapSingle(device, source, size, DMA_TO_DEVICE);
        kernel.dmaUnmapSingle(device, target, size, DMA_FROM_DEVICE);
    }

    @Override
    public byte[] result(Kernel kernel) {
        return kernel.read(targetMem, size);
    }

    @Override
    public void release(Kernel kernel) {
        // kfree() ignores NULL
        kernel.kfree(sourceMem);
        kernel.kfree(targetMem);
        sourceMem = 0;
        targetMem = 0;
    }
}
