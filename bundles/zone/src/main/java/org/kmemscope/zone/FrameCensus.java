package org.kmemscope.zone;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/**
 * What the frames of a zone are used for, counted from their {@code struct page}s: what Linux keeps counters of, and reports look at
 * rarely. Free frames of blocks and per-CPU lists count as free.
 */
final class FrameCensus {
    private static final int SLAB = PageFlag.SLAB.bit() | PageFlag.HANDED_OVER.bit();
    private static final int RECLAIMABLE = PageFlag.RECLAIMABLE.bit();
    private static final int TABLE = PageFlag.TABLE.bit();
    private static final int LRU = PageFlag.LRU.bit();
    private static final int ACTIVE = PageFlag.ACTIVE.bit();
    private static final int ANON = PageFlag.SWAPBACKED.bit();
    private static final int UNEVICTABLE = PageFlag.UNEVICTABLE.bit();
    private static final int MLOCKED = PageFlag.MLOCKED.bit();
    private static final int SWAPCACHE = PageFlag.SWAPCACHE.bit();
    private static final int DIRTY = PageFlag.DIRTY.bit();
    private static final int WRITEBACK = PageFlag.WRITEBACK.bit();
    private static final int RESERVED = PageFlag.RESERVED.bit();

    long slabReclaimable;
    long slabUnreclaimable;
    long tables;
    long activeAnon;
    long inactiveAnon;
    long activeFile;
    long inactiveFile;
    long unevictable;
    long mlocked;
    long anonPages;
    long mapped;
    long filePages;
    long swapCache;
    long dirty;
    long writeback;
    /** Frames that boot kept, holes included. */
    long reserved;
    /** References beyond the first, of frames that are not reserved. */
    long shared;
    /** Frames with a single reference that are not reserved. */
    long nonShared;
    /** Frames nobody refers to that are not reserved. */
    long unused;

    /** Counts the frames from one to another. */
    static FrameCensus of(PageFrames frames, int startPfn, int endPfn) {
        FrameCensus census = new FrameCensus();
        census.add(frames, startPfn, endPfn);
        return census;
    }

    void add(PageFrames frames, int startPfn, int endPfn) {
        for (int pfn = startPfn; pfn < endPfn; pfn++) {
            int flags = frames.flags(pfn);
            int count = frames.count(pfn);
            if ((flags & RESERVED) != 0) {
                reserved++;
            } else if (count > 1) {
                shared += count - 1;
            } else if (count == 1) {
                nonShared++;
            } else {
                unused++;
            }
            if ((flags & SLAB) != 0) {
                if ((flags & RECLAIMABLE) != 0) {
                    slabReclaimable++;
                } else {
                    slabUnreclaimable++;
                }
            }
            tables += (flags & TABLE) != 0 ? 1 : 0;
            if (frames.mapping(pfn) != 0) {
                owned(frames, pfn, flags);
            }
        }
    }

    private void owned(PageFrames frames, int pfn, int flags) {
        boolean anon = (flags & ANON) != 0;
        if ((flags & LRU) != 0) {
            boolean active = (flags & ACTIVE) != 0;
            if ((flags & UNEVICTABLE) != 0) {
                unevictable++;
            } else if (anon) {
                activeAnon += active ? 1 : 0;
                inactiveAnon += active ? 0 : 1;
            } else {
                activeFile += active ? 1 : 0;
                inactiveFile += active ? 0 : 1;
            }
        }
        boolean cached = (flags & SWAPCACHE) != 0;
        mlocked += (flags & MLOCKED) != 0 ? 1 : 0;
        swapCache += cached ? 1 : 0;
        filePages += !anon || cached ? 1 : 0;
        if (frames.mapCount(pfn) > 0) {
            anonPages += anon ? 1 : 0;
            mapped += anon ? 0 : 1;
        }
        // what goes to swap is no file's
        dirty += (flags & DIRTY) != 0 && !anon ? 1 : 0;
        writeback += (flags & WRITEBACK) != 0 ? 1 : 0;
    }

    /** By Linux's names, those of every era. */
    Map<String, Long> statistics() {
        Map<String, Long> names = new LinkedHashMap<>();
        names.put("nr_inactive", inactiveAnon + inactiveFile);
        names.put("nr_active", activeAnon + activeFile);
        for (String prefix : new String[] {"nr_", "nr_zone_"}) {
            names.put(prefix + "inactive_anon", inactiveAnon);
            names.put(prefix + "active_anon", activeAnon);
            names.put(prefix + "inactive_file", inactiveFile);
            names.put(prefix + "active_file", activeFile);
            names.put(prefix + "unevictable", unevictable);
        }
        names.put("nr_zone_write_pending", dirty + writeback);
        names.put("nr_mlock", mlocked);
        names.put("nr_anon_pages", anonPages);
        names.put("nr_mapped", mapped);
        names.put("nr_file_pages", filePages);
        names.put("nr_swapcached", swapCache);
        names.put("nr_dirty", dirty);
        names.put("nr_writeback", writeback);
        names.put("nr_slab_reclaimable", slabReclaimable);
        names.put("nr_slab_unreclaimable", slabUnreclaimable);
        names.put("nr_page_table_pages", tables);
        return names;
    }
}
