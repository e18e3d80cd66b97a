package org.kmemscope.api.mmu;

import org.kmemscope.api.ground.Verification;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The page tables of a process. They lie in RAM in the machine's format, below a top table of their own whose entries for the kernel
 * are copies of the kernel's, so that all processes share the tables below them.
 *
 * <p>Addresses are those of user space; those of {@link #clear} and the like are page-aligned. Nothing is cached: each access walks
 * the tables anew.
 */
@ProviderType
public interface UserTables {
    /** Physical address of the top table. */
    long top();

    /**
     * The hardware's walk. Sets the accessed and dirty bits where hardware does.
     *
     * @return the physical address behind {@code virt}, or -1 for a page fault
     */
    long access(long virt, boolean write);

    /**
     * {@code pte_alloc()}: makes the tables on the way to a page that are missing.
     *
     * @return false if no frame for one could be had
     */
    boolean prepare(long virt);

    /**
     * {@code set_pte_at()} of a page, accessed just now; missing tables are taken from the source.
     *
     * @param dirty whether it is written to at the same time
     * @return false, with nothing mapped, if no frame for a missing table could be had
     */
    boolean set(long virt, long phys, boolean writable, boolean dirty);

    /**
     * Puts the number of a slot of swap where a page was, or was not; missing tables are taken from the source.
     *
     * @return false, with nothing changed, if no frame for a missing table could be had
     */
    boolean setSwap(long virt, int slot);

    /** Empties an entry; the table stays. */
    void clear(long virt);

    /** What the tables say of a page, past the hardware. */
    Entry entry(long virt);

    /** {@code ptep_test_and_clear_young()}: whether the page was accessed since this was last asked. */
    boolean testAndClearYoung(long virt);

    /** {@code pte_mkyoung()}, and {@code pte_mkdirty()} of a write. */
    void markAccessed(long virt, boolean write);

    /** {@code pte_mkwrite()} or {@code ptep_set_wrprotect()}. */
    void setWritable(long virt, boolean writable);

    /** The first page from {@code from} on whose entry is not empty; {@code end} if there is none before it. */
    long next(long from, long end);

    /**
     * {@code free_pgtables()}: gives the tables back that map nothing but addresses from {@code floor} to {@code ceiling}. Their entries
     * must be empty.
     */
    void free(long floor, long ceiling);

    /** Gives the top table back, after all others. */
    void freeTop();

    /** Frames that hold these tables, the top one included, the kernel's not. */
    int frames();

    /** Walks the tables and tells every level, down to the first entry that is not present. */
    Walk walk(long virt);

    /** Checks the tables against RAM, and their part of the kernel against the kernel's own. */
    void verify(Verification report);

    /**
     * An entry of the last level.
     *
     * @param phys physical address of the page; -1 if none is present
     * @param young whether it was accessed
     * @param dirty whether it was written to
     * @param writable whether it may be
     * @param slot of swap, where a page is not present; 0 for none
     */
    record Entry(long phys, boolean young, boolean dirty, boolean writable, int slot) {
        /** What an empty entry says. */
        public static final Entry EMPTY = new Entry(-1, false, false, false, 0);

        /** Whether a page is there. */
        public boolean present() {
            return phys >= 0;
        }

        /** {@code pte_none()}. */
        public boolean empty() {
            return phys < 0 && slot == 0;
        }
    }
}
