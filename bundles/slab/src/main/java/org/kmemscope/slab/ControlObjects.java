package org.kmemscope.slab;

import org.kmemscope.api.ground.Clock;

/**
 * The arrays and list heads of a cache, which are objects of general caches themselves.
 *
 * <p>At boot a cache gets an array for one object on the CPU that boots; when there are enough caches, all get their final arrays.
 * The entries are kept on the host, but the objects are taken as Linux takes them, so that {@code /proc/slabinfo} counts them.
 *
 * <p>Source: {@code setup_cpu_cache}, {@code do_tune_cpucache}, {@code alloc_kmemlist}, {@code alloc_arraycache}.
 */
final class ControlObjects {
    /** {@code BOOT_CPUCACHE_ENTRIES}. */
    static final int BOOT_LIMIT = 1;

    /** {@code REAPTIMEOUT_LIST3}. */
    private static final int LIST_SECONDS = 4;
    /** A shared array is never fetched from by this, so its value does not matter; it is Linux's. */
    private static final int NO_BATCH = 0xbaadf00d;

    private final ObjectPaths objects;
    private final SlabMemory memory;
    private final ControlSizes sizes;
    private final Clock clock;
    private final int cpus;
    private final int zeroBit;

    ControlObjects(Basis basis, ObjectPaths objects) {
        this.objects = objects;
        memory = basis.memory();
        sizes = basis.rules().sizes();
        clock = basis.floor().clock();
        cpus = basis.floor().profile().cpus();
        zeroBit = basis.masks().zero();
    }

    /** Gives a cache its array of one object, for the CPU that boots. */
    void useBootArray(Cache cache, int cpu, long home) {
        cache.arrays = new ObjectArray[cpus];
        cache.arrays[cpu] = new ObjectArray(BOOT_LIMIT, BOOT_LIMIT, home);
        cache.limit = BOOT_LIMIT;
        cache.batch = BOOT_LIMIT;
    }

    /** Gives a cache its list heads. */
    void useLists(Cache cache, long home) {
        memory.initLists(home);
        cache.lists = home;
        int period = listPeriod();
        // spread by address, so that not all caches are looked at in the same turn
        cache.nextReap = clock.jiffies() + period + cache.descriptor % period;
    }

    /** Ticks between two looks of the reaper at the shared array and the empty slabs of a cache. */
    int listPeriod() {
        return LIST_SECONDS * clock.hz();
    }

    /**
     * Exchanges the arrays of a cache; what is in the old ones goes back to the slabs. A cache without list heads gets some.
     *
     * @return false if there is no memory for them; a new cache must then be given up
     */
    boolean tune(Cache cache, int limit, int batch, int sharedFactor, int gfp) {
        long scratch = objects.kmalloc(sizes.tuning(), gfp | zeroBit);
        if (scratch == 0) {
            return false;
        }
        ObjectArray[] arrays = newArrays(limit, batch, gfp);
        if (arrays.length == 0) {
            objects.kfree(scratch);
            return false;
        }
        ObjectArray[] old = cache.arrays;
        cache.arrays = arrays;
        cache.limit = limit;
        cache.batch = batch;
        cache.sharedFactor = sharedFactor;
        for (ObjectArray array : old) {
            if (array != null) {
                objects.drain(cache, array);
                objects.kfree(array.home);
            }
        }
        objects.kfree(scratch);
        return tuneLists(cache, gfp);
    }

    /** An array for each CPU, or none at all. */
    private ObjectArray[] newArrays(int limit, int batch, int gfp) {
        ObjectArray[] arrays = new ObjectArray[cpus];
        for (int cpu = 0; cpu < cpus; cpu++) {
            long home = objects.kmalloc(sizes.array(limit), gfp);
            if (home == 0) {
                for (int made = cpu - 1; made >= 0; made--) {
                    objects.kfree(arrays[made].home);
                }
                return new ObjectArray[0];
            }
            arrays[cpu] = new ObjectArray(limit, batch, home);
        }
        return arrays;
    }

    private boolean tuneLists(Cache cache, int gfp) {
        ObjectArray shared = null;
        int room = cache.sharedFactor * cache.batch;
        if (room > 0) {
            long home = objects.kmalloc(sizes.array(room), gfp);
            if (home == 0) {
                return false;
            }
            shared = new ObjectArray(room, NO_BATCH, home);
        }
        if (cache.lists == 0) {
            long home = objects.kmalloc(sizes.lists(), gfp);
            if (home == 0) {
                if (shared != null) {
                    objects.kfree(shared.home);
                }
                return false;
            }
            useLists(cache, home);
        }
        ObjectArray old = cache.shared;
        cache.shared = shared;
        cache.freeLimit = (1L + cpus) * cache.batch + cache.geometry.objects();
        if (old != null) {
            objects.drain(cache, old);
            objects.kfree(old.home);
        }
        return true;
    }

    /** Gives the arrays and list heads of a cache back, which has no slab ({@code __kmem_cache_destroy}). */
    void release(Cache cache) {
        for (ObjectArray array : cache.arrays) {
            objects.kfree(array.home);
        }
        if (cache.shared != null) {
            objects.kfree(cache.shared.home);
        }
        if (cache.lists != 0) {
            objects.kfree(cache.lists);
        }
    }
}
