package org.kmemscope.slab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;

class SlabForkTest {
    private record Held(long object, KmemCache cache) {}

    /** Random work whose every answer is written down. */
    private static List<Long> work(Machine machine, List<KmemCache> caches, List<Held> held, long seed, int steps) {
        Kernel kernel = TestMachines.kernel(machine);
        Random random = new Random(seed);
        List<Long> answers = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            TestMachines.onCpu(machine, random.nextInt(machine.profile().cpus()));
            int dice = random.nextInt(100);
            if (dice < 1) {
                machine.tick(random.nextInt(machine.clock().hz()));
            } else if (dice < 2) {
                KmemCache made = kernel.kmemCacheCreate(new CacheSpec(
                        "more-" + seed + "-" + step, 8 + random.nextInt(2000), 0, 0, ObjectConstructor.NONE));
                caches.add(made);
                answers.add((long) made.id());
            } else if (held.isEmpty() || dice < 58) {
                KmemCache cache = random.nextBoolean() ? KmemCache.NONE : caches.get(random.nextInt(caches.size()));
                long object = cache == KmemCache.NONE
                        ? kernel.kmalloc(1 + random.nextInt(5000), Gfp.GFP_KERNEL)
                        : kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
                answers.add(object);
                held.add(new Held(object, cache));
            } else {
                Held freed = held.remove(random.nextInt(held.size()));
                if (freed.cache() == KmemCache.NONE) {
                    kernel.kfree(freed.object());
                } else {
                    kernel.kmemCacheFree(freed.cache(), freed.object());
                }
            }
        }
        return answers;
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-1g,cpus=2", "linux-2.6.38-mlinux,cpus=4", "linux-3.2-versatile", "linux-6.1-686-pae"})
    void aCopyMadeInMidWorkGoesOnWithTheSameAnswers(String profile) {
        Machine machine = TestMachines.boot(profile);
        Kernel kernel = TestMachines.kernel(machine);
        List<KmemCache> caches = new ArrayList<>();
        caches.add(kernel.kmemCacheCreate(
                new CacheSpec("rcu", 600, 0, SlabFlag.SLAB_TYPESAFE_BY_RCU.bit(), ObjectConstructor.NONE)));
        caches.add(kernel.kmemCacheCreate(new CacheSpec("plain", 52, 0, 0, ObjectConstructor.NONE)));
        List<Held> held = new ArrayList<>();
        work(machine, caches, held, 1, 3000);
        Machine copy = machine.fork("copy");
        assertThat(copy.verify().problems()).isEmpty();
        List<KmemCache> cachesOfCopy = new ArrayList<>(caches);
        List<Held> heldByCopy = new ArrayList<>(held);
        assertThat(work(copy, cachesOfCopy, heldByCopy, 2, 3000)).isEqualTo(work(machine, caches, held, 2, 3000));
        machine.tick(60L * machine.clock().hz());
        copy.tick(60L * copy.clock().hz());
        assertThat(copy.views().slabCaches()).isEqualTo(machine.views().slabCaches());
        assertThat(copy.views().zones()).isEqualTo(machine.views().zones());
        assertThat(copy.verify().problems()).isEmpty();
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void aCopyMadeInAGracePeriodEndsItToo() {
        Machine machine = TestMachines.boot("i386-1g");
        Kernel kernel = TestMachines.kernel(machine);
        KmemCache cache = kernel.kmemCacheCreate(
                new CacheSpec("rcu", 3000, 0, SlabFlag.SLAB_TYPESAFE_BY_RCU.bit(), ObjectConstructor.NONE));
        kernel.kmemCacheFree(cache, kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL));
        machine.objects().shrinkCache(cache);
        Machine copy = machine.fork("copy");
        machine.tick(1);
        copy.tick(1);
        assertThat(copy.pages().freePageCount()).isEqualTo(machine.pages().freePageCount());
        assertThat(copy.verify().problems()).isEmpty();
    }

    @Test
    void theConstructorGoesWithTheCopy() {
        Machine machine = TestMachines.boot("i386-1g");
        List<Long> constructed = new ArrayList<>();
        KmemCache cache =
                TestMachines.kernel(machine).kmemCacheCreate(new CacheSpec("made", 500, 0, 0, constructed::add));
        Machine copy = machine.fork("copy");
        TestMachines.kernel(copy).kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        assertThat(constructed).hasSize(TestMachines.cache(copy, "made").objectsPerSlab());
        assertThat(TestMachines.cache(machine, "made").slabs()).isZero();
    }
}
