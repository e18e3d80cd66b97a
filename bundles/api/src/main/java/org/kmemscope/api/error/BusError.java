package org.kmemscope.api.error;

/** An access to an address behind which there is neither RAM nor a device, or to one that a device cannot produce. */
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

    private BusError(String text, long address) {
        super(text);
        this.address = address;
    }

    /**
     * An address that a device cannot produce.
     *
     * @param address on the bus
     * @param why which device, and why not
     */
    public static BusError unreachable(long address, String why) {
        return new BusError("bus error: " + why, address);
    }

    /** The physical address, or the one on the bus that could not be produced. */
    public long address() {
        return address;
    }
}
