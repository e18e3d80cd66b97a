package org.kmemscope.slob;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/** All caches: by the number of their handle, by the kind of their objects, and newest first. */
final class CacheTable implements Stateful {
    private static final int FIRST_ROOM = 64;
    /** Kinds fit a signed 16-bit number. */
    private static final int LAST_KIND = Short.MAX_VALUE;

    private final List<Cache> newestFirst = new ArrayList<>();
    private Cache[] byId = new Cache[FIRST_ROOM];
    private Cache[] byKind = new Cache[FIRST_ROOM];
    private int lastId;

    /** Numbers up to this one are taken. */
    void skipIds(int last) {
        lastId = Math.max(lastId, last);
    }

    /** A number that no cache had before. */
    int nextId() {
        return ++lastId;
    }

    int lastId() {
        return lastId;
    }

    /** A kind that no cache has now; 0 if there are as many caches as there can be. */
    int freeKind() {
        int kind = LiveBlocks.FIRST_CACHE;
        while (kind < byKind.length && byKind[kind] != null) {
            kind++;
        }
        return kind <= LAST_KIND ? kind : LiveBlocks.NONE;
    }

    void add(Cache cache) {
        newestFirst.add(0, cache);
        byId = put(byId, cache.handle.id(), cache);
        byKind = put(byKind, cache.kind, cache);
    }

    private static Cache[] put(Cache[] table, int place, Cache cache) {
        Cache[] larger = place < table.length ? table : Arrays.copyOf(table, Math.max(place + 1, table.length * 2));
        larger[place] = cache;
        return larger;
    }

    void remove(Cache cache) {
        newestFirst.remove(cache);
        byId[cache.handle.id()] = null;
        byKind[cache.kind] = null;
    }

    /** The cache with a number; null if there is none. */
    Cache byId(int id) {
        return id > 0 && id < byId.length ? byId[id] : null;
    }

    /** The cache whose objects, also those that wait for a grace period, are of a kind; null if there is none. */
    Cache byKind(int kind) {
        return Math.abs(kind) < byKind.length ? byKind[Math.abs(kind)] : null;
    }

    /** The newest cache with a name; null if there is none. SLOB lets several have one. */
    Cache byName(String name) {
        for (Cache cache : newestFirst) {
            if (cache.handle.name().equals(name)) {
                return cache;
            }
        }
        return null;
    }

    List<Cache> newestFirst() {
        return List.copyOf(newestFirst);
    }

    @Override
    public void save(StateWriter out) {
        out.putInt(lastId);
        out.putInt(newestFirst.size());
        for (int i = newestFirst.size() - 1; i >= 0; i--) {
            newestFirst.get(i).save(out);
        }
    }

    @Override
    public void restore(StateReader in) {
        newestFirst.clear();
        Arrays.fill(byId, null);
        Arrays.fill(byKind, null);
        lastId = in.getInt();
        for (int left = in.getInt(); left > 0; left--) {
            add(Cache.restore(in));
        }
    }
}
