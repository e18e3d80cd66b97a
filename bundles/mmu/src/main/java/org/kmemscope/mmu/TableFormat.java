package org.kmemscope.mmu;

import java.util.List;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.mmu.Walk;
import org.kmemscope.api.phys.PhysicalMemory;

/**
 * A format of page tables: the shape of the tree and the meaning of the bits. Knows no address space and keeps no state; entries
 * are read from and written to RAM each time.
 *
 * <p>Levels count from the top, 0. {@code value} is an entry as it stands in RAM, zero-extended.
 */
abstract class TableFormat {
    private final Shape shape;

    TableFormat(Shape shape) {
        this.shape = shape;
    }

    /**
     * The tree.
     *
     * @param shifts for each level, the lowest bit of a virtual address that indexes its tables
     * @param indexBits for each level, how many bits do
     * @param entryShift log2 of the bytes of an entry
     * @param topOrder log2 of the frames of the top table
     * @param largeLevel level whose entries can map large pages or sections
     * @param physicalBits bits of a physical address
     */
    record Shape(int[] shifts, int[] indexBits, int entryShift, int topOrder, int largeLevel, int physicalBits) {}

    final Shape shape() {
        return shape;
    }

    final int levels() {
        return shape.shifts.length;
    }

    /** Bytes mapped by one entry of a level. */
    final long span(int level) {
        return 1L << shape.shifts[level];
    }

    final int entries(int level) {
        return 1 << shape.indexBits[level];
    }

    /** Bytes of a table of a level. */
    final long tableBytes(int level) {
        return 1L << (shape.indexBits[level] + shape.entryShift);
    }

    final int index(int level, long virt) {
        return (int) (virt >>> shape.shifts[level]) & (entries(level) - 1);
    }

    /** Physical address of the entry of {@code virt} in a table. */
    final long entryAddress(int level, long table, long virt) {
        return table + ((long) index(level, virt) << shape.entryShift);
    }

    final long read(PhysicalMemory ram, long at) {
        return shape.entryShift == 3 ? ram.read64(at) : Integer.toUnsignedLong(ram.read32(at));
    }

    final void write(PhysicalMemory ram, long at, long value) {
        if (shape.entryShift == 3) {
            ram.write64(at, value);
        } else {
            ram.write32(at, (int) value);
        }
    }

    // ---- what the hardware reads

    /** What an entry says to the hardware: {@link Translation#NONE}, a table or a page, in the bits of {@link Translation}. */
    abstract long decode(int level, long value);

    /**
     * The entry after the hardware walked through it.
     *
     * @param dirties whether the walk is for a write that is allowed, and the entry maps the page
     */
    long touched(int level, long value, boolean dirties) {
        return value;
    }

    /** Whether a write that the TLB does not let through makes the CPU walk again before it faults. */
    boolean walksAgainBeforeFault() {
        return false;
    }

    // ---- what Linux writes

    /** The word Linux writes to map a page. */
    abstract long pageWord(long phys, Protection protection);

    /** The word Linux writes to map a large page or section. */
    abstract long largeWord(long phys, Protection protection);

    /** The word Linux writes to lead to a table. */
    abstract long tableWord(int level, long table);

    /** Writes an entry of the last level. */
    void putPage(PhysicalMemory ram, long at, long word) {
        write(ram, at, word);
    }

    /** Writes an entry that leads to a new table. */
    void putTable(PhysicalMemory ram, long at, int level, long table) {
        write(ram, at, tableWord(level, table));
    }

    /** {@code !pte_none()}: whether an entry of the last level holds anything. */
    boolean holdsPage(PhysicalMemory ram, long at) {
        return read(ram, at) != 0;
    }

    /** Whether a new table can be hung in here without harm to a neighbour. */
    boolean hasRoomForTable(PhysicalMemory ram, long at) {
        return true;
    }

    /** Whether an entry of the last level and what Linux keeps beside it say the same. */
    boolean agreesWithLinux(PhysicalMemory ram, long at) {
        return true;
    }

    // ---- user space

    /**
     * The bits of the word Linux believes in, of a page of user space. Where a format has a bit for read-only, none is for writable.
     *
     * @param slotShift where the number of a swap slot stands in a word that is not present
     */
    record UserBits(long present, long young, long dirty, long writable, long readOnly, int slotShift) {}

    abstract UserBits userBits();

    /** The word Linux writes to map a page of user space, read-only and clean. */
    abstract long userWord(long phys);

    /** The physical address in such a word. */
    abstract long userPage(long word);

    /** The word Linux believes in. */
    long linuxWord(PhysicalMemory ram, long at) {
        return read(ram, at);
    }

    /** Writes the word Linux believes in, and what the hardware reads in its place. */
    void putUser(PhysicalMemory ram, long at, long word) {
        putPage(ram, at, word);
    }

    /** How many adjacent entries of a level lead into one frame of tables. */
    int entriesOfTable(int level) {
        return 1;
    }

    /** Whether two entries of the top table are the same but for what the hardware marks in them. */
    boolean sameTable(long one, long other) {
        return touched(0, one, true) == touched(0, other, true);
    }

    /** Whether {@code pgd_alloc()} makes the tables below the top at once. */
    boolean fillsTop() {
        return false;
    }

    // ---- for people

    /** The bits of an entry in words, such as {@code PRESENT|RW|ACCESSED}; empty if no known bit is set. */
    abstract String flags(int level, long value);

    /** Name of a level as the crash utility prints it. */
    abstract String levelName(int level);

    /** Adds what was read at one level of a walk. */
    void addLevel(List<Walk.Level> levels, PhysicalMemory ram, int level, long virt, long at) {
        long value = read(ram, at);
        boolean present = decode(level, value) != Translation.NONE;
        levels.add(new Walk.Level(levelName(level), index(level, virt), at, value, present, flags(level, value)));
    }
}
