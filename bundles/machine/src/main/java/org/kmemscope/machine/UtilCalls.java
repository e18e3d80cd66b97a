package org.kmemscope.machine;

import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.slab.KmemCache;

/** The calls that Linux makes of others: {@code mm/util.c}, bulk requests. */
abstract class UtilCalls extends AllocationCalls {
    UtilCalls(SimulatedMachine machine, Caller caller, Ledger ledger) {
        super(machine, caller, ledger);
    }

    @Override
    public long kmemdup(long source, long size, int gfp) {
        enter();
        try {
            long copy = kmalloc(size, gfp);
            if (copy != 0 && size > 0) {
                memcpy(copy, source, size);
            }
            return copy;
        } finally {
            exit();
        }
    }

    // ---- kvmalloc

    @Override
    public long kvmalloc(long size, int gfp) {
        enter();
        try {
            int all = machine.gfp().of(Gfp.GFP_KERNEL);
            boolean vmallocToo = size > Profile.PAGE_SIZE && (gfp & all) == all;
            // a block that is not there is no misfortune yet: not worth a word, nor a search
            int quiet = machine.gfp().of(Gfp.__GFP_NOWARN) | machine.gfp().of(Gfp.__GFP_NORETRY);
            long address = kmalloc(size, vmallocToo ? gfp | quiet : gfp);
            if (address != 0 || !vmallocToo) {
                return address;
            }
            return (gfp & machine.gfp().of(Gfp.__GFP_ZERO)) != 0 ? vzalloc(size) : vmalloc(size);
        } finally {
            exit();
        }
    }

    @Override
    public void kvfree(long address) {
        AddressLayout layout = machine.layout();
        if (address >= layout.vmallocStart() && address < layout.vmallocEnd()) {
            vfree(address);
        } else {
            kfree(address);
        }
    }

    // ---- bulk

    @Override
    public int kmemCacheAllocBulk(KmemCache cache, int gfp, int count, long[] objects) {
        enter();
        try {
            for (int i = 0; i < count; i++) {
                objects[i] = kmemCacheAlloc(cache, gfp);
                if (objects[i] == 0) {
                    kmemCacheFreeBulk(cache, i, objects);
                    return 0;
                }
            }
            return count;
        } finally {
            exit();
        }
    }

    @Override
    public void kmemCacheFreeBulk(KmemCache cache, int count, long[] objects) {
        enter();
        try {
            for (int i = 0; i < count; i++) {
                kmemCacheFree(cache, objects[i]);
            }
        } finally {
            exit();
        }
    }

    @Override
    public int kmemCacheShrink(KmemCache cache) {
        enter();
        try {
            machine.exchanges.requireObjects();
            return machine.objects().shrinkCache(cache);
        } catch (RuntimeException e) {
            throw machine.failure(e, "kmem_cache_shrink");
        } finally {
            exit();
        }
    }
}
