package org.kmemscope.api.mmu;

/** What a mapping allows and how it is cached: Linux's {@code pgprot_t} values for the kernel. */
public enum Protection {
    /** {@code PAGE_KERNEL}: read and write, cached. */
    KERNEL,
    /** {@code PAGE_KERNEL_EXEC}: as KERNEL, with execution. */
    KERNEL_EXEC,
    /** {@code PAGE_KERNEL_RO}: read only. */
    KERNEL_RO,
    /** {@code PAGE_KERNEL_NOCACHE}: device registers. */
    NOCACHE,
    /** Uncached but bufferable: coherent DMA memory on ARM. */
    DMA_COHERENT;

    /** Whether writes are allowed. */
    public boolean writable() {
        return this != KERNEL_RO;
    }

    /** Whether the CPU's caches hold such memory. */
    public boolean cached() {
        return this != NOCACHE && this != DMA_COHERENT;
    }
}
