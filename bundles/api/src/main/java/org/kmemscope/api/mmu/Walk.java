package org.kmemscope.api.mmu;

import java.util.List;

/**
 * What a walk through page tables met.
 *
 * @param virt the address looked up
 * @param levels one for each table read, top first
 * @param phys physical address behind {@code virt}, or -1 if the walk ended at an entry that is not present
 * @param pageSize bytes mapped by the last entry; 0 if not mapped
 */
public record Walk(long virt, List<Level> levels, long phys, long pageSize) {
    /** Keeps an unmodifiable copy. */
    public Walk {
        levels = List.copyOf(levels);
    }

    /** Whether the address is mapped. */
    public boolean mapped() {
        return phys >= 0;
    }

    /**
     * One entry that was read.
     *
     * @param table name of the level as the crash utility prints it: {@code PGD}, {@code PMD}, {@code PTE}
     * @param index index in that table
     * @param entryAddress physical address of the entry
     * @param value its bits
     * @param present whether it leads on
     * @param flags its decoded bits, such as {@code PRESENT|RW|ACCESSED|DIRTY|GLOBAL}
     */
    public record Level(String table, int index, long entryAddress, long value, boolean present, String flags) {}
}
