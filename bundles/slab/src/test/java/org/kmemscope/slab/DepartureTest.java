package org.kmemscope.slab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.slab.SlabHandover;
import org.kmemscope.machine.Providers;

/** What the SLAB leaves behind, on machines that have no other object allocator. */
class DepartureTest {
    private final SlabProvider provider = new SlabProvider();
    private Machine machine;
    private ObjectAllocator slab;
    private int gfp;

    private void boot(String specification) {
        Providers bare = TestMachines.providers();
        machine = TestMachines.FACTORY.boot(
                "test",
                TestMachines.FACTORY.load(specification),
                new Providers(
                        bare.memory(),
                        bare.mmu(),
                        bare.gfp(),
                        bare.freeAreas(),
                        bare.pages(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
        gfp = machine.gfp().of(Gfp.GFP_ATOMIC);
    }

    private long freePages() {
        machine.pages().drainAllPages();
        return machine.pages().freePageCount();
    }

    private KmemCache cache(String name, int size, SlabFlag... flags) {
        int bits = 0;
        for (SlabFlag flag : flags) {
            bits |= flag.bit();
        }
        return slab.createCache(new CacheSpec(name, size, 0, bits, ObjectConstructor.NONE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-1g", "i386-32m", "linux-2.6.38-mlinux,cpus=4", "linux-3.8.13-odroidx"})
    void everyPageIsGivenBackWhenNobodyHoldsAnything(String specification) {
        boot(specification);
        long free = freePages();
        slab = provider.create(machine);
        KmemCache cache = cache("packets", 1200);
        long object = slab.allocObject(cache, gfp);
        slab.freeObject(cache, object);
        slab.kfree(slab.kmalloc(100, gfp));

        SlabHandover left = slab.detach();

        assertThat(left.blocks()).isEmpty();
        assertThat(left.caches()).extracting(SlabHandover.Cache::handle).containsExactly(cache);
        assertThat(freePages()).isEqualTo(free);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-1g", "linux-2.6.38-mlinux,cpus=4", "linux-3.8.13-odroidx"})
    void whatIsHandedOverIsExactlyWhatOthersHold(String specification) {
        boot(specification);
        long free = freePages();
        slab = provider.create(machine);
        KmemCache small = cache("small", 24);
        KmemCache large = cache("large", 1088, SlabFlag.SLAB_HWCACHE_ALIGN);
        TreeMap<Long, String> held = new TreeMap<>();
        Random random = new Random(5);
        for (int i = 0; i < 3000; i++) {
            TestMachines.onCpu(machine, random.nextInt(machine.profile().cpus()));
            if (held.size() > 100 && random.nextInt(5) < 2) {
                long object = held.ceilingKey(
                        held.firstKey() + (long) (random.nextDouble() * (held.lastKey() - held.firstKey())));
                held.remove(object);
                slab.kfree(object);
            } else if (i % 3 == 0) {
                long object = slab.kmalloc(1 + random.nextInt(9000), gfp);
                held.put(object, 0 + " " + slab.ksize(object));
            } else {
                KmemCache cache = i % 3 == 1 ? small : large;
                held.put(slab.allocObject(cache, gfp), cache.id() + " " + slab.objectSize(cache));
            }
        }

        SlabHandover left = slab.detach();

        TreeMap<Long, String> found = new TreeMap<>();
        long pages = 0;
        for (SlabHandover.Block block : left.blocks()) {
            pages += 1L << block.order();
            for (int i = 0; i < block.offsets().length; i++) {
                found.put(
                        machine.layout().pfnToVirt(block.pfn()) + block.offsets()[i],
                        block.caches()[i] + " " + block.sizes()[i]);
            }
            assertThat(machine.frames().count(block.pfn())).isEqualTo(1);
        }
        assertThat(found).isEqualTo(held);
        assertThat(freePages()).isEqualTo(free - pages);
        for (int pfn = machine.frames().firstPfn(); pfn < machine.frames().endPfn(); pfn++) {
            assertThat(machine.frames().is(pfn, PageFlag.SLAB)).isFalse();
        }
        left.blocks().forEach(block -> machine.pages().freePages(block.pfn(), block.order()));
        assertThat(freePages()).isEqualTo(free);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void anEmptySlabThatReadersMayLookAtStaysForAGracePeriod() {
        boot("i386-1g");
        slab = provider.create(machine);
        KmemCache cache = cache("rcu", 700, SlabFlag.SLAB_TYPESAFE_BY_RCU);
        slab.freeObject(cache, slab.allocObject(cache, gfp));

        SlabHandover left = slab.detach();

        assertThat(left.blocks()).hasSize(1);
        assertThat(left.blocks().get(0).afterGracePeriod()).isTrue();
        assertThat(left.liveObjects()).isZero();
    }

    @Test
    void slabsWhoseStructuresAreOverwrittenAreHandedOverAllTheSame() {
        boot("i386-1g");
        slab = provider.create(machine);
        KmemCache cache = cache("victim", 100);
        List<Long> held = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            held.add(slab.allocObject(cache, gfp));
        }
        // list links, s_mem, inuse, free and every index
        for (long object : held) {
            machine.ram().fill(machine.layout().virtToPhys(object & -4096L), 200, 0x5a);
        }

        SlabHandover left = slab.detach();

        assertThat(left.liveObjects()).isEqualTo(held.size());
    }

    @Test
    void aSuccessorHasTheCachesUnderTheirHandles() {
        boot("i386-1g");
        slab = provider.create(machine);
        KmemCache first = cache("first", 20, SlabFlag.SLAB_RECLAIM_ACCOUNT);
        List<Long> constructed = new ArrayList<>();
        KmemCache second = slab.createCache(new CacheSpec("second", 60, 16, 0, constructed::add));
        SlabHandover left = slab.detach();
        boot("i386-1g,cpus=2");

        ObjectAllocator successor = provider.create(machine, left);

        assertThat(successor.cache("first")).isEqualTo(first);
        assertThat(successor.objectSize(second)).isEqualTo(64);
        assertThat(successor.allocObject(second, gfp)).isIn(constructed);
        assertThat(cacheIn(successor, "third").id()).isGreaterThan(left.lastCacheId());
        SlabHandover again = successor.detach();
        assertThat(again.caches()).extracting(kept -> kept.handle().name()).containsExactly("first", "second", "third");
        assertThat(again.caches().subList(0, 2)).isEqualTo(left.caches());
    }

    private static KmemCache cacheIn(ObjectAllocator allocator, String name) {
        return allocator.createCache(new CacheSpec(name, 32, 0, 0, ObjectConstructor.NONE));
    }

    @Test
    void aCacheThatCannotBeIsRefused() {
        boot("i386-1g");
        SlabHandover.Cache odd = new SlabHandover.Cache(
                new KmemCache(1, "giant"), new CacheSpec("giant", 64 << 20, 0, 0, ObjectConstructor.NONE), "giant");

        assertThatThrownBy(() -> provider.create(machine, new SlabHandover("other", 1, List.of(odd), List.of())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("`giant'");
    }
}
