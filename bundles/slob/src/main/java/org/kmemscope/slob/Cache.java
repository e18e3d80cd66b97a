package org.kmemscope.slob;

import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/** What SLOB keeps of a cache in {@code struct kmem_cache}, and what this model counts of it. */
final class Cache {
    final KmemCache handle;
    final CacheSpec spec;
    /** What {@link LiveBlocks} knows its objects by. */
    final int kind;
    /** Bytes of an object, with the room for its {@code struct slob_rcu}. */
    final int size;
    /** Alignment of its objects, in bytes. */
    final int align;
    /** Number of its name in trace events. */
    final int traceName;
    /** Address of its {@code struct kmem_cache}. */
    final long descriptor;
    /** Address of the copy of its name, as kmalloc returned it; 0 where names are not copied. */
    final long name;

    long allocations;
    long frees;

    Cache(KmemCache handle, CacheSpec spec, int kind, int align, int traceName, long descriptor, long name) {
        this.handle = handle;
        this.spec = spec;
        this.kind = kind;
        this.align = align;
        this.traceName = traceName;
        this.descriptor = descriptor;
        this.name = name;
        size = spec.size() + (afterGracePeriod() ? SlobMemory.RCU_SIZE : 0);
    }

    /** Whether its objects are freed only when a grace period is over. */
    boolean afterGracePeriod() {
        return (spec.flags() & SlabFlag.SLAB_TYPESAFE_BY_RCU.bit()) != 0;
    }

    boolean constructs() {
        return spec.constructor() != ObjectConstructor.NONE;
    }

    /** Whether its objects are whole pages, which come from the page allocator and not from the heap. */
    boolean ofPages() {
        return size >= Profile.PAGE_SIZE;
    }

    /** log2 of the pages of such an object. */
    int order() {
        return orderOf(size);
    }

    /** Bytes that one of its objects takes. */
    int bytesTaken() {
        return ofPages() ? Profile.PAGE_SIZE << order() : SlobMemory.units(size) << SlobMemory.UNIT_SHIFT;
    }

    /** Objects in somebody's hands. */
    long live() {
        return allocations - frees;
    }

    /** {@code get_order()}: log2 of the pages that so many bytes take. */
    static int orderOf(long bytes) {
        return Long.SIZE - Long.numberOfLeadingZeros(bytes - 1 >>> Profile.PAGE_SHIFT);
    }

    // ---- copying

    void save(StateWriter out) {
        handle.save(out);
        spec.save(out);
        out.putInts(new int[] {kind, align, traceName});
        out.putLongs(new long[] {descriptor, name, allocations, frees});
    }

    static Cache restore(StateReader in) {
        KmemCache handle = KmemCache.restore(in);
        CacheSpec spec = CacheSpec.restore(in);
        int[] made = in.getInts();
        long[] counted = in.getLongs();
        Cache cache = new Cache(handle, spec, made[0], made[1], made[2], counted[0], counted[1]);
        cache.allocations = counted[2];
        cache.frees = counted[3];
        return cache;
    }
}
