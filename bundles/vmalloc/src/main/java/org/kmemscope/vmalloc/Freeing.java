package org.kmemscope.vmalloc;

/** When the mappings of a freed area go, and when its addresses can be used again. */
enum Freeing {
    /** Up to 2.6.27: page tables cleared, TLB flushed and addresses free, all in {@code vfree()}. */
    AT_ONCE,
    /**
     * 2.6.28 to 2.6.36: nothing happens before the purge. Until then the freed addresses still lead to pages that may belong to
     * somebody else by now.
     */
    UNMAPPED_AT_PURGE,
    /**
     * From 2.6.37: page tables are cleared in {@code vfree()}; the TLB is flushed and the addresses come back with the purge. Source:
     * "vmalloc: eagerly clear ptes on vunmap".
     */
    UNMAPPED_AT_FREE
}
