package org.kmemscope.api.mmu;

import java.util.List;
import java.util.Optional;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.error.KernelOops;
import org.kmemscope.api.ground.Part;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The kernel's page tables and every access through a virtual address. The tables are bytes in simulated RAM, in the real format
 * of the machine's {@link org.kmemscope.api.ground.ArchSpec.Tables}; nothing is kept beside them but the TLBs. Addresses are
 * 32-bit values in a long.
 *
 * <p>Accesses go through the TLB of the current CPU. An entry stays until it is flushed or another takes its place, as in
 * hardware: who changes a mapping and forgets to flush keeps reading the old frame.
 */
@ProviderType
public interface Mmu extends Part {
    /** Physical address of the kernel's top table ({@code swapper_pg_dir}). */
    long kernelTable();

    /** Bytes mapped by one large page or section of this format. */
    long largePageSize();

    /**
     * Maps one page in the kernel's tables; a missing table is taken from the table source and filled. Does not flush: the entry
     * must be empty ({@code BUG} otherwise).
     *
     * @param virt page-aligned virtual address
     * @param phys page-aligned physical address, RAM or device
     * @return false, with nothing mapped, if no frame for a missing table could be had ({@code -ENOMEM})
     * @throws KernelBug if the entry is in use
     */
    boolean map(long virt, long phys, Protection protection);

    /**
     * Overwrites the entry of one page, whatever it held: what {@code set_pte} does. Does not flush.
     *
     * @return false, with nothing mapped, if no frame for a missing table could be had
     */
    boolean setEntry(long virt, long phys, Protection protection);

    /**
     * Maps one large page or section; both addresses are multiples of {@link #largePageSize()}. For the linear mapping.
     *
     * @return false, with nothing mapped, if no frame for a missing table could be had
     * @throws KernelBug if something is mapped there
     */
    boolean mapLarge(long virt, long phys, Protection protection);

    /**
     * Clears the entry of one page. Does not flush.
     *
     * @return the physical address it held, or -1 if it was empty
     */
    long unmap(long virt);

    /** Walks the kernel's tables, past the TLB: physical address behind {@code virt}, or -1. */
    long lookup(long virt);

    /** Walks the kernel's tables and tells every level, down to the first entry that is not present. */
    Walk walk(long virt);

    /**
     * The lines in which the oops of the machine's kernel shows the table entries behind an address, after the line that a
     * {@link KernelOops} carries: {@code *pdpt = ... *pde = ... *pte = ...} or {@code [f093c000] *pgd=..., *pte=..., *ppte=...}.
     */
    List<String> oopsTables(long virt);

    /** Forgets one page on the current CPU only ({@code __flush_tlb_one}). */
    void flushLocalPage(long virt);

    /**
     * Forgets a range on every CPU ({@code flush_tlb_kernel_range}); where the machine's kernel answers a long range, or every
     * range, by flushing everything, so does this.
     */
    void flushRange(long start, long end);

    /** Forgets everything on every CPU. */
    void flushAll();

    /**
     * {@code pgd_alloc()}: page tables for a process, with nothing mapped below the kernel's part.
     *
     * @param userEnd {@code TASK_SIZE}: one past the last address of user space
     * @param frames where their tables come from, now and later
     * @return empty if no frame for them could be had
     */
    Optional<UserTables> newUserTables(long userEnd, TableSource frames);

    /** Page tables of a process that are in RAM already, as of a machine that was copied. */
    UserTables userTables(long top, long userEnd, TableSource frames);

    /** Where page tables come from; the machine sets the boot allocator first and the page allocator later. */
    void setTableSource(TableSource source);

    /** Frames that hold page tables. */
    int tableFrames();

    /**
     * {@code access}: physical address behind {@code virt}, through the TLB.
     *
     * @throws KernelOops if nothing is mapped there, or not for writing
     */
    long translate(long virt, boolean write);

    /** Whether accesses through {@code virt} use the CPU's caches: the TLB's word if it has one, else the tables'. */
    boolean cached(long virt);

    /** Reads one byte. */
    int read8(long virt);

    /** Reads two bytes. */
    int read16(long virt);

    /** Reads four bytes. */
    int read32(long virt);

    /** Reads eight bytes. */
    long read64(long virt);

    /** Writes one byte. */
    void write8(long virt, int value);

    /** Writes two bytes. */
    void write16(long virt, int value);

    /** Writes four bytes. */
    void write32(long virt, int value);

    /** Writes eight bytes. */
    void write64(long virt, long value);

    /** Copies out of virtual memory, page by page. */
    void read(long virt, byte[] into, int offset, int length);

    /** Copies into virtual memory. All pages are checked first; on a fault nothing is written. */
    void write(long virt, byte[] from, int offset, int length);

    /** {@code memset}. All pages are checked first; on a fault nothing is written. */
    void fill(long virt, long length, int value);

    /** Reads a NUL-terminated string of at most {@code max} bytes as ISO-8859-1. */
    default String readString(long virt, int max) {
        StringBuilder text = new StringBuilder();
        while (text.length() < max) {
            int next = read8(virt + text.length());
            if (next == 0) {
                break;
            }
            text.append((char) next);
        }
        return text.toString();
    }

    /** Entries of the TLB of a CPU that are in use. */
    List<TlbEntry> tlb(int cpu);

    /**
     * What the TLB of the current CPU still has for an address, where the page tables say something else by now: {@code stale on CPU 0:
     * still leads to 0x3fc01000, rw, ...}. Empty if they agree, or there is no entry.
     */
    Optional<String> stale(long virt);

    /** Counts of TLB hits, misses and flushes since boot. */
    TlbCounters counters();

    /**
     * Counters of the TLB model, over all CPUs.
     *
     * @param hits accesses answered by the TLB
     * @param misses accesses that walked the tables
     * @param flushes flushes of a page, a range or everything
     */
    record TlbCounters(long hits, long misses, long flushes) {}
}
