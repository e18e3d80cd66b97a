package org.kmemscope.mmu;

/**
 * Memory types of ARM as Linux numbers them ({@code L_PTE_MT_*}): the number is the index into PRRR/NMRR (short descriptors with
 * TEX remapping: TEX[0], C, B) or into MAIR (LPAE: AttrIndx).
 */
enum ArmMemoryType {
    /** Strongly ordered. */
    UNCACHED(0, false),
    /** Normal memory, not cached. */
    BUFFERABLE(1, false),
    /** Normal memory, write-through. */
    WRITETHROUGH(2, true),
    /** Normal memory, write-back. */
    WRITEBACK(3, true),
    /** Device. */
    DEV_SHARED(4, false),
    /** Normal memory, write-back, allocates on writes. */
    WRITEALLOC(7, true);

    private static final ArmMemoryType[] BY_NUMBER = {
        UNCACHED, BUFFERABLE, WRITETHROUGH, WRITEBACK, DEV_SHARED, UNCACHED, UNCACHED, WRITEALLOC
    };

    private final int number;
    private final boolean cached;

    ArmMemoryType(int number, boolean cached) {
        this.number = number;
        this.cached = cached;
    }

    /** The type of an index; 5 and 6 are reserved and read as uncached. */
    static ArmMemoryType of(int number) {
        return BY_NUMBER[number & 7];
    }

    /**
     * How kernel memory is cached: a kernel for SMP forces write-allocate, one for a single CPU keeps the write-back that the boot
     * code chose ({@code build_mem_type_table()}).
     */
    static ArmMemoryType ofKernelMemory(boolean smp) {
        return smp ? WRITEALLOC : WRITEBACK;
    }

    int number() {
        return number;
    }

    boolean cached() {
        return cached;
    }
}
