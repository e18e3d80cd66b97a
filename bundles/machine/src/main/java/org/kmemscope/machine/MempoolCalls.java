package org.kmemscope.machine;

import org.kmemscope.api.kernel.Mempool;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.slab.KmemCache;

/** Memory pools, see {@link Mempools}. What a pool keeps back is the pool's, not its user's. */
abstract class MempoolCalls extends UtilCalls {
    private static final String POOL = "mempool";
    private static final String ELEMENT = "mempool_alloc";

    MempoolCalls(SimulatedMachine machine, Caller caller, Ledger ledger) {
        super(machine, caller, ledger);
    }

    @Override
    public Mempool mempoolCreate(int minimum, KmemCache cache) {
        return create(minimum, cache, 0);
    }

    @Override
    public Mempool mempoolCreateKmalloc(int minimum, long size) {
        return create(minimum, KmemCache.NONE, size);
    }

    private Mempool create(int minimum, KmemCache cache, long size) {
        enter();
        try {
            machine.exchanges.requireObjects();
            Mempool pool = machine.mempools.create(minimum, cache, size);
            if (pool.id() != 0) {
                took(POOL, pool.id(), 0);
            }
            return pool;
        } catch (RuntimeException e) {
            throw machine.failure(e, "mempool_create");
        } finally {
            exit();
        }
    }

    @Override
    public long mempoolAlloc(Mempool pool, int gfp) {
        enter();
        try {
            machine.exchanges.requireObjects();
            long object = machine.mempools.alloc(pool, gfp);
            if (object != 0) {
                took(ELEMENT, object, machine.mempools.elementSize(pool));
            }
            return object;
        } catch (RuntimeException e) {
            throw machine.failure(e, "mempool_alloc");
        } finally {
            exit();
        }
    }

    @Override
    public void mempoolFree(Mempool pool, long object) {
        enter();
        try {
            machine.exchanges.requireObjects();
            machine.mempools.free(pool, object);
            ledger.give(ELEMENT, object);
        } catch (RuntimeException e) {
            throw machine.failure(e, "mempool_free");
        } finally {
            exit();
        }
    }

    @Override
    public void mempoolDestroy(Mempool pool) {
        enter();
        try {
            machine.exchanges.requireObjects();
            machine.mempools.destroy(pool);
            ledger.give(POOL, pool.id());
        } catch (RuntimeException e) {
            throw machine.failure(e, "mempool_destroy");
        } finally {
            exit();
        }
    }
}
