package org.kmemscope.api.slab;

import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/**
 * A handle of a cache ({@code struct kmem_cache *}). It stays valid when the object allocator is exchanged.
 *
 * @param id number of the cache in its machine, never used twice; 0 is no cache
 * @param name the name it was created with
 */
public record KmemCache(int id, String name) {
    /** What {@code kmem_cache_create()} returns when it fails. */
    public static final KmemCache NONE = new KmemCache(0, "");

    /** Writes it to the state of a machine. */
    public void save(StateWriter out) {
        out.putInt(id);
        out.putString(name);
    }

    /** Reads what {@link #save} wrote. */
    public static KmemCache restore(StateReader in) {
        return new KmemCache(in.getInt(), in.getString());
    }
}
