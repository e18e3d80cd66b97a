package org.kmemscope.slub;

import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.slab.SlabFlag;

/**
 * The way of an object to its owner.
 *
 * <pre>
 *   owner ←── CPU's free list ←── all of a slab's free list ←── CPU's partial slabs ←── node's partial list ←── new slab
 * </pre>
 *
 * <p>Terms: a slab is <em>frozen</em> while a CPU has it; no list of the node holds it then. What lies on the CPU's own free list counts
 * as in use in the slab: only objects that others free meanwhile are on the slab's list.
 *
 * <ol>
 *   <li>The first object of the CPU's free list. That is all, most of the time.
 *   <li>If there is none, the CPU takes over what has come to lie on its slab's own list. If that is empty too, the slab is full, and the
 *       CPU forgets it.
 *   <li>The next slab is the first of its partial ones; else the first of the node's, and some more go to its partial ones; else a new
 *       one.
 * </ol>
 *
 * <p>Caches with debug flags look at each object: see {@link SlubRules.DebugWay}. Source: {@code ___slab_alloc}, {@code
 * get_partial_node}, {@code acquire_slab}, {@code get_freelist}. Nothing here allocates on the host but making a slab.
 *
 * <p>What is checked, and Linux without debug flags would not: that an object handed out is a free object of its cache, which an
 * overwritten free pointer may not be.
 */
final class AllocPath {
    private final Basis basis;
    private final Slabs slabs;
    private final FreeLists freeLists;
    private final NodeLists lists;
    private final CpuPartials partials;
    private final Deactivation deactivation;
    private final SlabMaker maker;
    private final Debugging debugging;
    private final Complaints complaints;
    private final ObjectMemory memory;
    private final ExecutionContext context;
    private final AddressLayout layout;
    private final SlubRules.DebugWay debugWay;
    private final String sleeps;
    private final int waitBits;
    private final int zeroBit;
    private final boolean zeroesAlways;
    private final boolean kmallocRedZone;

    AllocPath(Basis basis, Parts parts) {
        this.basis = basis;
        slabs = basis.slabs();
        memory = basis.memory();
        freeLists = parts.freeLists();
        lists = parts.lists();
        partials = parts.partials();
        deactivation = parts.deactivation();
        maker = parts.maker();
        debugging = parts.debugging();
        complaints = parts.complaints();
        context = basis.floor().context();
        layout = basis.floor().layout();
        debugWay = basis.rules().debugWay();
        sleeps = basis.rules().words().sleeps();
        waitBits = basis.masks().maySleep();
        zeroBit = basis.masks().zero();
        zeroesAlways = basis.rules().zeroesAlways();
        kmallocRedZone = basis.rules().kmallocRedZone();
    }

    /**
     * An object.
     *
     * @param asked bytes kmalloc was asked for, or the size of the cache's objects
     * @return its address; 0 if there is no memory
     */
    long allocate(Cache cache, int gfp, int asked) {
        if ((gfp & waitBits) != 0) {
            context.mightSleep(sleeps);
        }
        int cpu = context.cpu();
        long object = cache.free[cpu];
        if (object != 0) {
            cache.free[cpu] = freeLists.next(cache, object);
        } else {
            object = cache.debug ? allocateChecked(cache, gfp, cpu, asked) : allocateSlowly(cache, gfp, cpu);
            if (object == 0) {
                return 0;
            }
        }
        handOut(cache, object);
        if ((gfp & zeroBit) != 0 || zeroesAlways && zeroesUnasked(cache)) {
            // what kmalloc was not asked for may be red zone
            memory.fill(object, kmallocRedZone && cache.made.layout().askedSize() > 0 ? asked : cache.objectSize, 0);
        }
        return object;
    }

    private void handOut(Cache cache, long object) {
        if (memory.isLinear(object)) {
            int slab = slabs.of(layout.virtToPfn(object));
            if (slab != Slabs.NONE && slabs.cache(slab) == cache.number) {
                int index = slabs.indexOf(slab, object);
                if (index >= 0 && slabs.addLive(slab, index)) {
                    cache.allocations++;
                    return;
                }
            }
        }
        throw complaints.notFree(cache, object);
    }

    /** {@code slab_want_init_on_alloc()}: not what must keep its contents while it is free. */
    private static boolean zeroesUnasked(Cache cache) {
        return !cache.constructs && !cache.has(SlabFlag.SLAB_TYPESAFE_BY_RCU) && !cache.has(SlabFlag.SLAB_POISON);
    }

    // ---- without debug flags

    private long allocateSlowly(Cache cache, int gfp, int cpu) {
        long object = fromOwnSlabs(cache, cpu);
        if (object == 0) {
            object = fromNode(cache, cpu);
        }
        if (object == 0) {
            int slab = maker.make(cache, gfp);
            if (slab == Slabs.NONE) {
                return noMemory(cache, gfp);
            }
            maker.count(cache, slab);
            cache.slab[cpu] = slab;
            object = takeList(slab);
        }
        cache.free[cpu] = freeLists.next(cache, object);
        return object;
    }

    /** From what has come back to the CPU's slab, or from one of its partial slabs. */
    private long fromOwnSlabs(Cache cache, int cpu) {
        int slab = cache.slab[cpu];
        if (slab == Slabs.NONE) {
            slab = partials.take(cache, cpu);
        }
        while (slab != Slabs.NONE) {
            cache.slab[cpu] = slab;
            long object = takeList(slab);
            if (object != 0) {
                return object;
            }
            cache.slab[cpu] = Slabs.NONE;
            slab = partials.take(cache, cpu);
        }
        return 0;
    }

    /** All free objects of a slab; it is frozen if there are any. */
    private long takeList(int slab) {
        long object = slabs.free(slab);
        slabs.setFree(slab, 0);
        slabs.setInUse(slab, slabs.objects(slab));
        slabs.setFrozen(slab, object != 0);
        return object;
    }

    /** {@code get_partial_node()}. */
    private long fromNode(Cache cache, int cpu) {
        int slab = cache.partialFirst;
        if (slab == Slabs.NONE) {
            return 0;
        }
        int free = slabs.objects(slab) - slabs.inUse(slab);
        lists.remove(cache, slab);
        cache.slab[cpu] = slab;
        long object = takeList(slab);
        int moved = 0;
        while (cache.partialFirst != Slabs.NONE && !partials.isEnough(cache, cpu, moved, free)) {
            int other = cache.partialFirst;
            free += slabs.objects(other) - slabs.inUse(other);
            lists.remove(cache, other);
            slabs.setFrozen(other, true);
            partials.put(cache, cpu, other, false);
            moved++;
        }
        return object;
    }

    // ---- with debug flags

    private long allocateChecked(Cache cache, int gfp, int cpu, int asked) {
        while (true) {
            int slab = debugWay == SlubRules.DebugWay.FROM_CPU_SLAB ? cache.slab[cpu] : Slabs.NONE;
            boolean fresh = false;
            if (slab != Slabs.NONE && slabs.free(slab) == 0) {
                deactivation.deactivate(cache, cpu);
                slab = Slabs.NONE;
            }
            if (slab == Slabs.NONE) {
                slab = cache.partialFirst;
            }
            if (slab == Slabs.NONE) {
                slab = maker.make(cache, gfp);
                if (slab == Slabs.NONE) {
                    return noMemory(cache, gfp);
                }
                maker.count(cache, slab);
                fresh = true;
            }
            long object =
                    switch (debugWay) {
                        case FROM_CPU_SLAB -> fromCpuSlab(cache, cpu, slab, asked);
                        case TAKE_AND_GIVE_BACK -> takeAndGiveBack(cache, cpu, slab, asked);
                        case FROM_LIST -> fromList(cache, slab, asked, fresh);
                    };
            if (object != 0) {
                return object;
            }
        }
    }

    private long fromCpuSlab(Cache cache, int cpu, int slab, int asked) {
        if (cache.slab[cpu] != slab) {
            acquire(cache, slab);
            cache.slab[cpu] = slab;
        }
        long object = slabs.free(slab);
        if (!debugging.allocates(cache, slab, object, asked)) {
            deactivation.deactivate(cache, cpu);
            return 0;
        }
        slabs.setInUse(slab, slabs.inUse(slab) + 1);
        slabs.setFree(slab, freeLists.next(cache, object));
        return object;
    }

    private long takeAndGiveBack(Cache cache, int cpu, int slab, int asked) {
        acquire(cache, slab);
        long object = takeList(slab);
        cache.slab[cpu] = slab;
        boolean fine = debugging.allocates(cache, slab, object, asked);
        // a slab with a bad object is taken out of use: all its objects count as in use
        cache.free[cpu] = fine ? freeLists.next(cache, object) : 0;
        deactivation.deactivate(cache, cpu);
        return fine ? object : 0;
    }

    /** {@code alloc_single_from_partial()}, {@code alloc_single_from_new_slab()}. */
    private long fromList(Cache cache, int slab, int asked, boolean fresh) {
        long object = slabs.free(slab);
        slabs.setFree(slab, freeLists.next(cache, object));
        slabs.setInUse(slab, slabs.inUse(slab) + 1);
        boolean fine = debugging.allocates(cache, slab, object, asked);
        boolean full = slabs.inUse(slab) == slabs.objects(slab);
        if (!fresh && (full || !fine)) {
            lists.remove(cache, slab);
        }
        if (fine && full) {
            debugging.addFull(cache, slab);
        } else if (fine && fresh) {
            lists.addFirst(cache, slab);
        }
        return fine ? object : 0;
    }

    private void acquire(Cache cache, int slab) {
        if (slabs.list(slab) == Slabs.PARTIAL) {
            lists.remove(cache, slab);
        }
        slabs.setFrozen(slab, true);
    }

    // ---- no memory

    /** {@code slab_out_of_memory()}. */
    private long noMemory(Cache cache, int gfp) {
        if ((gfp & basis.masks().noWarn()) != 0) {
            return 0;
        }
        Words words = basis.rules().words();
        KernelLog log = basis.floor().log();
        log.printk(
                KernelLog.WARNING,
                String.format(words.noMemory(), gfp, basis.floor().gfp().format(gfp)));
        log.printk(
                KernelLog.WARNING,
                String.format(
                        Words.NO_MEMORY_SIZES,
                        cache.name(),
                        cache.objectSize,
                        cache.size(),
                        cache.made.order(),
                        cache.made.minOrder()));
        log.printk(
                KernelLog.WARNING,
                String.format(
                        Words.NO_MEMORY_COUNTS, cache.slabs, cache.objects, ObjectCount.freeOnNode(cache, slabs)));
        return 0;
    }
}
