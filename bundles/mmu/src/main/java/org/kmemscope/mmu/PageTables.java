package org.kmemscope.mmu;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.mmu.TableSource;
import org.kmemscope.api.mmu.Walk;
import org.kmemscope.api.phys.PhysicalMemory;

/**
 * The page tables of one address space: a format, RAM, and the address of a top table. All else is bytes in RAM, read anew in
 * each walk, so a wild write to a table does here what it does there.
 *
 * <p>There are two kinds of walk. {@link #find} looks and leaves no trace; where a wild entry leads outside of RAM it ends.
 * {@link #touch} is the hardware's: it sets accessed and dirty bits where the format's hardware does, and a wild entry makes it
 * read from wherever it points, which is a bus error if nothing is there.
 *
 * <p>A second address space is a second instance with another top table, whose entries for the kernel are copies.
 */
final class PageTables {
    private static final long PAGE_MASK = -Profile.PAGE_SIZE;
    static final long NO_ENTRY = -1;

    private final TableFormat format;
    private final PhysicalMemory ram;
    private final long top;
    private final int last;

    /**
     * @param top physical address of the top table
     */
    PageTables(TableFormat format, PhysicalMemory ram, long top) {
        this.format = format;
        this.ram = ram;
        this.top = top;
        last = format.levels() - 1;
    }

    /** Empty tables: takes and clears the frames of a top table. */
    static PageTables create(TableFormat format, PhysicalMemory ram, TableSource source) {
        int order = format.shape().topOrder();
        int pfn = source.tableFrames(order);
        if (pfn < 0) {
            throw new KernelBug("no memory for the kernel's top page table, " + (1 << order) + " page(s)");
        }
        long top = (long) pfn << Profile.PAGE_SHIFT;
        ram.fill(top, (long) Profile.PAGE_SIZE << order, 0);
        return new PageTables(format, ram, top);
    }

    long top() {
        return top;
    }

    /** The tables below another top table in the same RAM. */
    PageTables withTop(long address) {
        return new PageTables(format, ram, address);
    }

    TableFormat format() {
        return format;
    }

    // ---- walks

    /** What the tables say of an address, in the bits of {@link Translation}, for the page that holds it. */
    long find(long virt) {
        long table = top;
        long rights = Translation.RIGHTS;
        for (int level = 0; level <= last && isTable(level, table); level++) {
            long step = format.decode(level, format.read(ram, format.entryAddress(level, table, virt)));
            rights &= step;
            if ((step & Translation.PAGE) != 0) {
                return page(level, step, rights, virt);
            }
            if (step == Translation.NONE) {
                break;
            }
            table = step & Translation.ADDRESS;
        }
        return Translation.NONE;
    }

    /** The hardware's walk. */
    long touch(long virt, boolean write) {
        long table = top;
        long rights = Translation.RIGHTS;
        for (int level = 0; level <= last; level++) {
            long at = format.entryAddress(level, table, virt);
            long value = format.read(ram, at);
            long step = format.decode(level, value);
            if (step == Translation.NONE) {
                break;
            }
            rights &= step;
            boolean page = (step & Translation.PAGE) != 0;
            long marked = format.touched(level, value, page && write && (rights & Translation.WRITE) != 0);
            if (marked != value) {
                format.write(ram, at, marked);
            }
            if (page) {
                return page(level, format.decode(level, marked), rights, virt);
            }
            table = step & Translation.ADDRESS;
        }
        return Translation.NONE;
    }

    /** The one page of a mapping that holds {@code virt}. */
    private long page(int level, long step, long rights, long virt) {
        return step & ~Translation.RIGHTS | rights | virt & (format.span(level) - 1) & PAGE_MASK;
    }

    private boolean isTable(int level, long address) {
        return ram.isRam(address, format.tableBytes(level));
    }

    Walk walk(long virt) {
        List<Walk.Level> levels = new ArrayList<>();
        long table = top;
        for (int level = 0; level <= last && isTable(level, table); level++) {
            long at = format.entryAddress(level, table, virt);
            format.addLevel(levels, ram, level, virt, at);
            long step = format.decode(level, format.read(ram, at));
            if ((step & Translation.PAGE) != 0) {
                long inside = virt & (format.span(level) - 1);
                return new Walk(virt, levels, (step & Translation.ADDRESS) + inside, format.span(level));
            }
            if (step == Translation.NONE) {
                break;
            }
            table = step & Translation.ADDRESS;
        }
        return new Walk(virt, levels, -1, 0);
    }

    // ---- changes

    /** Maps a page whose entry must be empty; false if there is no frame for a table. */
    boolean map(long virt, long phys, Protection protection, TableSource source) {
        long at = makeEntry(last, virt, source);
        if (at == NO_ENTRY) {
            return false;
        }
        if (format.holdsPage(ram, at)) {
            throw new KernelBug(String.format(
                    "kernel BUG at mm/vmalloc.c: page table entry of 0x%08x is in use: 0x%x",
                    virt, format.read(ram, at)));
        }
        format.putPage(ram, at, format.pageWord(phys, protection));
        return true;
    }

    /** Overwrites the entry of a page; false if there is no frame for a table. */
    boolean set(long virt, long phys, Protection protection, TableSource source) {
        long at = makeEntry(last, virt, source);
        if (at == NO_ENTRY) {
            return false;
        }
        format.putPage(ram, at, format.pageWord(phys, protection));
        return true;
    }

    /** Maps a large page; false if there is no frame for a table. */
    boolean mapLarge(long virt, long phys, Protection protection, TableSource source) {
        int level = format.shape().largeLevel();
        long at = makeEntry(level, virt, source);
        if (at == NO_ENTRY) {
            return false;
        }
        if (format.read(ram, at) != 0) {
            throw new KernelBug(String.format(
                    "kernel BUG at arch/mm/init.c: page table entry of 0x%08x is in use: 0x%x",
                    virt, format.read(ram, at)));
        }
        format.write(ram, at, format.largeWord(phys, protection));
        return true;
    }

    /** Clears the entry of a page; the physical address it held, or -1. The table stays: the kernel's are never freed. */
    long unmap(long virt) {
        long at = entry(virt);
        if (at == NO_ENTRY || !format.holdsPage(ram, at)) {
            return -1;
        }
        long step = format.decode(last, format.read(ram, at));
        format.putPage(ram, at, 0);
        return step == Translation.NONE ? -1 : step & Translation.ADDRESS;
    }

    /** Address of the last-level entry, if its table exists; else {@link #NO_ENTRY}. */
    long entry(long virt) {
        long table = top;
        for (int level = 0; level < last; level++) {
            long step = format.decode(level, format.read(ram, format.entryAddress(level, table, virt)));
            if (step == Translation.NONE) {
                return NO_ENTRY;
            }
            table = tableBehind(level, step, virt);
        }
        return format.entryAddress(last, table, virt);
    }

    /**
     * Address of the entry of a level; takes frames for the tables on the way that are missing. {@link #NO_ENTRY} if one could not be
     * had.
     */
    long makeEntry(int target, long virt, TableSource source) {
        long table = top;
        for (int level = 0; level < target; level++) {
            long at = format.entryAddress(level, table, virt);
            long step = format.decode(level, format.read(ram, at));
            if (step == Translation.NONE) {
                if (!makeTable(level, virt, at, source)) {
                    return NO_ENTRY;
                }
                step = format.decode(level, format.read(ram, at));
            }
            table = tableBehind(level, step, virt);
        }
        return format.entryAddress(target, table, virt);
    }

    private boolean makeTable(int level, long virt, long at, TableSource source) {
        if (!format.hasRoomForTable(ram, at)) {
            throw new KernelBug(
                    String.format("kernel BUG at arch/mm/mmu.c: a section shares the table of 0x%08x", virt));
        }
        int pfn = source.tableFrame();
        if (pfn < 0) {
            return false;
        }
        long table = (long) pfn << Profile.PAGE_SHIFT;
        ram.fill(table, Profile.PAGE_SIZE, 0);
        format.putTable(ram, at, level, table);
        return true;
    }

    private long tableBehind(int level, long step, long virt) {
        if ((step & Translation.PAGE) != 0) {
            throw new KernelBug(String.format(
                    "kernel BUG at mm/memory.c: 0x%08x lies in a large page of %d bytes, which has no entries for pages",
                    virt, format.span(level)));
        }
        return step & Translation.ADDRESS;
    }

    // ---- the tables themselves

    /** What goes over the entries of a tree. */
    interface Visitor {
        /**
         * An entry that is not 0.
         *
         * @param at physical address of the entry
         * @param step what it says
         * @param virt first address it stands for
         * @return whether to go on into the table behind it
         */
        boolean entry(int level, long at, long step, long virt);
    }

    /** Shows every entry that is not 0 to a visitor, depth first, in the order of addresses. Tables outside of RAM are left out. */
    void visit(Visitor visitor) {
        visit(0, top, 0, visitor);
    }

    private void visit(int level, long table, long base, Visitor visitor) {
        if (!isTable(level, table)) {
            return;
        }
        for (int i = 0; i < format.entries(level); i++) {
            long virt = base + i * format.span(level);
            long at = format.entryAddress(level, table, virt);
            long value = format.read(ram, at);
            if (value == 0) {
                continue;
            }
            long step = format.decode(level, value);
            boolean goOn = visitor.entry(level, at, step, virt);
            if (goOn && (step & Translation.TABLE) != 0 && level < last) {
                visit(level + 1, step & Translation.ADDRESS, virt, visitor);
            }
        }
    }

    /** Frames that hold these tables. */
    int frames() {
        FrameCount count = new FrameCount();
        visit(count);
        return (1 << format.shape().topOrder()) + count.frames;
    }

    /** Counts a frame once, though two adjacent entries lead into it on ARM. */
    private static final class FrameCount implements Visitor {
        private long previous = -1;
        private int frames;

        @Override
        public boolean entry(int level, long at, long step, long virt) {
            long frame = step & Translation.ADDRESS & PAGE_MASK;
            if ((step & Translation.TABLE) != 0 && frame != previous) {
                previous = frame;
                frames++;
            }
            return true;
        }
    }
}
