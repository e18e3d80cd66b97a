package org.kmemscope.slob;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * Which blocks are in somebody's hands, and what each is. Linux's SLOB has nothing like it: it does not know which cache an object is
 * of, and believes every pointer and every size it is given. Here a pointer is compared before it is freed.
 *
 * <pre>
 *   page ─→ groups[page]: number of its group, 0 for none
 *
 *   group    starts   1024 bits    the word at which a block begins: blocks begin at multiples of 4 bytes
 *            kinds    1024 shorts  what the block is, at the place of its first word
 *            firstFree             number of the page's first free unit ({@code page->freelist}), 2048 for none
 * </pre>
 *
 * <p>A page of the heap has a group, and the first page of each object that is served by whole pages. Groups are taken when such a
 * page is, so that taking and giving blocks only writes into arrays.
 */
final class LiveBlocks implements Stateful {
    /** No block begins here. */
    static final int NONE = 0;
    /** From kmalloc. */
    static final int KMALLOC = 1;
    /** The name of a cache, which the allocator got from its own kmalloc. */
    static final int NAME = 2;
    /** A {@code struct kmem_cache}. */
    static final int DESCRIPTOR = 3;
    /** The kind of the objects of a cache is its slot plus this; negative for one that waits for the end of a grace period. */
    static final int FIRST_CACHE = 4;

    private static final int WORDS_SHIFT = 10;
    private static final int WORDS = 1 << WORDS_SHIFT;
    private static final int UNITS_PER_WORD_SHIFT = 1;
    private static final int LONG_SHIFT = 6;
    private static final int GROUP_LONGS_SHIFT = WORDS_SHIFT - LONG_SHIFT;
    private static final int GROUP_LONGS = 1 << GROUP_LONGS_SHIFT;
    private static final int KIND_SHIFT = 16;
    private static final int FIRST_ROOM = 16;

    private final int firstPfn;
    private final int[] groups;
    private long[] starts = new long[FIRST_ROOM << GROUP_LONGS_SHIFT];
    private short[] kinds = new short[FIRST_ROOM << WORDS_SHIFT];
    private int[] firstFree = new int[FIRST_ROOM];
    private int[] unused = new int[FIRST_ROOM];
    private int unusedCount;
    /** Groups ever taken; number 0 is never given out. */
    private int taken = 1;

    LiveBlocks(AddressLayout layout) {
        firstPfn = layout.minLowPfn();
        groups = new int[layout.maxLowPfn() - firstPfn];
    }

    private int group(int pfn) {
        return groups[pfn - firstPfn];
    }

    // ---- pages

    /** Whether a page is one of the heap, or the first of an object of whole pages. */
    boolean knows(int pfn) {
        return group(pfn) != 0;
    }

    /** Makes room for the blocks of a page. */
    void addPage(int pfn) {
        if (unusedCount > 0) {
            groups[pfn - firstPfn] = unused[--unusedCount];
        } else {
            if (taken == firstFree.length) {
                int room = 2 * taken;
                starts = Arrays.copyOf(starts, room << GROUP_LONGS_SHIFT);
                kinds = Arrays.copyOf(kinds, room << WORDS_SHIFT);
                firstFree = Arrays.copyOf(firstFree, room);
                unused = Arrays.copyOf(unused, room);
            }
            groups[pfn - firstPfn] = taken++;
        }
    }

    /** Forgets a page, on which no block is left. */
    void removePage(int pfn) {
        unused[unusedCount++] = group(pfn);
        groups[pfn - firstPfn] = 0;
    }

    /** The pages it knows, ascending. */
    int[] pages() {
        return IntStream.range(0, groups.length)
                .filter(page -> groups[page] != 0)
                .map(page -> page + firstPfn)
                .toArray();
    }

    /** Number of the first free unit of a page of the heap, or {@link SlobMemory#PAGE_UNITS}. */
    int firstFree(int pfn) {
        return firstFree[group(pfn)];
    }

    void setFirstFree(int pfn, int unit) {
        firstFree[group(pfn)] = unit;
    }

    // ---- blocks

    /** What begins at a unit of a page: one of the kinds, or {@link #NONE}. */
    int kind(int pfn, int unit) {
        int group = group(pfn);
        boolean inside = group != 0 && unit >= 0 && (unit & (1 << UNITS_PER_WORD_SHIFT) - 1) == 0;
        return inside ? kinds[(group << WORDS_SHIFT) + (unit >> UNITS_PER_WORD_SHIFT)] : NONE;
    }

    /** Notes a block, or that it is of another kind now. */
    void set(int pfn, int unit, int kind) {
        int group = group(pfn);
        int word = unit >> UNITS_PER_WORD_SHIFT;
        // a shift of a long takes the lowest six bits
        starts[(group << GROUP_LONGS_SHIFT) + (word >> LONG_SHIFT)] |= 1L << word;
        kinds[(group << WORDS_SHIFT) + word] = (short) kind;
    }

    void remove(int pfn, int unit) {
        int group = group(pfn);
        int word = unit >> UNITS_PER_WORD_SHIFT;
        starts[(group << GROUP_LONGS_SHIFT) + (word >> LONG_SHIFT)] &= ~(1L << word);
        kinds[(group << WORDS_SHIFT) + word] = NONE;
    }

    /** The first unit from a given one on at which a block begins, or {@link SlobMemory#PAGE_UNITS}. */
    int nextStart(int pfn, int unit) {
        int word = unit + (1 << UNITS_PER_WORD_SHIFT) - 1 >> UNITS_PER_WORD_SHIFT;
        int base = group(pfn) << GROUP_LONGS_SHIFT;
        int index = word >> LONG_SHIFT;
        if (index >= GROUP_LONGS) {
            return SlobMemory.PAGE_UNITS;
        }
        long bits = starts[base + index] & -1L << word;
        while (bits == 0) {
            if (++index == GROUP_LONGS) {
                return SlobMemory.PAGE_UNITS;
            }
            bits = starts[base + index];
        }
        return (index << LONG_SHIFT) + Long.numberOfTrailingZeros(bits) << UNITS_PER_WORD_SHIFT;
    }

    /** The last unit up to a given one at which a block begins; -1 if none does. */
    int lastStart(int pfn, int unit) {
        int found = -1;
        for (int start = nextStart(pfn, 0); start <= unit && start < SlobMemory.PAGE_UNITS; ) {
            found = start;
            start = nextStart(pfn, start + 1);
        }
        return found;
    }

    // ---- copying: of each page the blocks only

    @Override
    public void save(StateWriter out) {
        int[] pages = pages();
        int[] free = new int[pages.length];
        int[] counts = new int[pages.length];
        int total = 0;
        for (int i = 0; i < pages.length; i++) {
            free[i] = firstFree(pages[i]);
            for (int index = 0; index < GROUP_LONGS; index++) {
                counts[i] += Long.bitCount(starts[(group(pages[i]) << GROUP_LONGS_SHIFT) + index]);
            }
            total += counts[i];
        }
        int[] blocks = new int[total];
        int at = 0;
        for (int pfn : pages) {
            for (int unit = nextStart(pfn, 0); unit < SlobMemory.PAGE_UNITS; unit = nextStart(pfn, unit + 1)) {
                blocks[at++] = kind(pfn, unit) << KIND_SHIFT | unit;
            }
        }
        out.putInts(pages);
        out.putInts(free);
        out.putInts(counts);
        out.putInts(blocks);
    }

    @Override
    public void restore(StateReader in) {
        int[] pages = in.getInts();
        int[] free = in.getInts();
        int[] counts = in.getInts();
        int[] blocks = in.getInts();
        Arrays.fill(groups, 0);
        Arrays.fill(starts, 0);
        Arrays.fill(kinds, (short) NONE);
        unusedCount = 0;
        taken = 1;
        int at = 0;
        for (int i = 0; i < pages.length; i++) {
            addPage(pages[i]);
            setFirstFree(pages[i], free[i]);
            for (int end = at + counts[i]; at < end; at++) {
                set(pages[i], blocks[at] & (1 << KIND_SHIFT) - 1, blocks[at] >> KIND_SHIFT);
            }
        }
    }
}
