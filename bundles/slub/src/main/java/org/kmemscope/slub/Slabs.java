package org.kmemscope.slub;

import java.util.Arrays;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * What Linux keeps of a slab in the {@code struct page} of its first frame ({@code struct slab}), by the slab's number. A slab knows its
 * own geometry: what its cache would do today does not matter to it.
 *
 * <pre>
 *   frames.next(pfn), for each frame of a slab ─→ number of the slab; PG_slab says that there is one
 *
 *   words[number * 16]   | pfn | cache | free | inuse | objects | state | order | stride | first | next | prev | ahead | ... |
 *
 *   free      address of the first object on the slab's own free list, low 32 bits; 0 for none
 *   inuse     objects that are not on that list
 *   state     frozen: it belongs to a CPU; and which list of the node it is on
 *   stride    bytes from one object to the next
 *   first     bytes from the start of the slab to object 0
 *   next      on a list of the node or of a CPU
 *   ahead     on the list of a CPU: slabs from here to its end, and free objects in them
 *   chain     all slabs of the cache, newest first: for those who look; Linux has no such list
 *   live      its block of {@link LiveBits}
 * </pre>
 */
final class Slabs implements Stateful {
    /** No slab. */
    static final int NONE = -1;
    /** On no list of the node: full, or a CPU's. */
    static final int NO_LIST = 0;
    /** On the partial list of the node. */
    static final int PARTIAL = 1;
    /** On the list of full slabs, which only caches with SLAB_STORE_USER have. */
    static final int FULL = 2;

    private static final int SHIFT = 4;
    private static final int PFN = 0;
    private static final int CACHE = 1;
    private static final int FREE = 2;
    private static final int IN_USE = 3;
    private static final int OBJECTS = 4;
    private static final int STATE = 5;
    private static final int ORDER = 6;
    private static final int STRIDE = 7;
    private static final int FIRST = 8;
    private static final int NEXT = 9;
    private static final int PREV = 10;
    private static final int AHEAD = 11;
    private static final int AHEAD_OBJECTS = 12;
    private static final int CHAIN_NEXT = 13;
    private static final int CHAIN_PREV = 14;
    private static final int LIVE = 15;
    private static final int FROZEN = 4;
    private static final int LIST_MASK = 3;
    private static final int FIRST_ROOM = 128;
    private static final long ADDRESS_MASK = 0xffff_ffffL;

    private final PageFrames frames;
    private final AddressLayout layout;
    private final LiveBits live = new LiveBits();
    private int[] words = new int[FIRST_ROOM << SHIFT];
    private int count;
    private int unused = NONE;

    Slabs(PageFrames frames, AddressLayout layout) {
        this.frames = frames;
        this.layout = layout;
    }

    // ---- a slab by an address in it

    /** The slab that a frame belongs to; {@link #NONE} if to none. */
    int of(int pfn) {
        return (frames.flags(pfn) & PageFlag.SLAB.bit()) != 0 ? frames.next(pfn) : NONE;
    }

    /** Number of the object that begins at an address of a slab; -1 if none does. */
    int indexOf(int slab, long address) {
        int offset = (int) (address - base(slab)) - words[(slab << SHIFT) + FIRST];
        int stride = words[(slab << SHIFT) + STRIDE];
        int index = offset / stride;
        return offset >= 0 && index * stride == offset && index < objects(slab) ? index : -1;
    }

    /** Address of an object by its number. */
    long object(int slab, int index) {
        return base(slab) + words[(slab << SHIFT) + FIRST] + (long) index * stride(slab);
    }

    /** Address of the first byte of a slab. */
    long base(int slab) {
        return layout.pfnToVirt(pfn(slab));
    }

    // ---- making and giving up

    /**
     * A number for a new slab, whose frames are marked as its.
     *
     * @param pfn its first frame
     * @param order log2 of its frames
     * @param cache number of its cache
     * @param objects objects in it
     * @param stride bytes from one to the next
     * @param first bytes before object 0
     */
    int add(int pfn, int order, int cache, int objects, int stride, int first) {
        int slab = unused;
        if (slab != NONE) {
            unused = next(slab);
        } else {
            slab = count++;
            if (count << SHIFT > words.length) {
                words = Arrays.copyOf(words, 2 * words.length);
            }
        }
        int at = slab << SHIFT;
        Arrays.fill(words, at, at + (1 << SHIFT), 0);
        words[at + PFN] = pfn;
        words[at + ORDER] = order;
        words[at + CACHE] = cache;
        words[at + OBJECTS] = objects;
        words[at + STRIDE] = stride;
        words[at + FIRST] = first;
        words[at + NEXT] = NONE;
        words[at + PREV] = NONE;
        words[at + LIVE] = live.take(objects);
        for (int frame = pfn; frame < pfn + (1 << order); frame++) {
            frames.setFlags(frame, frames.flags(frame) | PageFlag.SLAB.bit());
            frames.setNext(frame, slab);
            frames.setPrev(frame, cache);
        }
        return slab;
    }

    /** Forgets a slab; its frames are nobody's any more. */
    void remove(int slab) {
        int pfn = pfn(slab);
        for (int frame = pfn; frame < pfn + (1 << order(slab)); frame++) {
            frames.setFlags(frame, frames.flags(frame) & ~PageFlag.SLAB.bit());
            frames.setNext(frame, 0);
            frames.setPrev(frame, 0);
        }
        live.giveBack(words[(slab << SHIFT) + LIVE], objects(slab));
        words[(slab << SHIFT) + NEXT] = unused;
        words[(slab << SHIFT) + PFN] = NONE;
        unused = slab;
    }

    // ---- who has which object

    /** Notes that an object is handed out; false if somebody has it already. */
    boolean addLive(int slab, int index) {
        return live.add(words[(slab << SHIFT) + LIVE], index);
    }

    /** Notes that an object came back; false if nobody had it. */
    boolean removeLive(int slab, int index) {
        return live.remove(words[(slab << SHIFT) + LIVE], index);
    }

    boolean isLive(int slab, int index) {
        return live.contains(words[(slab << SHIFT) + LIVE], index);
    }

    int liveObjects(int slab) {
        return live.count(words[(slab << SHIFT) + LIVE], objects(slab));
    }

    // ---- its words

    int pfn(int slab) {
        return words[(slab << SHIFT) + PFN];
    }

    int order(int slab) {
        return words[(slab << SHIFT) + ORDER];
    }

    int cache(int slab) {
        return words[(slab << SHIFT) + CACHE];
    }

    int stride(int slab) {
        return words[(slab << SHIFT) + STRIDE];
    }

    int objects(int slab) {
        return words[(slab << SHIFT) + OBJECTS];
    }

    int inUse(int slab) {
        return words[(slab << SHIFT) + IN_USE];
    }

    void setInUse(int slab, int objects) {
        words[(slab << SHIFT) + IN_USE] = objects;
    }

    long free(int slab) {
        return words[(slab << SHIFT) + FREE] & ADDRESS_MASK;
    }

    void setFree(int slab, long object) {
        words[(slab << SHIFT) + FREE] = (int) object;
    }

    boolean frozen(int slab) {
        return (words[(slab << SHIFT) + STATE] & FROZEN) != 0;
    }

    void setFrozen(int slab, boolean frozen) {
        int at = (slab << SHIFT) + STATE;
        words[at] = frozen ? words[at] | FROZEN : words[at] & ~FROZEN;
    }

    int list(int slab) {
        return words[(slab << SHIFT) + STATE] & LIST_MASK;
    }

    void setList(int slab, int list) {
        int at = (slab << SHIFT) + STATE;
        words[at] = words[at] & ~LIST_MASK | list;
    }

    int next(int slab) {
        return words[(slab << SHIFT) + NEXT];
    }

    void setNext(int slab, int next) {
        words[(slab << SHIFT) + NEXT] = next;
    }

    int prev(int slab) {
        return words[(slab << SHIFT) + PREV];
    }

    void setPrev(int slab, int prev) {
        words[(slab << SHIFT) + PREV] = prev;
    }

    int ahead(int slab) {
        return words[(slab << SHIFT) + AHEAD];
    }

    int aheadObjects(int slab) {
        return words[(slab << SHIFT) + AHEAD_OBJECTS];
    }

    void setAhead(int slab, int slabs, int objects) {
        words[(slab << SHIFT) + AHEAD] = slabs;
        words[(slab << SHIFT) + AHEAD_OBJECTS] = objects;
    }

    // ---- all slabs of a cache

    /** The next older slab of the same cache. */
    int older(int slab) {
        return words[(slab << SHIFT) + CHAIN_NEXT];
    }

    /** Puts a new slab before the others of its cache; it is the head of the chain then. */
    void chain(int slab, int head) {
        words[(slab << SHIFT) + CHAIN_NEXT] = head;
        words[(slab << SHIFT) + CHAIN_PREV] = NONE;
        if (head != NONE) {
            words[(head << SHIFT) + CHAIN_PREV] = slab;
        }
    }

    /** Takes a slab out of the chain; returns the head of the chain. */
    int unchain(int slab, int head) {
        int next = words[(slab << SHIFT) + CHAIN_NEXT];
        int prev = words[(slab << SHIFT) + CHAIN_PREV];
        if (next != NONE) {
            words[(next << SHIFT) + CHAIN_PREV] = prev;
        }
        if (prev != NONE) {
            words[(prev << SHIFT) + CHAIN_NEXT] = next;
        }
        return head == slab ? next : head;
    }

    // ---- copying

    @Override
    public void save(StateWriter out) {
        out.putInts(Arrays.copyOf(words, count << SHIFT));
        out.putInt(unused);
        live.save(out);
    }

    @Override
    public void restore(StateReader in) {
        int[] saved = in.getInts();
        count = saved.length >>> SHIFT;
        words = Arrays.copyOf(saved, Math.max(FIRST_ROOM << SHIFT, saved.length));
        unused = in.getInt();
        live.restore(in);
    }
}
