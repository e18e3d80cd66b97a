package org.kmemscope.reclaim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.reclaim.PageCache;
import org.kmemscope.api.reclaim.PageOwner;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.view.CachedFileView;

/**
 * Files and their pages in memory, and what is on disk. A page has one reference of the cache's, and lies on the LRU lists of files.
 *
 * <p>Masks: pages come from high memory and can be moved; who reads asks for cold ones ({@code __GFP_COLD}, up to 4.14), who writes says so
 * ({@code __GFP_WRITE}, from 3.3 on) and does not want to end up in a file system again, which is what it holds locks of (no {@code
 * __GFP_FS}).
 */
final class FileCache implements PageCache, PageOwner, Stateful {
    private static final int NONE = PageFrames.NONE;
    private static final int KB_PER_PAGE = 4;
    /** Room for the pages of one file among the places on disk. */
    private static final int PLACE_SHIFT = 32;

    /** So many pages are dirtied before the limits are looked at ({@code ratelimit_pages}). */
    private static final int LOOK_EVERY = 32;

    private static final int NAP_PART = 10;

    private final Basis basis;
    private final PageFrames frames;
    private final LruPages pages;
    private final DirtyPages dirty;
    private final Flusher flusher;
    private final Disk disk;
    private final PageStore contents = new PageStore();
    private final Inodes inodes;
    private final Runnable runThreads;
    private final Map<String, CachedFile> files = new LinkedHashMap<>();
    private final Map<Integer, CachedFile> byId = new LinkedHashMap<>();
    private final int owner;
    private final int readMask;
    private final int writeMask;
    private int nextId = 1;
    /** Pages read since the disk last took a tick for it. */
    private int readInTick;

    FileCache(
            Basis basis,
            LruPages pages,
            DirtyPages dirty,
            Flusher flusher,
            Disk disk,
            Inodes inodes,
            Runnable runThreads) {
        this.basis = basis;
        this.pages = pages;
        this.dirty = dirty;
        this.flusher = flusher;
        this.disk = disk;
        this.inodes = inodes;
        this.runThreads = runThreads;
        frames = basis.frames;
        owner = basis.owners.add(this);
        GfpTable gfp = basis.floor.gfp();
        int mask = gfp.of(Gfp.GFP_HIGHUSER_MOVABLE);
        readMask = mask | gfp.orZero(Gfp.__GFP_COLD);
        writeMask = mask & ~basis.fs | gfp.orZero(Gfp.__GFP_WRITE);
    }

    // ---- files

    private CachedFile file(String name) {
        CachedFile file = files.get(name);
        if (file == null) {
            file = new CachedFile(nextId++ & KEY_MASK, name);
            files.put(name, file);
            byId.put(file.id, file);
            inodes.open(file);
        }
        return file;
    }

    private CachedFile known(String name) {
        CachedFile file = files.get(name);
        if (file == null) {
            throw new IllegalArgumentException("no file is called " + name
                    + (files.isEmpty() ? "; read or write one" : "; there are " + String.join(", ", files.keySet())));
        }
        return file;
    }

    private CachedFile fileOf(int pfn) {
        return byId.get(PageOwner.keyOf(frames.mapping(pfn)));
    }

    private static void checkRange(int first, int count) {
        if (first < 0 || count < 0 || (long) first + count > MOST_PAGES) {
            throw new IllegalArgumentException("a file has pages 0 to " + (MOST_PAGES - 1));
        }
    }

    @Override
    public int read(String name, int first, int count) {
        checkRange(first, count);
        CachedFile file = file(name);
        inodes.use(file);
        int there = 0;
        for (int page = first; page < first + count; page++) {
            int pfn = file.pfn(page);
            boolean missing = pfn == NONE;
            if (missing) {
                pfn = bring(file, page, readMask);
                if (pfn == NONE) {
                    break;
                }
                contents.read(place(file, page), basis.floor.ram(), pfn);
                basis.counters.add(VmCounters.Event.PGPGIN, KB_PER_PAGE);
            }
            pages.markAccessed(pfn);
            there++;
            if (missing) {
                waitForDisk();
            }
            runThreads.run();
        }
        return there;
    }

    /** Reading takes the disk's time, too. */
    private void waitForDisk() {
        if (++readInTick >= disk.pagesPerTick()) {
            readInTick = 0;
            basis.host.sleep(1);
        }
    }

    @Override
    public int write(String name, int first, int count) {
        checkRange(first, count);
        CachedFile file = file(name);
        inodes.use(file);
        int written = 0;
        for (int page = first; page < first + count; page++) {
            int pfn = file.pfn(page);
            if (pfn == NONE) {
                pfn = bring(file, page, writeMask);
                if (pfn == NONE) {
                    break;
                }
                contents.read(place(file, page), basis.floor.ram(), pfn);
            }
            pages.markAccessed(pfn);
            pages.setDirty(pfn);
            runThreads.run();
            if (++written % LOOK_EVERY == 0) {
                balanceDirtyPages();
            }
        }
        balanceDirtyPages();
        return written;
    }

    /** {@code add_to_page_cache_lru()}: gives a page of a file a frame; its contents are the caller's business. */
    private int bring(CachedFile file, int page, int gfp) {
        int pfn = basis.pages.allocPages(gfp, 0);
        if (pfn == NONE) {
            return NONE;
        }
        frames.setMapping(pfn, PageOwner.mapping(owner, file.id));
        frames.setIndex(pfn, page);
        frames.setPrivateData(pfn, 0);
        frames.set(pfn, PageFlag.UPTODATE);
        file.put(page, pfn);
        pages.add(pfn);
        if (file.locked) {
            pages.mlock(pfn);
        }
        return pfn;
    }

    /** {@code balance_dirty_pages()}: whoever dirties more than the limit waits until enough is written. */
    private void balanceDirtyPages() {
        while (dirty.count() + disk.inFlight() > dirty.limit() && dirty.count() + disk.inFlight() > 0) {
            flusher.write(Math.max(LOOK_EVERY, dirty.count() - dirty.limit() / 2));
            basis.host.sleep(Math.max(1, basis.hz() / NAP_PART));
        }
    }

    @Override
    public int sync(String name) {
        CachedFile file = known(name);
        int written = 0;
        for (int page = 0; page < file.pages.length; page++) {
            int pfn = file.pfn(page);
            if (pfn != NONE && frames.is(pfn, PageFlag.DIRTY) && !frames.is(pfn, PageFlag.WRITEBACK)) {
                dirty.write(pfn);
                written++;
            }
        }
        while (disk.inFlight() > 0) {
            basis.host.sleep(1);
        }
        return written;
    }

    @Override
    public int drop(String name) {
        return drop(known(name));
    }

    private int drop(CachedFile file) {
        int dropped = 0;
        for (int page = 0; page < file.pages.length; page++) {
            int pfn = file.pfn(page);
            if (pfn != NONE && isDroppable(pfn)) {
                file.remove(page);
                pages.give(pfn);
                dropped++;
            }
        }
        return dropped;
    }

    private boolean isDroppable(int pfn) {
        int flags = frames.flags(pfn);
        int stays = PageFlag.DIRTY.bit() | PageFlag.WRITEBACK.bit() | PageFlag.LOCKED.bit() | PageFlag.MLOCKED.bit();
        return (flags & stays) == 0 && frames.mapCount(pfn) == 0 && frames.count(pfn) == 1;
    }

    /** {@code drop_pagecache_sb()} of every file. */
    int dropAll() {
        int dropped = 0;
        for (CachedFile file : files.values()) {
            dropped += drop(file);
        }
        return dropped;
    }

    @Override
    public void delete(String name) {
        CachedFile file = known(name);
        forget(file);
        files.remove(name);
        byId.remove(file.id);
        inodes.close(file);
        contents.forget(place(file, 0), place(file, 0) + MOST_PAGES);
    }

    private void forget(CachedFile file) {
        for (int page = 0; page < file.pages.length; page++) {
            int pfn = file.pfn(page);
            if (pfn != NONE) {
                file.remove(page);
                pages.give(pfn);
            }
        }
    }

    @Override
    public void lock(String name, boolean on) {
        CachedFile file = known(name);
        file.locked = on;
        for (int page = 0; page < file.pages.length; page++) {
            int pfn = file.pfn(page);
            if (pfn != NONE) {
                if (on) {
                    pages.mlock(pfn);
                } else {
                    pages.munlock(pfn);
                }
            }
        }
    }

    @Override
    public int pfnOf(String name, int page) {
        return known(name).pfn(page);
    }

    @Override
    public List<CachedFileView> files() {
        List<CachedFileView> views = new ArrayList<>();
        for (CachedFile file : files.values()) {
            views.add(new CachedFileView(
                    file.name,
                    file.cached,
                    count(file, PageFlag.ACTIVE),
                    count(file, PageFlag.DIRTY),
                    count(file, PageFlag.WRITEBACK),
                    count(file, PageFlag.MLOCKED)));
        }
        return views;
    }

    private long count(CachedFile file, PageFlag flag) {
        long number = 0;
        for (int page = 0; page < file.pages.length; page++) {
            int pfn = file.pfn(page);
            number += pfn != NONE && frames.is(pfn, flag) ? 1 : 0;
        }
        return number;
    }

    // ---- as owner

    private static long place(CachedFile file, int page) {
        return (long) file.id << PLACE_SHIFT | page;
    }

    @Override
    public String describe(int pfn) {
        return "page " + frames.index(pfn) + " of file " + fileOf(pfn).name;
    }

    @Override
    public int referenced(int pfn) {
        // nobody maps files here
        return 0;
    }

    @Override
    public boolean unmap(int pfn, int swapEntry) {
        return frames.mapCount(pfn) == 0;
    }

    @Override
    public boolean drop(int pfn) {
        if (frames.count(pfn) != 1) {
            return false;
        }
        fileOf(pfn).remove(frames.index(pfn));
        frames.setMapping(pfn, 0);
        return true;
    }

    @Override
    public void write(int pfn) {
        contents.write(place(fileOf(pfn), frames.index(pfn)), basis.floor.ram(), pfn);
    }

    @Override
    public boolean migrate(int from, int to) {
        fileOf(from).move(frames.index(from), to);
        return true;
    }

    @Override
    public void save(StateWriter out) {
        out.putInt(nextId);
        out.putInt(readInTick);
        out.putInt(files.size());
        for (CachedFile file : files.values()) {
            out.putInt(file.id);
            out.putString(file.name);
            out.putInts(file.pages);
            out.putInt(file.cached);
            out.putBoolean(file.locked);
            out.putLongs(new long[] {file.inode, file.dentry});
        }
        contents.save(out);
    }

    @Override
    public void restore(StateReader in) {
        nextId = in.getInt();
        readInTick = in.getInt();
        files.clear();
        byId.clear();
        for (int i = in.getInt(); i > 0; i--) {
            CachedFile file = new CachedFile(in.getInt(), in.getString());
            file.pages = in.getInts();
            file.cached = in.getInt();
            file.locked = in.getBoolean();
            long[] numbers = in.getLongs();
            file.inode = numbers[0];
            file.dentry = numbers[1];
            files.put(file.name, file);
            byId.put(file.id, file);
        }
        contents.restore(in);
    }

    /** Files whose inode and name are in caches, by which they can be forgotten. */
    List<CachedFile> all() {
        return new ArrayList<>(files.values());
    }
}
