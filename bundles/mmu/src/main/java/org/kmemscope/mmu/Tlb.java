package org.kmemscope.mmu;

import java.util.Arrays;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/**
 * The TLBs of all CPUs in flat arrays.
 *
 * <pre>
 *   slot      | cpu | low bits of the virtual page number |         direct mapped
 *   readTags  | virtual page 31..12 | 0 |    reads may use the slot;  1 = empty
 *   writeTags | virtual page 31..12 | 0 |    writes may as well
 *   entries   a Translation: the physical page, and how it is mapped
 * </pre>
 *
 * <ol>
 *   <li>Direct mapped, because a hit is then one compare, with nothing to keep in order afterwards; and because which entries
 *       survive depends on nothing but the addresses used, which makes a run easy to follow. Set-associative hardware keeps some
 *       entries longer; none keeps an entry that is told to go.
 *   <li>The tag compared is that of the <em>last</em> byte, in the slot of the <em>first</em>. So the one compare also fails for
 *       an access that crosses into the next page, whose slot is another one.
 *   <li>A large page is entered one page at a time, as the address is used, marked LARGE. A hit needs no second page size then. To
 *       the program it is one entry all the same, as INVLPG has it (Intel SDM volume 3, 4.10.4): a flush of any address in the
 *       large page takes all its pieces.
 *   <li>An entry stays until it is flushed or another takes its slot. A mapping that is not present never enters.
 * </ol>
 *
 * <p>The entries keep GLOBAL: when address spaces come, a switch drops what is not.
 */
final class Tlb {
    /** No entry answers. */
    static final long MISS = -1;

    private static final int PAGE_SHIFT = Profile.PAGE_SHIFT;
    private static final int PAGE_MASK = -Profile.PAGE_SIZE;
    private static final int OFFSET_MASK = Profile.PAGE_SIZE - 1;
    /** No address of a page, so it equals no tag that is looked for. */
    private static final int EMPTY = 1;

    private final int cpus;
    private final int slots;
    private final int slotMask;
    private final int cpuShift;
    private final long largeMask;
    private final int[] readTags;
    private final int[] writeTags;
    private final long[] entries;
    /** For each CPU the addresses between which large pages were entered: a flush elsewhere has no pieces to look for. */
    private final long[] largeFrom;

    private final long[] largeTo;

    /**
     * @param slots entries for each CPU, a power of two
     * @param largeSize bytes of a large page
     */
    Tlb(int cpus, int slots, long largeSize) {
        if (Integer.bitCount(slots) != 1 || slots < 2) {
            throw new IllegalArgumentException("a TLB has 2, 4, 8, ... entries, not " + slots);
        }
        this.cpus = cpus;
        this.slots = slots;
        slotMask = slots - 1;
        cpuShift = Integer.numberOfTrailingZeros(slots);
        largeMask = -largeSize;
        readTags = new int[cpus << cpuShift];
        writeTags = new int[cpus << cpuShift];
        entries = new long[cpus << cpuShift];
        largeFrom = new long[cpus];
        largeTo = new long[cpus];
        flushAll();
    }

    private int slot(int cpu, long virt) {
        return cpu << cpuShift | (int) (virt >>> PAGE_SHIFT) & slotMask;
    }

    /**
     * Physical address behind {@code virt} for a read.
     *
     * @param reach distance to the last byte of the access
     * @return the address, or {@link #MISS} also if the access leaves the page
     */
    long read(int cpu, long virt, int reach) {
        int slot = slot(cpu, virt);
        return readTags[slot] == ((int) (virt + reach) & PAGE_MASK)
                ? entries[slot] & Translation.ADDRESS | virt & OFFSET_MASK
                : MISS;
    }

    /** As {@link #read}, for a write. */
    long write(int cpu, long virt, int reach) {
        int slot = slot(cpu, virt);
        return writeTags[slot] == ((int) (virt + reach) & PAGE_MASK)
                ? entries[slot] & Translation.ADDRESS | virt & OFFSET_MASK
                : MISS;
    }

    /** Enters a page in place of whatever has its slot. */
    void enter(int cpu, long virt, long translation) {
        int slot = slot(cpu, virt);
        int tag = (int) virt & PAGE_MASK;
        long direct = Translation.WRITE | Translation.DIRTY;
        readTags[slot] = tag;
        writeTags[slot] = (translation & direct) == direct ? tag : EMPTY;
        entries[slot] = translation;
        if ((translation & Translation.LARGE) != 0) {
            largeFrom[cpu] = Math.min(largeFrom[cpu], virt & largeMask);
            largeTo[cpu] = Math.max(largeTo[cpu], (virt & largeMask) - largeMask);
        }
    }

    /** The entry of a page, or {@link Translation#NONE}. */
    long entry(int cpu, long virt) {
        int slot = slot(cpu, virt);
        return readTags[slot] == ((int) virt & PAGE_MASK) ? entries[slot] : Translation.NONE;
    }

    // ---- flushes

    void flushPage(int cpu, long virt) {
        int slot = slot(cpu, virt);
        if (readTags[slot] == ((int) virt & PAGE_MASK)) {
            drop(slot);
        }
        if (virt >= largeFrom[cpu] && virt < largeTo[cpu]) {
            flushRange(cpu, virt, virt + 1);
        }
    }

    /** Drops every page, and every large page, of which a byte is in {@code [start, end)}. */
    void flushRange(int cpu, long start, long end) {
        for (int slot = cpu << cpuShift; slot < (cpu + 1) << cpuShift; slot++) {
            if (readTags[slot] == EMPTY) {
                continue;
            }
            long mask = (entries[slot] & Translation.LARGE) != 0 ? largeMask : PAGE_MASK;
            long from = Integer.toUnsignedLong(readTags[slot]) & mask;
            if (from < end && start < from - mask) {
                drop(slot);
            }
        }
    }

    void flushAll() {
        Arrays.fill(readTags, EMPTY);
        Arrays.fill(writeTags, EMPTY);
        Arrays.fill(entries, Translation.NONE);
        Arrays.fill(largeFrom, Long.MAX_VALUE);
        Arrays.fill(largeTo, 0);
    }

    private void drop(int slot) {
        readTags[slot] = EMPTY;
        writeTags[slot] = EMPTY;
        entries[slot] = Translation.NONE;
    }

    // ---- what is there

    int cpus() {
        return cpus;
    }

    /** Entries of each CPU. */
    int slots() {
        return slots;
    }

    /** Whether a slot of a CPU is in use. */
    boolean isUsed(int cpu, int index) {
        return readTags[cpu << cpuShift | index] != EMPTY;
    }

    /** The page in a slot that is in use. */
    long virtAt(int cpu, int index) {
        return Integer.toUnsignedLong(readTags[cpu << cpuShift | index]);
    }

    /** The translation in a slot. */
    long entryAt(int cpu, int index) {
        return entries[cpu << cpuShift | index];
    }

    // ---- state

    void save(StateWriter out) {
        out.putInts(readTags);
        out.putInts(writeTags);
        out.putLongs(entries);
        out.putLongs(largeFrom);
        out.putLongs(largeTo);
    }

    void restore(StateReader in) {
        take(in.getInts(), readTags);
        take(in.getInts(), writeTags);
        take(in.getLongs(), entries);
        take(in.getLongs(), largeFrom);
        take(in.getLongs(), largeTo);
    }

    private static void take(int[] from, int[] to) {
        checkSize(from.length, to.length);
        System.arraycopy(from, 0, to, 0, to.length);
    }

    private static void take(long[] from, long[] to) {
        checkSize(from.length, to.length);
        System.arraycopy(from, 0, to, 0, to.length);
    }

    private static void checkSize(int found, int expected) {
        if (found != expected) {
            throw new IllegalStateException(
                    "the state is of a machine with other TLBs: " + found + " entries, not " + expected);
        }
    }
}
