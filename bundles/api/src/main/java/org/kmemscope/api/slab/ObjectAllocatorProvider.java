package org.kmemscope.api.slab;

import org.kmemscope.api.page.PageFloor;
import org.osgi.annotation.versioning.ProviderType;

/** Makes object allocators. Stateless. */
@ProviderType
public interface ObjectAllocatorProvider {
    /** The name by which profiles and {@code swap} find it: {@code slab}, {@code slub}, {@code slob}. */
    String name();

    /** An allocator with its boot caches ({@code kmem_cache_init}). */
    ObjectAllocator create(PageFloor floor);
}
