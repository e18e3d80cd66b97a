package org.kmemscope.api.slab;

/**
 * What {@code kmem_cache_create()} is given.
 *
 * @param name name in {@code /proc/slabinfo}
 * @param size bytes of an object
 * @param align alignment in bytes, 0 for none asked
 * @param flags bits of {@link SlabFlag}
 * @param constructor runs for each object of a new slab; {@link ObjectConstructor#NONE} for none
 */
public record CacheSpec(String name, int size, int align, int flags, ObjectConstructor constructor) {}
