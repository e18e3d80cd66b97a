package org.kmemscope.slub;

import java.util.Arrays;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/** What Linux keeps of a cache in {@code struct kmem_cache}, {@code kmem_cache_cpu} and {@code kmem_cache_node}. */
final class Cache {
    /** Flags that make every allocation and free take the slow, checking way ({@code SLAB_DEBUG_FLAGS}). */
    static final int DEBUG_FLAGS = SlabFlag.SLAB_CONSISTENCY_CHECKS.bit()
            | SlabFlag.SLAB_RED_ZONE.bit()
            | SlabFlag.SLAB_POISON.bit()
            | SlabFlag.SLAB_STORE_USER.bit()
            | SlabFlag.SLAB_TRACE.bit();

    /** Never the number of a cache. */
    static final int NO_CACHE = 0;

    /**
     * What is settled when it is created.
     *
     * @param number number of the cache, which its slabs carry
     * @param name name
     * @param flags bits of {@link SlabFlag}, those that {@code slub_debug=} adds included
     * @param constructor constructor
     * @param kmalloc whether it is one of kmalloc's
     * @param shared whether others may be merged into it ({@code refcount} is counted)
     * @param layout how an object is laid out
     * @param order log2 of the pages of a slab
     * @param objects objects in a slab
     * @param minOrder log2 of the pages of a slab when memory is short
     * @param minObjects objects in such a slab
     * @param addedGfp added to the mask of requests for pages ({@code allocflags})
     * @param minPartial empty slabs are kept while the node has fewer partial ones
     * @param cpuPartial free objects that a CPU shall hold in partial slabs; 0 if it keeps none
     * @param cpuPartialSlabs partial slabs that a CPU shall hold
     * @param random what free pointers are mixed with
     */
    record Made(
            int number,
            String name,
            int flags,
            ObjectConstructor constructor,
            boolean kmalloc,
            boolean shared,
            ObjectLayout layout,
            int order,
            int objects,
            int minOrder,
            int minObjects,
            int addedGfp,
            int minPartial,
            int cpuPartial,
            int cpuPartialSlabs,
            int random) {}

    final Made made;
    /** What the hot paths look at, from {@link #made}. */
    final int number;

    final int offset;
    final boolean debug;
    final boolean constructs;
    /** Bytes to zero for somebody who asks, or always; grows when others are merged into it. */
    int objectSize;
    /** Offset of what is behind an object, which grows too. */
    int inUse;
    /** What free pointers are mixed with: as it was drawn, or as a loaded state says. */
    int random;

    // ---- each CPU's, by CPU

    /** First free object in its hands; 0 for none. */
    final long[] free;
    /** Slab it allocates from. */
    final int[] slab;
    /** First of its partial slabs. */
    final int[] partial;

    // ---- the node's

    int partialFirst = Slabs.NONE;
    int partialLast = Slabs.NONE;
    int partialCount;
    int fullFirst = Slabs.NONE;
    /** All its slabs that are known here, newest first. */
    int newest = Slabs.NONE;

    long slabs;
    long objects;
    /** Slabs, and objects in them, that a loaded state counts and does not list: full ones of the real kernel. */
    long unlistedSlabs;

    long unlistedObjects;

    // ---- what belongs to it

    /** Handles that lead to it. */
    int references;
    /** Address of its {@code struct kmem_cache}; 0 for a static one. */
    long descriptor;
    /** Address of its {@code struct kmem_cache_node}; 0 where that is part of the descriptor. */
    long node;
    /** Address of its shuffled order of objects ({@code random_seq}); 0 if it has none. */
    long sequence;
    /** What shall be drawn for the next slabs, as a recorded state says, and how much of it is used up. */
    int[] draws = {};

    int drawn;
    /** Number of the name in trace events. */
    int traceName;

    // ---- statistics

    long allocations;
    long frees;

    Cache(Made made, int cpus) {
        this.made = made;
        number = made.number;
        offset = made.layout.offset();
        debug = (made.flags & DEBUG_FLAGS) != 0;
        constructs = made.constructor != ObjectConstructor.NONE;
        inUse = made.layout.inUse();
        random = made.random;
        free = new long[cpus];
        slab = new int[cpus];
        partial = new int[cpus];
        Arrays.fill(slab, Slabs.NONE);
        Arrays.fill(partial, Slabs.NONE);
    }

    boolean has(SlabFlag flag) {
        return (made.flags & flag.bit()) != 0;
    }

    String name() {
        return made.name;
    }

    /** Bytes from one object to the next. */
    int size() {
        return made.layout.size();
    }

    // ---- copying

    void save(StateWriter out) {
        ObjectLayout layout = made.layout;
        out.putString(made.name);
        out.putReference(made.constructor);
        out.putBoolean(made.kmalloc);
        out.putBoolean(made.shared);
        out.putInts(new int[] {
            made.number,
            made.flags,
            made.order,
            made.objects,
            made.minOrder,
            made.minObjects,
            made.addedGfp,
            made.minPartial,
            made.cpuPartial,
            made.cpuPartialSlabs,
            made.random,
            layout.size(),
            layout.align(),
            layout.inUse(),
            layout.offset(),
            layout.redLeft(),
            layout.tracks(),
            layout.askedSize(),
            layout.tail()
        });
        out.putInts(new int[] {
            objectSize,
            inUse,
            random,
            partialFirst,
            partialLast,
            partialCount,
            fullFirst,
            newest,
            references,
            drawn,
            traceName
        });
        out.putLongs(new long[] {
            slabs, objects, unlistedSlabs, unlistedObjects, descriptor, node, sequence, allocations, frees
        });
        out.putInts(draws);
        out.putLongs(free);
        out.putInts(slab);
        out.putInts(partial);
    }

    static Cache restore(StateReader in) {
        String name = in.getString();
        ObjectConstructor constructor = in.getReference(ObjectConstructor.class);
        boolean kmalloc = in.getBoolean();
        boolean shared = in.getBoolean();
        int[] made = in.getInts();
        ObjectLayout layout =
                new ObjectLayout(made[11], made[12], made[13], made[14], made[15], made[16], made[17], made[18]);
        int[] changing = in.getInts();
        long[] counted = in.getLongs();
        int[] draws = in.getInts();
        long[] free = in.getLongs();
        Cache cache = new Cache(
                new Made(
                        made[0],
                        name,
                        made[1],
                        constructor,
                        kmalloc,
                        shared,
                        layout,
                        made[2],
                        made[3],
                        made[4],
                        made[5],
                        made[6],
                        made[7],
                        made[8],
                        made[9],
                        made[10]),
                free.length);
        cache.objectSize = changing[0];
        cache.inUse = changing[1];
        cache.random = changing[2];
        cache.partialFirst = changing[3];
        cache.partialLast = changing[4];
        cache.partialCount = changing[5];
        cache.fullFirst = changing[6];
        cache.newest = changing[7];
        cache.references = changing[8];
        cache.drawn = changing[9];
        cache.traceName = changing[10];
        cache.slabs = counted[0];
        cache.objects = counted[1];
        cache.unlistedSlabs = counted[2];
        cache.unlistedObjects = counted[3];
        cache.descriptor = counted[4];
        cache.node = counted[5];
        cache.sequence = counted[6];
        cache.allocations = counted[7];
        cache.frees = counted[8];
        cache.draws = draws;
        System.arraycopy(free, 0, cache.free, 0, free.length);
        copy(in.getInts(), cache.slab);
        copy(in.getInts(), cache.partial);
        return cache;
    }

    private static void copy(int[] from, int[] to) {
        System.arraycopy(from, 0, to, 0, to.length);
    }
}
