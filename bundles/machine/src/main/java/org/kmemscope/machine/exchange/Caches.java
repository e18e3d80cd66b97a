package org.kmemscope.machine.exchange;

import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.SlabHandover;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/** The caches that users have created, whichever allocator serves them, and which of them have shared slabs. */
final class Caches implements Stateful {
    private final Map<Integer, KmemCache> handles = new LinkedHashMap<>();
    /** By number of a cache, the slabs that may hold its objects. */
    private final Map<Integer, Set<String>> slabs = new HashMap<>();

    void created(KmemCache cache) {
        handles.put(cache.id(), cache);
    }

    void destroyed(KmemCache cache) {
        handles.remove(cache.id());
        slabs.remove(cache.id());
    }

    /** Notes whose slabs held the objects of each cache. */
    void note(SlabHandover handover) {
        handover.caches().stream().filter(cache -> !cache.slabs().isEmpty()).forEach(cache -> slabs.computeIfAbsent(
                        cache.handle().id(), id -> new TreeSet<>())
                .add(cache.slabs()));
    }

    boolean exists(int id) {
        return handles.containsKey(id);
    }

    /** Name of a cache; empty if it does not exist. */
    String name(int id) {
        KmemCache cache = handles.get(id);
        return cache == null ? "" : cache.name();
    }

    /** Whether objects of a cache may lie in slabs of this name. */
    boolean mayUse(int id, String slabsOf) {
        return slabs.getOrDefault(id, Set.of()).contains(slabsOf);
    }

    /** Another cache that objects of this one may as well be of, because the two were merged. */
    Optional<KmemCache> twin(KmemCache cache) {
        Set<String> used = slabs.getOrDefault(cache.id(), Set.of());
        return handles.values().stream()
                .filter(other -> other.id() != cache.id()
                        && slabs.getOrDefault(other.id(), Set.of()).stream().anyMatch(used::contains))
                .findFirst();
    }

    /** Numbers of all. */
    BitSet ids() {
        BitSet ids = new BitSet();
        handles.keySet().forEach(ids::set);
        return ids;
    }

    Iterable<KmemCache> all() {
        return handles.values();
    }

    @Override
    public void save(StateWriter out) {
        out.putInt(handles.size());
        for (KmemCache cache : handles.values()) {
            cache.save(out);
            Set<String> used = slabs.getOrDefault(cache.id(), Set.of());
            out.putInt(used.size());
            used.forEach(out::putString);
        }
    }

    @Override
    public void restore(StateReader in) {
        handles.clear();
        slabs.clear();
        for (int left = in.getInt(); left > 0; left--) {
            KmemCache cache = KmemCache.restore(in);
            handles.put(cache.id(), cache);
            for (int names = in.getInt(); names > 0; names--) {
                slabs.computeIfAbsent(cache.id(), id -> new TreeSet<>()).add(in.getString());
            }
        }
    }
}
