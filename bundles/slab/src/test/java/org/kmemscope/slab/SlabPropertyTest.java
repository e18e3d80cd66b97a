package org.kmemscope.slab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.view.SlabCacheView;

/**
 * Random work on several caches and CPUs against a model that knows nothing but which bytes are whose: no two live objects share
 * a byte, each is aligned, keeps what was written, and is counted.
 */
class SlabPropertyTest {
    private static final String[] MACHINES = {
        "i386-32m,cpus=1",
        "i386-1g,cpus=2",
        "linux-2.6.38-mlinux,cpus=4",
        "linux-3.2-vexpress,cpus=3",
        "linux-3.8.13-odroidx"
    };
    private static final int STEPS = 3000;

    private static final class Model {
        final Machine machine;
        final Kernel kernel;
        final Random random;
        final TreeMap<Long, Live> live = new TreeMap<>();
        final List<CacheUse> caches = new ArrayList<>();

        record Live(long size, KmemCache cache, int stamp) {}

        record CacheUse(KmemCache cache, int size, int align) {}

        Model(Machine machine, long seed) {
            this.machine = machine;
            kernel = TestMachines.kernel(machine);
            random = new Random(seed);
        }

        void addCache(String name, int size, int align, SlabFlag... flags) {
            int bits = 0;
            for (SlabFlag flag : flags) {
                bits |= flag.bit();
            }
            KmemCache cache = kernel.kmemCacheCreate(new CacheSpec(name, size, align, bits, ObjectConstructor.NONE));
            assertThat(cache.id()).isPositive();
            caches.add(new CacheUse(cache, size, Math.max(4, align)));
        }

        void step(int number) {
            TestMachines.onCpu(machine, random.nextInt(machine.profile().cpus()));
            int dice = random.nextInt(1000);
            if (dice < 3) {
                machine.tick(random.nextInt(5 * machine.clock().hz()));
            } else if (dice < 6) {
                machine.objects()
                        .shrinkCache(caches.get(random.nextInt(caches.size())).cache());
            } else if (live.isEmpty() || dice < 530 + 200 * Math.sin(number / 200.0)) {
                allocate(number);
            } else {
                free();
            }
        }

        private void allocate(int stamp) {
            if (random.nextBoolean()) {
                long size = 1 + random.nextInt(1 << random.nextInt(14));
                long object = kernel.kmalloc(size, Gfp.GFP_ATOMIC);
                if (object != 0) {
                    assertThat(kernel.ksize(object)).isGreaterThanOrEqualTo(size);
                    take(object, size, Integer.BYTES, KmemCache.NONE, stamp);
                }
            } else {
                CacheUse use = caches.get(random.nextInt(caches.size()));
                long object = kernel.kmemCacheAlloc(use.cache(), Gfp.GFP_ATOMIC);
                if (object != 0) {
                    take(object, use.size(), use.align(), use.cache(), stamp);
                }
            }
        }

        private void take(long object, long size, int align, KmemCache cache, int stamp) {
            assertThat(object % align).isZero();
            Map.Entry<Long, Live> before = live.floorEntry(object);
            assertThat(before == null || before.getKey() + before.getValue().size() <= object)
                    .as("object 0x%x begins in another", object)
                    .isTrue();
            Long after = live.ceilingKey(object);
            assertThat(after == null || object + size <= after)
                    .as("object 0x%x of %d bytes reaches into another", object, size)
                    .isTrue();
            live.put(object, new Live(size, cache, stamp));
            kernel.memset(object, stamp, size);
            ObjectView view = machine.objects().objectAt(object + size - 1).orElseThrow();
            assertThat(view.address()).isEqualTo(object);
            assertThat(view.state()).isEqualTo(ObjectView.State.ALLOCATED);
        }

        private void free() {
            Long at = live.floorKey(0xc000_0000L + (random.nextInt() & 0x3fff_ffffL));
            long object = at == null ? live.firstKey() : at;
            Live was = live.remove(object);
            for (byte value : kernel.read(object, (int) was.size())) {
                assertThat(value).as("object 0x%x", object).isEqualTo((byte) was.stamp());
            }
            if (was.cache() == KmemCache.NONE) {
                kernel.kfree(object);
            } else {
                kernel.kmemCacheFree(was.cache(), object);
            }
        }

        void checkCounts() {
            Map<String, Long> held = new HashMap<>();
            live.values().stream()
                    .filter(object -> object.cache() != KmemCache.NONE)
                    .forEach(object -> held.merge(object.cache().name(), 1L, Long::sum));
            for (SlabCacheView view : machine.views().slabCaches()) {
                long allocated = Long.parseLong(view.attributes().get("allocs"))
                        - Long.parseLong(view.attributes().get("frees"));
                assertThat(view.activeObjects()).isBetween(allocated, view.objects());
                if (caches.stream().anyMatch(use -> use.cache().name().equals(view.name()))) {
                    assertThat(allocated)
                            .as(view.name())
                            .isEqualTo(held.getOrDefault(view.name(), 0L).longValue());
                }
            }
            assertThat(machine.verify().problems()).isEmpty();
        }

        void end() {
            while (!live.isEmpty()) {
                free();
            }
            for (CacheUse use : caches) {
                assertThat(kernel.kmemCacheDestroy(use.cache())).isTrue();
            }
        }
    }

    @Property(tries = 25)
    void objectsAreDisjointAlignedKeptAndCounted(@ForAll long seed, @ForAll @IntRange(max = 4) int which) {
        Machine machine = TestMachines.boot(MACHINES[which]);
        long free = machine.pages().freePageCount();
        Model model = new Model(machine, seed);
        model.addCache("tiny", 4, 0);
        model.addCache("odd", 20, 0);
        model.addCache("lines", 100, 0, SlabFlag.SLAB_HWCACHE_ALIGN);
        model.addCache("inode", 440, 0, SlabFlag.SLAB_RECLAIM_ACCOUNT);
        model.addCache("large", 1088, 64);
        model.addCache("rcu", 700, 0, SlabFlag.SLAB_TYPESAFE_BY_RCU);
        model.addCache("page", 4096, 4096);
        for (int step = 0; step < STEPS; step++) {
            model.step(step);
        }
        TestMachines.onCpu(machine, 0);
        model.checkCounts();
        model.end();
        for (SlabCacheView view : machine.views().slabCaches()) {
            machine.objects().shrinkCache(machine.objects().cache(view.name()));
        }
        machine.pages().drainAllPages();
        assertThat(machine.verify().problems()).isEmpty();
        // what is not given back are slabs that the allocator itself has objects in, which others shared
        assertThat(free - machine.pages().freePageCount()).isLessThan(40);
    }
}
