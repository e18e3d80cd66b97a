package org.kmemscope.dmadriver;

import org.kmemscope.api.kernel.Kernel;

/** A source and a target that the CPU and a controller see. The order of the calls is that of a transfer. */
interface Buffers {
    /** None at all. */
    Buffers NONE = new CoherentBuffers(org.kmemscope.api.dma.DmaDevice.NULL, 0);

    /** What kind they are, for the log. */
    String kind();

    /** Bytes of each. */
    int size();

    /** Takes the memory: 0 or a negative errno. What was taken stays until {@link #release}. */
    int allocate(Kernel kernel);

    /** The CPU writes the source. */
    void fill(Kernel kernel, byte[] bytes);

    /** From here on they are the controller's: 0 or a negative errno. */
    int handOver(Kernel kernel);

    /** Bus address of the source. */
    long source();

    /** Bus address of the target. */
    long target();

    /** From here on they are the CPU's again. */
    void takeBack(Kernel kernel);

    /** What the CPU reads in the target. */
    byte[] result(Kernel kernel);

    /** Gives the memory back; nothing if there is none. */
    void release(Kernel kernel);
}
