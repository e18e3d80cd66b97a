package org.kmemscope.api.phys;

import org.osgi.annotation.versioning.ConsumerType;

/** Registers of a device, seen by the CPU as 32-bit words at physical addresses. */
@ConsumerType
public interface MmioDevice {
    /** The name that {@code /proc/iomem} shows. */
    String name();

    /** Physical address of the first register. */
    long base();

    /** Length of the window, in bytes. */
    long size();

    /**
     * The CPU reads a register.
     *
     * @param offset from {@link #base()}, a multiple of 4
     */
    int read32(long offset);

    /**
     * The CPU writes a register.
     *
     * @param offset from {@link #base()}, a multiple of 4
     */
    void write32(long offset, int value);
}
