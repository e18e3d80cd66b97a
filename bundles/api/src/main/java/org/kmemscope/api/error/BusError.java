package org.kmemscope.api.error;

/** An access to a physical address behind which there is neither RAM nor a device. */
public final class BusError extends KernelException {
    private static final long serialVersionUID = 1L;

    private final long address;

    /**
     * @param address the physical address
     * @param what the access, such as {@code read of 4 bytes}
     */
    public BusError(long address, String what) {
        super(String.format("bus error: %s at physical 0x%08x, where there is no RAM", what, address));
        this.address = address;
    }

    /** The physical address. */
    public long address() {
        return address;
    }
}
