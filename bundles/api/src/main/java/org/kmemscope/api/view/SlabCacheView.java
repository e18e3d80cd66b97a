package org.kmemscope.api.view;

import java.util.Map;

/**
 * A cache of objects ({@code /proc/slabinfo}).
 *
 * @param name name
 * @param activeObjects objects in use (as slabinfo counts: those in per-CPU arrays are in use)
 * @param objects objects there are
 * @param objectSize bytes of an object as it is laid out
 * @param objectsPerSlab objects in a slab
 * @param pagesPerSlab pages of a slab
 * @param limit objects a per-CPU array holds; 0 where there is none
 * @param batchCount objects moved at a time
 * @param sharedFactor size of the array shared by CPUs
 * @param activeSlabs slabs with an object in use
 * @param slabs slabs there are
 * @param sharedAvailable objects in the shared array
 * @param attributes further facts by name, such as {@code align}, {@code colour}, {@code on_slab}
 */
public record SlabCacheView(
        String name,
        long activeObjects,
        long objects,
        int objectSize,
        int objectsPerSlab,
        int pagesPerSlab,
        int limit,
        int batchCount,
        int sharedFactor,
        long activeSlabs,
        long slabs,
        long sharedAvailable,
        Map<String, String> attributes) {
    /** Keeps an unmodifiable copy, in order. */
    public SlabCacheView {
        attributes = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(attributes));
    }
}
