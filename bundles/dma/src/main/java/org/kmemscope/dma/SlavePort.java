package org.kmemscope.dma;

/** The register of a device through which a DMA engine moves its data, and its request line: how much it has, or can take, now. */
interface SlavePort {
    /** Physical address of the register. */
    long port();

    /** Bytes that can be read at once. */
    int readable();

    /** Bytes that can be written at once. */
    int writable();

    /** Reads; not more than {@link #readable}. */
    void pull(byte[] into, int length);

    /** Writes; not more than {@link #writable}. */
    void push(byte[] from, int length);
}
