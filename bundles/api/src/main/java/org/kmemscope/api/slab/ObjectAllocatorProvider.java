package org.kmemscope.api.slab;

import org.kmemscope.api.page.PageFloor;
import org.osgi.annotation.versioning.ProviderType;

/** Makes object allocators. Stateless. */
@ProviderType
public interface ObjectAllocatorProvider {
    /** The name by which profiles and {@code swap} find it: {@code slab}, {@code slub}, {@code slob}. */
    String name();

    /**
     * An allocator with its boot caches ({@code kmem_cache_init}), which takes the place of another: it has the caches of the handover too,
     * under their handles, and gives no handle a number up to {@link SlabHandover#lastCacheId}. The live objects are none of its business:
     * the machine keeps them.
     *
     * <p>It must not keep anything outside of the instance and the floor: if it throws, the machine goes back to where it was and
     * the instance is forgotten.
     *
     * @param handover what the predecessor left; {@link SlabHandover#NONE} at boot
     * @throws RuntimeException to refuse; the message, one line, says what it cannot take over
     */
    ObjectAllocator create(PageFloor floor, SlabHandover handover);

    /** An allocator with its boot caches on a machine that has just booted. */
    default ObjectAllocator create(PageFloor floor) {
        return create(floor, SlabHandover.NONE);
    }
}
