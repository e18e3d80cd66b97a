package org.kmemscope.api.slab;

/**
 * A handle of a cache ({@code struct kmem_cache *}). It stays valid when the object allocator is exchanged.
 *
 * @param id number of the cache in its machine, never used twice; 0 is no cache
 * @param name the name it was created with
 */
public record KmemCache(int id, String name) {
    /** What {@code kmem_cache_create()} returns when it fails. */
    public static final KmemCache NONE = new KmemCache(0, "");
}
