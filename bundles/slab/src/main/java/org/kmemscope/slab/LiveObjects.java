package org.kmemscope.slab;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * Which objects are in somebody's hands: a bit at the first word of each. It tells at once whether a pointer that is freed is the
 * start of a live object, whatever has been written over the slab's own management.
 *
 * <p>Linux has nothing like it without CONFIG_DEBUG_SLAB: there a pointer freed twice sits in a CPU's array twice, and two
 * owners get the same object. Here the second free is refused.
 *
 * <pre>
 *   address in the linear mapping   | page | word (10 bits) | 0 0 |
 *
 *   groups[page] ─→ number of a group of 16 longs in words, 1 for each page in which an object begins; 0 for none
 * </pre>
 *
 * <p>Groups are taken when a slab is made, so that allocation and free only set and clear bits.
 */
final class LiveObjects implements Stateful {
    private static final int PAGE_MASK = Profile.PAGE_SIZE - 1;
    private static final int WORD_SHIFT = 2;
    private static final int LONG_SHIFT = 6;
    private static final int GROUP_LONGS = Profile.PAGE_SIZE >> (WORD_SHIFT + LONG_SHIFT);
    private static final int GROUP_SHIFT = 4;
    private static final int FIRST_ROOM = 64;

    private final long start;
    private final int[] groups;
    private long[] words = new long[FIRST_ROOM * GROUP_LONGS];
    private int[] unused = new int[FIRST_ROOM];
    private int unusedCount;
    /** Groups ever taken; number 0 is never given out. */
    private int taken = 1;

    private long count;

    LiveObjects(AddressLayout layout) {
        start = layout.pageOffset();
        groups = new int[(int) ((layout.highMemory() - start + PAGE_MASK) >>> Profile.PAGE_SHIFT)];
    }

    private int page(long virt) {
        return (int) ((virt - start) >>> Profile.PAGE_SHIFT);
    }

    private static int longIndex(int group, long virt) {
        return (group << GROUP_SHIFT) + (int) ((virt & PAGE_MASK) >>> (WORD_SHIFT + LONG_SHIFT));
    }

    private static long bit(long virt) {
        // a shift of a long takes the lowest six bits
        return 1L << (virt >>> WORD_SHIFT);
    }

    /** Makes room for the bit of an object that may be handed out later. */
    void reserve(long object) {
        int page = page(object);
        if (groups[page] != 0) {
            return;
        }
        if (unusedCount > 0) {
            groups[page] = unused[--unusedCount];
        } else {
            if ((taken + 1) * GROUP_LONGS > words.length) {
                words = Arrays.copyOf(words, words.length * 2);
            }
            groups[page] = taken++;
        }
    }

    /** Forgets a page that holds objects no more. */
    void releasePage(long virt) {
        int page = page(virt);
        int group = groups[page];
        if (group == 0) {
            return;
        }
        groups[page] = 0;
        for (int i = group << GROUP_SHIFT; i < (group + 1) << GROUP_SHIFT; i++) {
            count -= Long.bitCount(words[i]);
            words[i] = 0;
        }
        if (unusedCount == unused.length) {
            unused = Arrays.copyOf(unused, unused.length * 2);
        }
        unused[unusedCount++] = group;
    }

    /** Notes that an object is handed out; false if it is in somebody's hands already. */
    boolean add(long object) {
        int index = longIndex(groups[page(object)], object);
        long bit = bit(object);
        if ((words[index] & bit) != 0) {
            return false;
        }
        words[index] |= bit;
        count++;
        return true;
    }

    /** Notes that an object came back; false if there is no live one at this very address of the linear mapping. */
    boolean remove(long object) {
        int index = longIndex(groups[page(object)], object);
        long bit = bit(object);
        if ((object & (1 << WORD_SHIFT) - 1) != 0 || (words[index] & bit) == 0) {
            return false;
        }
        words[index] &= ~bit;
        count--;
        return true;
    }

    /** Whether a live object begins at this address of the linear mapping. */
    boolean contains(long object) {
        return (object & (1 << WORD_SHIFT) - 1) == 0
                && (words[longIndex(groups[page(object)], object)] & bit(object)) != 0;
    }

    /** Adds the live objects of a page to others, ascending; how many there are in all. */
    int collect(long virt, long[] into, int found) {
        int count = found;
        long base = virt & -Profile.PAGE_SIZE;
        int group = groups[page(virt)];
        for (int i = 0; i < GROUP_LONGS && group != 0; i++) {
            for (long left = words[(group << GROUP_SHIFT) + i]; left != 0; left &= left - 1) {
                into[count++] = base + ((((long) i << LONG_SHIFT) + Long.numberOfTrailingZeros(left)) << WORD_SHIFT);
            }
        }
        return count;
    }

    /** Live objects of all caches. */
    long count() {
        return count;
    }

    /** Only pages that have a group are written, each with its 16 longs. */
    @Override
    public void save(StateWriter out) {
        int[] pages = IntStream.range(0, groups.length)
                .filter(page -> groups[page] != 0)
                .toArray();
        long[] bits = new long[pages.length * GROUP_LONGS];
        for (int i = 0; i < pages.length; i++) {
            System.arraycopy(words, groups[pages[i]] << GROUP_SHIFT, bits, i << GROUP_SHIFT, GROUP_LONGS);
        }
        out.putInts(pages);
        out.putLongs(bits);
    }

    @Override
    public void restore(StateReader in) {
        int[] pages = in.getInts();
        long[] bits = in.getLongs();
        Arrays.fill(groups, 0);
        unusedCount = 0;
        taken = pages.length + 1;
        words = new long[Math.max(taken, FIRST_ROOM) << GROUP_SHIFT];
        System.arraycopy(bits, 0, words, GROUP_LONGS, bits.length);
        count = 0;
        for (int i = 0; i < pages.length; i++) {
            groups[pages[i]] = i + 1;
        }
        for (long word : bits) {
            count += Long.bitCount(word);
        }
    }
}
