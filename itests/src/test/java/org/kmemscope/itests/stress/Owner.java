package org.kmemscope.itests.stress;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.kmemscope.api.error.MissingPart;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Provenance;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.view.ObjectView;

/**
 * A kernel thread that allocates and frees, and knows of each object what must be true of it. It writes down an object when it has it,
 * and crosses it out before it frees it, so that whatever is written down can be checked at any moment.
 */
final class Owner implements Runnable {
    /** One in so many objects is larger than a page. */
    private static final int LARGE = 500;
    /** In place of a usable size that nobody has asked for yet. */
    private static final int UNKNOWN = -1;

    private final Machine machine;
    private final Kernel kernel;
    private final Random random;
    private final List<KmemCache> caches;
    private final int[] cacheSizes;
    private final int target;
    private final String site;

    private final long[] addresses;
    private final int[] sizes;
    private final int[] usable;
    private final byte[] stamps;
    /** Place of the cache in the list; -1 for kmalloc. */
    private final byte[] ofCache;
    /** Number of the event of the allocation. */
    private final long[] events;

    private int count;
    private volatile long operations;
    private volatile long refused;
    private volatile boolean ending;

    Owner(Machine machine, int number, int target, List<KmemCache> caches, int[] cacheSizes, long seed) {
        this.machine = machine;
        this.target = target;
        this.caches = caches;
        this.cacheSizes = cacheSizes;
        site = "owner-" + number;
        kernel = machine.kernel(Caller.of(number, site, site));
        random = new Random(seed);
        int room = target + target / 8 + 16;
        addresses = new long[room];
        sizes = new int[room];
        usable = new int[room];
        stamps = new byte[room];
        ofCache = new byte[room];
        events = new long[room];
    }

    long operations() {
        return operations;
    }

    /** Calls that failed because there was no allocator. */
    long refused() {
        return refused;
    }

    synchronized int count() {
        return count;
    }

    void end() {
        ending = true;
    }

    @Override
    public void run() {
        int number = 0;
        while (!ending) {
            number++;
            boolean full = count >= addresses.length || count > target && random.nextInt(3) != 0;
            try {
                if (!full && (count < target || random.nextBoolean())) {
                    allocate((byte) (number | 1));
                } else {
                    free(random.nextInt(count));
                }
            } catch (MissingPart nobody) {
                refused++;
                Thread.yield();
            }
            operations++;
        }
    }

    private int anySize() {
        if (random.nextInt(LARGE) == 0) {
            return 4096 + random.nextInt(28000);
        }
        return 8 + random.nextInt(1 << 3 + random.nextInt(7));
    }

    private void allocate(byte stamp) {
        int cache = random.nextInt(3) == 0 ? random.nextInt(caches.size()) : -1;
        int size = cache < 0 ? anySize() : cacheSizes[cache];
        long object = cache < 0
                ? kernel.kmalloc(size, Gfp.GFP_KERNEL)
                : kernel.kmemCacheAlloc(caches.get(cache), Gfp.GFP_KERNEL);
        if (object == 0) {
            return;
        }
        kernel.memset(object, stamp, size);
        long event = machine.locked(
                () -> machine.provenance().object(object).orElseThrow().sequence());
        writeDown(object, size, stamp, cache, event);
    }

    private synchronized void writeDown(long object, int size, byte stamp, int cache, long event) {
        addresses[count] = object;
        sizes[count] = size;
        usable[count] = UNKNOWN;
        stamps[count] = stamp;
        ofCache[count] = (byte) cache;
        events[count] = event;
        count++;
    }

    private void free(int which) {
        long object;
        int cache;
        int size;
        byte stamp;
        long event;
        synchronized (this) {
            object = addresses[which];
            cache = ofCache[which];
            size = sizes[which];
            stamp = stamps[which];
            event = events[which];
            count--;
            addresses[which] = addresses[count];
            sizes[which] = sizes[count];
            usable[which] = usable[count];
            stamps[which] = stamps[count];
            ofCache[which] = ofCache[count];
            events[which] = events[count];
        }
        try {
            if (cache < 0) {
                kernel.kfree(object);
            } else {
                kernel.kmemCacheFree(caches.get(cache), object);
            }
        } catch (MissingPart nobody) {
            writeDown(object, size, stamp, cache, event);
            throw nobody;
        }
    }

    /**
     * Checks every object: bytes, usable size, cache, and who asked for it when.
     *
     * @param bound whether an allocator is there to be asked for sizes
     * @return how many
     */
    synchronized int check(boolean bound) {
        return machine.locked(() -> {
            for (int i = 0; i < count; i++) {
                check(i, bound);
            }
            return count;
        });
    }

    private void check(int i, boolean bound) {
        long object = addresses[i];
        long phys = machine.layout().virtToPhys(object);
        long pattern = (stamps[i] & 0xffL) * 0x0101_0101_0101_0101L;
        int at = 0;
        for (; at + Long.BYTES <= sizes[i]; at += Long.BYTES) {
            require(machine.ram().read64(phys + at) == pattern, object, "bytes at +" + at);
        }
        for (; at < sizes[i]; at++) {
            require((byte) machine.ram().read8(phys + at) == stamps[i], object, "byte at +" + at);
        }
        // SLOB knows the size of what came from kmalloc, and no other
        if (bound && ofCache[i] < 0) {
            int size = (int) machine.objects().ksize(object);
            require(size >= sizes[i] && (usable[i] == UNKNOWN || usable[i] == size), object, "usable size " + size);
            usable[i] = size;
        }
        if (ofCache[i] >= 0) {
            String cache =
                    machine.objects().objectAt(object).map(ObjectView::cache).orElse("none");
            require(cache.equals(caches.get(ofCache[i]).name()), object, "cache " + cache);
        }
        Provenance.Origin origin = machine.provenance().object(object).orElse(null);
        require(
                origin != null
                        && origin.sequence() == events[i]
                        && origin.site().equals(site),
                object,
                "origin " + origin);
    }

    private void require(boolean holds, long object, String what) {
        if (!holds) {
            throw new IllegalStateException(String.format("%s: 0x%08x has lost its %s", site, object, what));
        }
    }

    /** Frees everything. */
    void freeAll() {
        for (int i = 0; i < count; i++) {
            if (ofCache[i] < 0) {
                kernel.kfree(addresses[i]);
            } else {
                kernel.kmemCacheFree(caches.get(ofCache[i]), addresses[i]);
            }
        }
        Arrays.fill(addresses, 0);
        count = 0;
    }
}
