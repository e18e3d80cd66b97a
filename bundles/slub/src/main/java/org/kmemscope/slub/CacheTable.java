package org.kmemscope.slub;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * All caches, newest first ({@code slab_caches}), and the handles that lead to them: caches that were merged have one for each name.
 * Slabs carry the number of their cache, callers the number of a handle.
 */
final class CacheTable implements Stateful {
    private static final int FIRST_ROOM = 256;

    private final List<Cache> list = new ArrayList<>();
    private Cache[] byNumber = new Cache[FIRST_ROOM];
    private int lastNumber;
    private Cache[] byHandle = new Cache[FIRST_ROOM];
    private KmemCache[] handles = new KmemCache[FIRST_ROOM];
    private int lastHandle;

    // ---- caches

    /** A number that no cache had before. */
    int nextNumber() {
        return ++lastNumber;
    }

    void add(Cache cache) {
        byNumber = withRoom(byNumber, cache.number);
        byNumber[cache.number] = cache;
        list.add(0, cache);
    }

    void remove(Cache cache) {
        list.remove(cache);
        byNumber[cache.number] = null;
    }

    /** Lists a cache as the newest, wherever it was before. */
    void listFirst(Cache cache) {
        list.remove(cache);
        list.add(0, cache);
    }

    /** The cache with a number; null if there is none. */
    Cache byNumber(int number) {
        return number > 0 && number < byNumber.length ? byNumber[number] : null;
    }

    /** Newest first. */
    List<Cache> all() {
        return List.copyOf(list);
    }

    /** The newest cache that is called so itself; null if none is. */
    Cache byName(String name) {
        for (Cache cache : list) {
            if (cache.name().equals(name)) {
                return cache;
            }
        }
        return null;
    }

    // ---- handles

    /** A new handle of a cache. */
    KmemCache addHandle(Cache cache, String name) {
        KmemCache handle = new KmemCache(++lastHandle, name);
        bindHandle(handle, cache);
        return handle;
    }

    /** Lets a handle lead to a cache: one that users hold since before this allocator. */
    void bindHandle(KmemCache handle, Cache cache) {
        int id = handle.id();
        byHandle = withRoom(byHandle, id);
        handles = Arrays.copyOf(handles, byHandle.length);
        byHandle[id] = cache;
        handles[id] = handle;
        cache.references++;
    }

    /** Passes over the numbers of handles that there were before this allocator. */
    void startAfter(int handle) {
        lastHandle = handle;
    }

    /** The highest number that a handle ever had. */
    int lastHandle() {
        return lastHandle;
    }

    void removeHandle(KmemCache handle) {
        byHandle[handle.id()].references--;
        byHandle[handle.id()] = null;
        handles[handle.id()] = null;
    }

    /** The cache behind a handle; null if it stands for none. */
    Cache behind(KmemCache handle) {
        return handle.id() > 0 && handle.id() < byHandle.length ? byHandle[handle.id()] : null;
    }

    /** The newest handle with a name. */
    KmemCache handle(String name) {
        for (int id = lastHandle; id > 0; id--) {
            if (handles[id] != null && handles[id].name().equals(name)) {
                return handles[id];
            }
        }
        return KmemCache.NONE;
    }

    /** Names under which each cache is known, oldest first. */
    Map<Cache, List<String>> names() {
        Map<Cache, List<String>> names = new HashMap<>();
        for (int id = 1; id <= lastHandle; id++) {
            if (byHandle[id] != null) {
                names.computeIfAbsent(byHandle[id], cache -> new ArrayList<>()).add(handles[id].name());
            }
        }
        return names;
    }

    private static Cache[] withRoom(Cache[] array, int index) {
        return index < array.length ? array : Arrays.copyOf(array, roomFor(index));
    }

    // ---- copying

    @Override
    public void save(StateWriter out) {
        out.putInt(lastNumber);
        out.putInt(list.size());
        list.forEach(cache -> cache.save(out));
        out.putInt(lastHandle);
        for (int id = 1; id <= lastHandle; id++) {
            out.putInt(byHandle[id] == null ? Cache.NO_CACHE : byHandle[id].number);
            out.putString(byHandle[id] == null ? "" : handles[id].name());
        }
    }

    @Override
    public void restore(StateReader in) {
        lastNumber = in.getInt();
        list.clear();
        byNumber = new Cache[roomFor(lastNumber)];
        for (int left = in.getInt(); left > 0; left--) {
            Cache cache = Cache.restore(in);
            list.add(cache);
            byNumber[cache.number] = cache;
        }
        lastHandle = in.getInt();
        byHandle = new Cache[roomFor(lastHandle)];
        handles = new KmemCache[byHandle.length];
        for (int id = 1; id <= lastHandle; id++) {
            Cache cache = byNumber(in.getInt());
            String name = in.getString();
            byHandle[id] = cache;
            handles[id] = cache == null ? null : new KmemCache(id, name);
        }
    }

    private static int roomFor(int last) {
        return Math.max(FIRST_ROOM, Integer.highestOneBit(last) * 2);
    }
}
