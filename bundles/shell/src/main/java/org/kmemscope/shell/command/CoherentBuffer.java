package org.kmemscope.shell.command;

/**
 * Memory from {@code dma_alloc_coherent}. As an argument it is the address the CPU uses.
 *
 * @param virt where the CPU sees it
 * @param handle where the device sees it
 */
record CoherentBuffer(long virt, long handle) implements Handle {
    @Override
    public String toString() {
        return String.format("0x%08x", virt);
    }

    @Override
    public String display() {
        return String.format("0x%08x (dma handle 0x%08x)", virt, handle);
    }
}
