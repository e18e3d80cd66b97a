package org.kmemscope.slab;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/** All caches: by number, which is what pages of slabs hold, and in the order of {@code cache_chain}, newest first. */
final class CacheTable implements Stateful {
    private static final int FIRST_ROOM = 256;

    private final GfpMasks masks;
    private final List<Cache> chain = new ArrayList<>();
    private Cache[] byId = new Cache[FIRST_ROOM];
    private int lastId;

    CacheTable(GfpMasks masks) {
        this.masks = masks;
    }

    /** A number that no cache had before. */
    int nextId() {
        return ++lastId;
    }

    /** The highest number that a cache ever had. */
    int lastId() {
        return lastId;
    }

    /** Passes over the numbers of caches that there were before this allocator. */
    void startAfter(int id) {
        lastId = id;
    }

    /** Makes a cache known by its number; it is not in the chain yet. */
    void add(Cache cache) {
        if (cache.id >= byId.length) {
            byId = Arrays.copyOf(byId, Integer.highestOneBit(cache.id) * 2);
        }
        byId[cache.id] = cache;
    }

    void remove(Cache cache) {
        chain.remove(cache);
        byId[cache.id] = null;
    }

    /** The cache with a number; null if there is none. */
    Cache byId(int id) {
        return id > 0 && id < byId.length ? byId[id] : null;
    }

    /** Puts a cache at the head of the chain, wherever it was before. */
    void chainFirst(Cache cache) {
        chain.remove(cache);
        chain.add(0, cache);
    }

    /** The newest cache with a name; null if there is none. */
    Cache byName(String name) {
        for (Cache cache : chain) {
            if (cache.name().equals(name)) {
                return cache;
            }
        }
        return null;
    }

    int size() {
        return chain.size();
    }

    /** A cache by its place in the chain. */
    Cache at(int place) {
        return chain.get(place);
    }

    List<Cache> all() {
        return List.copyOf(chain);
    }

    @Override
    public void save(StateWriter out) {
        out.putInt(lastId);
        out.putInt(chain.size());
        chain.forEach(cache -> cache.save(out));
    }

    @Override
    public void restore(StateReader in) {
        lastId = in.getInt();
        chain.clear();
        byId = new Cache[Math.max(FIRST_ROOM, Integer.highestOneBit(lastId) * 2)];
        for (int left = in.getInt(); left > 0; left--) {
            Cache cache = Cache.restore(in, masks);
            chain.add(cache);
            add(cache);
        }
    }
}
