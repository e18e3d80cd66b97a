package org.kmemscope.machine;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Mempool;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * Memory pools ({@code mm/mempool.c}): a few objects that were taken in good time, so that those who free memory by writing it out never
 * wait for memory that only they could free.
 *
 * <pre>
 *   mempool_t, 40 bytes      0      4        8         12         16          20      24     28
 *                            | lock | min_nr | curr_nr | elements | pool_data | alloc | free | wait |
 *                                                          |
 *   elements                 | address | address | ...  ←──┘   the first curr_nr are kept back
 * </pre>
 *
 * <p>Both are objects from kmalloc, and what is in them is what counts. {@code pool_data} is the number of the cache or the size.
 *
 * <p>Taking: 1. The allocator is asked, without waiting, without emergency reserves, without a word if it fails. 2. One that is kept back. 3.
 * The allocator again, with all that the mask allows. 4. Who may not wait gets NULL; the others sleep until an object comes back.
 *
 * <p>Giving: while fewer than the minimum are kept back, the object is; then who waits is woken. Else it goes to the allocator.
 */
final class Mempools implements Stateful {
    private static final int POOL_SIZE = 40;
    private static final int MINIMUM = 4;
    private static final int KEPT = 8;
    private static final int ELEMENTS = 12;
    private static final int DATA = 16;
    private static final int POINTER = 4;
    private static final long ADDRESS_MASK = 0xffff_ffffL;

    private final SimulatedMachine machine;
    private final Map<Integer, Pool> pools = new LinkedHashMap<>();
    private final int mayWait;
    private final int io;
    private final int modest;
    private final boolean wantsAllBack;
    private int lastId;

    /**
     * What is known of a pool outside of RAM.
     *
     * @param cache of what its objects are; {@link KmemCache#NONE} for those from kmalloc
     * @param size bytes of an object from kmalloc
     * @param address of its {@code mempool_t}
     */
    private record Pool(KmemCache cache, long size, long address) {}

    Mempools(SimulatedMachine machine) {
        this.machine = machine;
        mayWait = machine.gfp().orZero(Gfp.__GFP_WAIT) | machine.gfp().orZero(Gfp.__GFP_DIRECT_RECLAIM);
        io = machine.gfp().of(Gfp.__GFP_IO);
        modest = machine.gfp().of(Gfp.__GFP_NOMEMALLOC)
                | machine.gfp().of(Gfp.__GFP_NORETRY)
                | machine.gfp().of(Gfp.__GFP_NOWARN);
        // "mempool: drop unnecessary and incorrect BUG_ON() from mempool_destroy()", 3.3
        wantsAllBack = !machine.profile().kernel().version().isAtLeast(3, 3);
    }

    // ---- making and destroying

    Mempool create(int minimum, KmemCache cache, long size) {
        if (minimum < 1) {
            throw new IllegalArgumentException("a pool keeps at least 1 object back, not " + minimum);
        }
        int gfp = machine.gfp().of(Gfp.GFP_KERNEL);
        long pool = machine.objects().kmalloc(POOL_SIZE, gfp | machine.gfp().of(Gfp.__GFP_ZERO));
        long elements = pool == 0 ? 0 : machine.objects().kmalloc((long) minimum * POINTER, gfp);
        if (elements == 0) {
            machine.objects().kfree(pool);
            return Mempool.NONE;
        }
        Mmu mmu = machine.mmu();
        mmu.write32(pool + MINIMUM, minimum);
        mmu.write32(pool + ELEMENTS, (int) elements);
        mmu.write32(pool + DATA, cache.id() != 0 ? cache.id() : (int) size);
        Pool made = new Pool(cache, size, pool);
        while (kept(made) < minimum) {
            long object = take(made, gfp);
            if (object == 0) {
                dissolve(made);
                return Mempool.NONE;
            }
            keep(made, object);
        }
        pools.put(++lastId, made);
        return new Mempool(lastId);
    }

    void destroy(Mempool handle) {
        Pool pool = known(handle, "mempool_destroy");
        int missing = minimum(pool) - kept(pool);
        if (missing != 0 && wantsAllBack) {
            throw new KernelBug("kernel BUG at mm/mempool.c: mempool_destroy() of a pool that misses " + missing
                    + " of its " + minimum(pool) + " objects");
        }
        dissolve(pool);
        pools.remove(handle.id());
    }

    /** {@code free_pool()}. */
    private void dissolve(Pool pool) {
        while (kept(pool) > 0) {
            give(pool, takeKept(pool));
        }
        machine.objects().kfree(elements(pool));
        machine.objects().kfree(pool.address());
    }

    private Pool known(Mempool handle, String call) {
        Pool pool = pools.get(handle.id());
        if (pool == null) {
            if (handle.id() == 0) {
                // what the kernel does with a NULL pool: it reads a member of it, and oopses
                machine.mmu().read32(MINIMUM);
            }
            throw new KernelBug("kernel BUG at mm/mempool.c: " + call + "() with a pool that does not exist any more");
        }
        return pool;
    }

    // ---- objects

    long alloc(Mempool handle, int gfp) {
        Pool pool = known(handle, "mempool_alloc");
        boolean waits = (gfp & mayWait) != 0;
        if (waits) {
            machine.context().mightSleep("mm/mempool.c");
        }
        while (true) {
            long object = take(pool, gfp & ~(mayWait | io) | modest);
            if (object == 0 && kept(pool) > 0) {
                object = takeKept(pool);
            }
            if (object == 0) {
                object = take(pool, gfp | modest);
            }
            if (object != 0 || !waits) {
                return object;
            }
            machine.tasks.sleepOn(queue(pool), "memory pool 0x" + Long.toHexString(pool.address()) + " is empty");
        }
    }

    void free(Mempool handle, long object) {
        if (object == 0) {
            return;
        }
        Pool pool = known(handle, "mempool_free");
        if (kept(pool) < minimum(pool)) {
            keep(pool, object);
            machine.tasks.wakeUp(queue(pool));
        } else {
            give(pool, object);
        }
    }

    /** Bytes of an object. */
    long elementSize(Mempool handle) {
        Pool pool = known(handle, "mempool_alloc");
        return pool.cache().id() == 0 ? pool.size() : machine.objects().objectSize(pool.cache());
    }

    private static String queue(Pool pool) {
        return "mempool 0x" + Long.toHexString(pool.address());
    }

    private long take(Pool pool, int gfp) {
        return pool.cache().id() == 0
                ? machine.objects().kmalloc(pool.size(), gfp)
                : machine.objects().allocObject(pool.cache(), gfp);
    }

    private void give(Pool pool, long object) {
        if (pool.cache().id() == 0) {
            machine.objects().kfree(object);
        } else {
            machine.objects().freeObject(pool.cache(), object);
        }
    }

    // ---- what is in RAM

    private int minimum(Pool pool) {
        return machine.mmu().read32(pool.address() + MINIMUM);
    }

    private int kept(Pool pool) {
        return machine.mmu().read32(pool.address() + KEPT);
    }

    private long elements(Pool pool) {
        return machine.mmu().read32(pool.address() + ELEMENTS) & ADDRESS_MASK;
    }

    /** {@code add_element()}. */
    private void keep(Pool pool, long object) {
        int kept = kept(pool);
        machine.mmu().write32(elements(pool) + (long) kept * POINTER, (int) object);
        machine.mmu().write32(pool.address() + KEPT, kept + 1);
    }

    /** {@code remove_element()}. */
    private long takeKept(Pool pool) {
        int kept = kept(pool) - 1;
        machine.mmu().write32(pool.address() + KEPT, kept);
        return machine.mmu().read32(elements(pool) + (long) kept * POINTER) & ADDRESS_MASK;
    }

    // ---- copying

    @Override
    public void save(StateWriter out) {
        out.putInt(lastId);
        out.putInt(pools.size());
        pools.forEach((id, pool) -> {
            out.putInt(id);
            pool.cache().save(out);
            out.putLongs(new long[] {pool.size(), pool.address()});
        });
    }

    @Override
    public void restore(StateReader in) {
        pools.clear();
        lastId = in.getInt();
        for (int left = in.getInt(); left > 0; left--) {
            int id = in.getInt();
            KmemCache cache = KmemCache.restore(in);
            long[] numbers = in.getLongs();
            pools.put(id, new Pool(cache, numbers[0], numbers[1]));
        }
    }
}
