package org.kmemscope.reclaim;

import java.util.Arrays;
import java.util.BitSet;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.reclaim.Swap;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * The swap area and the swap cache. A page in the cache has PG_swapcache and its slot in {@code page->private}; the slot is written
 * once, and found again by its number as long as the page is in memory.
 */
final class SwapArea implements Swap, Stateful {
    private static final int NONE = PageFrames.NONE;

    private final Basis basis;
    private final PageFrames frames;
    private final PageStore contents = new PageStore();
    private final BitSet used = new BitSet();
    private int total;
    private int inUse;
    /** Where the search for a free slot goes on, so that pages that go together lie together. */
    private int next = 1;
    /** By slot, the page of the cache that has its contents, plus one. */
    private int[] cache = {};

    /** By slot, the page-table entries that have it beside the first. */
    private int[] more = {};

    private long added;
    private long deleted;
    private long found;
    private long looked;

    SwapArea(Basis basis) {
        this.basis = basis;
        frames = basis.frames;
    }

    @Override
    public void on(long pages) {
        if (pages < 1 || total + pages > Integer.MAX_VALUE / 2) {
            throw new IllegalArgumentException("a swap area of " + pages + " pages cannot be");
        }
        total += (int) pages;
        cache = Arrays.copyOf(cache, total + 1);
        more = Arrays.copyOf(more, total + 1);
    }

    @Override
    public void off() {
        if (inUse > 0) {
            throw new IllegalArgumentException(
                    inUse + " pages are in swap; their tasks must end or touch them again first");
        }
        total = 0;
        next = 1;
        cache = new int[0];
        more = new int[0];
    }

    @Override
    public long total() {
        return total;
    }

    @Override
    public long free() {
        return total - inUse;
    }

    boolean full() {
        return inUse == total;
    }

    long added() {
        return added;
    }

    long deleted() {
        return deleted;
    }

    long found() {
        return found;
    }

    long looked() {
        return looked;
    }

    /** {@code add_to_swap()}: gives an anonymous page a slot; 0 if there is none. */
    int add(int pfn) {
        if (full()) {
            return 0;
        }
        int slot = used.nextClearBit(next);
        if (slot > total) {
            slot = used.nextClearBit(1);
        }
        used.set(slot);
        inUse++;
        next = slot + 1 > total ? 1 : slot + 1;
        cache[slot] = pfn + 1;
        frames.setFlags(pfn, frames.flags(pfn) | PageFlag.SWAPCACHE.bit() | PageFlag.DIRTY.bit());
        frames.setPrivateData(pfn, slot);
        added++;
        return slot;
    }

    /** Takes the contents of a page of the cache for its slot. */
    void write(int pfn) {
        contents.write(frames.privateData(pfn), basis.floor.ram(), pfn);
        basis.counters.add(VmCounters.Event.PSWPOUT, 1);
    }

    /** The page leaves the cache; its slot stays with whoever has its number. */
    void drop(int pfn) {
        cache[frames.privateData(pfn)] = 0;
        frames.clear(pfn, PageFlag.SWAPCACHE);
        frames.setPrivateData(pfn, 0);
        deleted++;
    }

    @Override
    public int cached(int entry) {
        looked++;
        int pfn = cache[entry] - 1;
        found += pfn == NONE ? 0 : 1;
        return pfn;
    }

    @Override
    public void release(int entry) {
        if (!used.get(entry)) {
            throw new IllegalStateException("swap_free: slot " + entry + " is free already");
        }
        if (more[entry] > 0) {
            more[entry]--;
            return;
        }
        used.clear(entry);
        inUse--;
        contents.forget(entry);
    }

    @Override
    public void duplicate(int entry) {
        more[entry]++;
    }

    @Override
    public boolean isShared(int entry) {
        return more[entry] > 0;
    }

    @Override
    public void readAndKeep(int entry, int pfn) {
        contents.read(entry, basis.floor.ram(), pfn);
        basis.counters.add(VmCounters.Event.PSWPIN, 1);
        cache[entry] = pfn + 1;
        frames.set(pfn, PageFlag.SWAPCACHE);
        frames.setPrivateData(pfn, entry);
        added++;
    }

    @Override
    public void read(int entry, int pfn) {
        contents.read(entry, basis.floor.ram(), pfn);
        basis.counters.add(VmCounters.Event.PSWPIN, 1);
        release(entry);
    }

    @Override
    public void uncache(int pfn) {
        int entry = frames.privateData(pfn);
        drop(pfn);
        frames.clear(pfn, PageFlag.DIRTY);
        release(entry);
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(new int[] {total, inUse, next});
        out.putLongs(used.toLongArray());
        out.putInts(cache);
        out.putInts(more);
        out.putLongs(new long[] {added, deleted, found, looked});
        contents.save(out);
    }

    @Override
    public void restore(StateReader in) {
        int[] values = in.getInts();
        total = values[0];
        inUse = values[1];
        next = values[2];
        used.clear();
        used.or(BitSet.valueOf(in.getLongs()));
        cache = in.getInts();
        more = in.getInts();
        long[] counts = in.getLongs();
        added = counts[0];
        deleted = counts[1];
        found = counts[2];
        looked = counts[3];
        contents.restore(in);
    }
}
