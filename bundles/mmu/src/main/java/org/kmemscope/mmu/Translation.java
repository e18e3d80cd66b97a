package org.kmemscope.mmu;

/**
 * What an entry of a page table, or a whole walk, says: an address and flags in one long, so that a walk allocates nothing.
 *
 * <pre>
 *   | 63 | flags 62..52 | physical address 51..0 |
 * </pre>
 *
 * <p>Fifty-two bits are the most that any x86 or ARM format can hold.
 */
final class Translation {
    /** Leads nowhere: not present, or nothing the kernel may read through. */
    static final long NONE = 0;

    /** The address: of the next table, or of the page. */
    static final long ADDRESS = (1L << 52) - 1;

    /** The entry leads to a table of the next level. */
    static final long TABLE = 1L << 52;

    /** The entry maps memory. */
    static final long PAGE = 1L << 53;

    /** The memory is more than one page. */
    static final long LARGE = 1L << 54;

    /** The kernel may write. */
    static final long WRITE = 1L << 55;

    /** The kernel may execute. */
    static final long EXECUTE = 1L << 56;

    /** The same in every address space: a TLB keeps it when the space changes. */
    static final long GLOBAL = 1L << 57;

    /** The CPU's caches hold it. */
    static final long CACHED = 1L << 58;

    /** A write needs no further walk: the dirty bit is set, or the format has none that hardware sets. */
    static final long DIRTY = 1L << 59;

    /** What any level of the walk can take away. */
    static final long RIGHTS = WRITE | EXECUTE;

    /** What makes two translations of an address differ for the program that uses it. */
    static final long SUBSTANCE = ADDRESS | PAGE | RIGHTS | GLOBAL | CACHED;

    private Translation() {}
}
