package org.kmemscope.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.ObjectView;

/**
 * A naive model of an object allocator: it knows which bytes are whose, and nothing else. No two objects may share a byte, each must be
 * aligned, must keep what is written into all of its usable bytes, and must be found by its address.
 */
public final class ObjectModel {
    private static final int WORD = Integer.BYTES;
    /** Every object is found in this part of an address. */
    private static final long SPREAD = 0x3fff_ffffL;

    private static final int HUNDRED = 100;
    private static final int LARGEST_SHIFT = 14;

    private final TestMachine machine;
    private final Kernel kernel;
    private final ObjectAllocator objects;
    private final int gfp;
    private final TreeMap<Long, Live> live = new TreeMap<>();
    private final List<Use> caches = new ArrayList<>();
    private int stamps;

    /**
     * A live object.
     *
     * @param requested bytes that were asked for
     * @param usable bytes that may be written
     * @param cache its cache; {@link KmemCache#NONE} if it came from kmalloc
     * @param stamp the value of each of its bytes
     */
    record Live(long requested, long usable, KmemCache cache, byte stamp) {}

    private record Use(KmemCache cache, int size, int align) {}

    /** A model of a machine's allocator, from which nothing has been taken yet. */
    public ObjectModel(TestMachine machine) {
        this(machine, machine.objects());
    }

    ObjectModel(TestMachine machine, ObjectAllocator objects) {
        this.machine = machine;
        this.objects = objects;
        kernel = machine.kernel();
        gfp = machine.gfp(Gfp.GFP_ATOMIC);
    }

    /** The same objects and caches, in a copy of the machine. */
    ObjectModel in(TestMachine copy) {
        ObjectModel model = new ObjectModel(copy);
        model.live.putAll(live);
        model.caches.addAll(caches);
        model.stamps = stamps;
        return model;
    }

    /** Live objects by address. */
    Map<Long, Live> live() {
        return live;
    }

    /** Caches that were made by it. */
    List<KmemCache> caches() {
        return caches.stream().map(Use::cache).toList();
    }

    // ---- caches

    /** Makes a cache, from which {@link #step} takes objects too. */
    public KmemCache addCache(String name, int size, int align, SlabFlag... flags) {
        int bits = 0;
        for (SlabFlag flag : flags) {
            bits |= flag.bit();
        }
        KmemCache cache = objects.createCache(new CacheSpec(name, size, align, bits, ObjectConstructor.NONE));
        assertThat(cache.id()).isPositive();
        assertThat(objects.objectSize(cache)).isGreaterThanOrEqualTo(size);
        caches.add(new Use(cache, size, Math.max(align, WORD)));
        return cache;
    }

    /** Makes the caches that random work wants: of all kinds. */
    void addCaches() {
        addCache("tiny", 4, 0);
        addCache("odd", 20, 0);
        addCache("lines", 100, 0, SlabFlag.SLAB_HWCACHE_ALIGN);
        addCache("inode", 440, 0, SlabFlag.SLAB_RECLAIM_ACCOUNT);
        addCache("large", 1088, 64);
        addCache("rcu", 700, 0, SlabFlag.SLAB_TYPESAFE_BY_RCU);
        addCache("page", 4096, 4096);
        addCache("pages", 9000, 0);
    }

    // ---- work

    /**
     * One step of random work: takes or gives an object, now and then lets time pass or shrinks a cache.
     *
     * @param random says what to do; equal numbers do the same to equal models
     * @return what the allocator answered, 0 if there was nothing to answer
     */
    public long step(int random) {
        int cpus = machine.machine().profile().cpus();
        machine.onCpu(part(random, 1, cpus));
        int dice = part(random, 2, HUNDRED);
        if (dice == 0) {
            machine.machine()
                    .tick(1 + part(random, 3, 5 * machine.machine().clock().hz()));
        } else if (dice == 1) {
            objects.shrinkCache(caches.get(part(random, 3, caches.size())).cache());
        } else if (live.isEmpty() || dice < 54) {
            Use use = caches.get(part(random, 4, caches.size()));
            return part(random, 3, 2) == 0
                    ? kmalloc(1 + part(random, 5, 1 << part(random, 6, LARGEST_SHIFT)))
                    : take(use);
        } else {
            Long at = live.floorKey(machine.machine().layout().pageOffset() + (mixed(random, 3) & SPREAD));
            free(at == null ? live.firstKey() : at);
        }
        return 0;
    }

    private static int part(int random, int which, int below) {
        return Math.floorMod(mixed(random, which), below);
    }

    /** Numbers that look independent, from one. */
    private static int mixed(int random, int which) {
        long value = (random * 31L + which) * 0x9e37_79b9_7f4a_7c15L;
        value ^= value >>> 32;
        value *= 0xd6e8_feb8_6659_fd93L;
        return (int) (value >>> 32);
    }

    /** Takes an object by size; the address, or 0 if there is no memory. */
    public long kmalloc(long size) {
        long object = objects.kmalloc(size, gfp);
        if (object != 0) {
            long usable = objects.ksize(object);
            assertThat(usable).isGreaterThanOrEqualTo(size);
            take(object, new Live(size, usable, KmemCache.NONE, nextStamp()), WORD);
        }
        return object;
    }

    private long take(Use use) {
        long object = objects.allocObject(use.cache(), gfp);
        if (object != 0) {
            take(object, new Live(use.size(), use.size(), use.cache(), nextStamp()), use.align());
        }
        return object;
    }

    private byte nextStamp() {
        return (byte) ++stamps;
    }

    private void take(long object, Live as, int align) {
        assertThat(object % align)
                .as("0x%x is no multiple of %d", object, align)
                .isZero();
        Map.Entry<Long, Live> before = live.floorEntry(object);
        assertThat(before == null || before.getKey() + before.getValue().usable() <= object)
                .as("object 0x%x begins in another", object)
                .isTrue();
        Long after = live.ceilingKey(object);
        assertThat(after == null || object + as.usable() <= after)
                .as("object 0x%x of %d bytes reaches into another", object, as.usable())
                .isTrue();
        live.put(object, as);
        kernel.memset(object, as.stamp(), as.usable());
        ObjectView view = objects.objectAt(object + as.requested() - 1).orElseThrow();
        assertThat(view.address()).isEqualTo(object);
        assertThat(view.state()).isIn(ObjectView.State.ALLOCATED, ObjectView.State.LARGE);
    }

    /** Gives an object back that must have kept its bytes. */
    public void free(long object) {
        Live was = live.remove(object);
        check(object, was);
        if (was.cache() == KmemCache.NONE) {
            objects.kfree(object);
        } else {
            objects.freeObject(was.cache(), object);
        }
    }

    private void check(long object, Live as) {
        for (byte value : kernel.read(object, (int) as.usable())) {
            if (value != as.stamp()) {
                assertThat(value).as("a byte of object 0x%x", object).isEqualTo(as.stamp());
            }
        }
    }

    /** Every live object has kept its bytes. */
    public void check() {
        live.forEach(this::check);
    }

    /** Gives every object back. */
    public void freeAll() {
        for (Iterator<Long> rest = List.copyOf(live.keySet()).iterator(); rest.hasNext(); ) {
            free(rest.next());
        }
    }
}
