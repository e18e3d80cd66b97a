package org.kmemscope.api.error;

/** An access through a virtual address that no page table maps, or maps without the right to do it. */
public final class KernelOops extends KernelException {
    private static final long serialVersionUID = 1L;

    private final long address;

    /**
     * @param message the first line of the oops
     * @param address the faulting virtual address
     */
    public KernelOops(String message, long address) {
        super(message);
        this.address = address;
    }

    /** The faulting virtual address. */
    public long address() {
        return address;
    }
}
