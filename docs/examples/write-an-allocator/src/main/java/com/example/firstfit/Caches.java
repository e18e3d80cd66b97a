package com.example.firstfit;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.SlabHandover;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/** The caches that somebody has created. A cache is a name, a size and a count here: all objects share the same pages. */
final class Caches {
    private final List<Entry> entries = new ArrayList<>();
    private int lastId;

    /** One cache. */
    static final class Entry {
        final KmemCache handle;
        final CacheSpec spec;
        int live;

        Entry(KmemCache handle, CacheSpec spec) {
            this.handle = handle;
            this.spec = spec;
        }
    }

    /** Takes over what another allocator has left: the handles stay those that their users hold. */
    void adopt(SlabHandover handover) {
        handover.caches().forEach(cache -> entries.add(new Entry(cache.handle(), cache.spec())));
        lastId = handover.lastCacheId();
    }

    Entry add(CacheSpec spec) {
        Entry entry = new Entry(new KmemCache(++lastId, spec.name()), spec);
        entries.add(entry);
        return entry;
    }

    void remove(Entry entry) {
        entries.remove(entry);
    }

    /** The cache with a number; null if there is none. An index instead of an iterator, so that nothing is left for the collector. */
    Entry byId(int id) {
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).handle.id() == id) {
                return entries.get(i);
            }
        }
        return null;
    }

    /** The cache of a handle, or the end of who uses a handle that is none. */
    Entry known(KmemCache handle, String call) {
        Entry entry = byId(handle.id());
        if (entry == null) {
            throw new KernelBug(
                    "kernel BUG at firstfit: " + call + "() with cache `" + handle.name() + "', which does not exist");
        }
        return entry;
    }

    List<Entry> all() {
        return entries;
    }

    int lastId() {
        return lastId;
    }

    void save(StateWriter out) {
        out.putInt(lastId);
        out.putInt(entries.size());
        for (Entry entry : entries) {
            entry.handle.save(out);
            entry.spec.save(out);
            out.putInt(entry.live);
        }
    }

    void restore(StateReader in) {
        entries.clear();
        lastId = in.getInt();
        for (int left = in.getInt(); left > 0; left--) {
            Entry entry = new Entry(KmemCache.restore(in), CacheSpec.restore(in));
            entry.live = in.getInt();
            entries.add(entry);
        }
    }
}
