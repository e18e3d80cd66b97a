package org.kmemscope.api.slab;

import java.util.List;
import java.util.Optional;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.Part;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.view.SlabCacheView;
import org.osgi.annotation.versioning.ProviderType;

/**
 * An object allocator: SLAB, SLUB or SLOB. Pointers are virtual addresses in the linear mapping; 0 is NULL. Allocation and free
 * allocate nothing on the host. Everything Linux keeps in memory (descriptors, free indexes, free pointers) is bytes in RAM here.
 */
@ProviderType
public interface ObjectAllocator extends Part {
    /** What a request for 0 bytes gets: not NULL, not usable, fine to free. */
    long ZERO_SIZE_PTR = 16;

    /**
     * {@code kmalloc()}: physically contiguous, not zeroed.
     *
     * @param size bytes; 0 gives {@link #ZERO_SIZE_PTR}
     * @param gfp mask in the era's numbers; high memory is a BUG in 2.6
     * @return address, or 0: too large, or no memory
     */
    long kmalloc(long size, int gfp);

    /**
     * {@code kfree()}: ignores NULL and {@link #ZERO_SIZE_PTR}.
     *
     * @throws KernelBug if the address is not that of a live object
     */
    void kfree(long object);

    /** {@code ksize()}: usable bytes behind a pointer from kmalloc; 0 for {@link #ZERO_SIZE_PTR}. */
    long ksize(long object);

    /** {@code kmem_cache_create()}; {@link KmemCache#NONE} if it fails. */
    KmemCache createCache(CacheSpec spec);

    /**
     * {@code kmem_cache_destroy()}.
     *
     * @return whether it was empty and is gone; if not, the kernel's complaint is in the log and the cache stays
     */
    boolean destroyCache(KmemCache cache);

    /** {@code kmem_cache_alloc()}; 0 if there is no memory. */
    long allocObject(KmemCache cache, int gfp);

    /** {@code kmem_cache_free()}. */
    void freeObject(KmemCache cache, long object);

    /** {@code kmem_cache_shrink()}: gives empty slabs back to the page allocator; the number of pages freed. */
    int shrinkCache(KmemCache cache);

    /**
     * {@code validate} in {@code /sys/kernel/slab}: looks at every object of a cache with debug flags, reports what was overwritten, and
     * puts it right.
     *
     * @return what was found wrong and put right, each counted, as the kernel's own tests of SLUB count; 0 without debug flags
     */
    default int validateCache(KmemCache cache) {
        return 0;
    }

    /** The cache with a name, or {@link KmemCache#NONE}. */
    KmemCache cache(String name);

    /** {@code kmem_cache_size()}: bytes of an object. */
    int objectSize(KmemCache cache);

    /** Largest size kmalloc serves, in bytes. */
    long kmallocMax();

    /** What {@code /proc/slabinfo} shows, in its order. */
    List<SlabCacheView> caches();

    /**
     * How many objects of slabs count as in use beyond those that calls have taken and not freed: a check refused to take them back, or
     * found that a free list had lost them. Objects that it found on a free list while somebody has them count as -1.
     */
    default long strayObjects() {
        return 0;
    }

    /**
     * Leaves: gives per-CPU arrays, empty slabs, descriptors and all else that no user sees back to the page allocator, and hands over the
     * rest. No call is in flight. What it has set on the clock is taken off by the machine. This instance is not used again, unless the
     * exchange fails: then {@link #restore} puts it back to where it was.
     *
     * @throws RuntimeException if it cannot; the machine then goes back to where it was
     */
    SlabHandover detach();

    /** The object an address lies in, live or free; empty if it lies in no slab. */
    Optional<ObjectView> objectAt(long virt);

    /** The means to write its exact state down and to take one over, if it has any. */
    default Optional<RecordedSlabs> recorded() {
        return Optional.empty();
    }
}
