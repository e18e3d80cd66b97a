package org.kmemscope.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.kmemscope.testkit.KmallocContract.refused;
import static org.kmemscope.testkit.KmallocContract.shrinkAll;
import static org.kmemscope.testkit.KmallocContract.zoneOf;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.kmemscope.api.error.KernelException;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.SlabCacheView;

/** {@code kmem_cache_create} and all that follows from it. */
interface CacheContract extends ObjectContract {
    /** What a cache is created with. */
    static CacheSpec spec(String name, int size, SlabFlag... flags) {
        int bits = 0;
        for (SlabFlag flag : flags) {
            bits |= flag.bit();
        }
        return new CacheSpec(name, size, 0, bits, ObjectConstructor.NONE);
    }

    @TestFactory
    default Stream<DynamicTest> objectsOfACacheHaveItsSizeAndItsAlignment() {
        return onEachMachine(machine -> {
            ObjectModel model = new ObjectModel(machine);
            for (int align = 8; align <= 4096; align *= 4) {
                for (int size : new int[] {8, 100, 1000, 4096, 6000}) {
                    model.addCache("of-" + size + "-at-" + align, size, align);
                }
            }
            model.addCaches();
            // about a third of the steps take objects of caches
            for (int step = 0; step < 1500; step++) {
                model.step(step);
            }
            machine.verify();
            model.freeAll();
            model.caches().forEach(cache -> assertThat(machine.objects().destroyCache(cache))
                    .isTrue());
        });
    }

    @TestFactory
    default Stream<DynamicTest> aCacheIsKnownByItsNameAsLongAsItIsThere() {
        return onEachMachine(machine -> {
            ObjectAllocator objects = machine.objects();
            KmemCache cache = objects.createCache(spec("mine", 72));
            KmemCache other = objects.createCache(spec("other", 2000));
            assertThat(cache.id()).isPositive().isNotEqualTo(other.id());
            assertThat(cache.name()).isEqualTo("mine");
            assertThat(objects.cache("mine")).isEqualTo(cache);
            assertThat(objects.cache("nobody's")).isEqualTo(KmemCache.NONE);
            assertThat(objects.destroyCache(cache)).isTrue();
            assertThat(objects.cache("mine")).isEqualTo(KmemCache.NONE);
            refused(() -> objects.allocObject(cache, machine.gfp(Gfp.GFP_KERNEL)));
            refused(() -> objects.destroyCache(cache));
            refused(() -> objects.allocObject(KmemCache.NONE, machine.gfp(Gfp.GFP_KERNEL)));
            KmemCache again = objects.createCache(spec("mine", 72));
            assertThat(again.id()).as("numbers are never used twice").isGreaterThan(other.id());
        });
    }

    @TestFactory
    default Stream<DynamicTest> aCacheWithObjectsStaysAndTheLogSaysWhy() {
        return onEachMachine(machine -> {
            ObjectAllocator objects = machine.objects();
            KmemCache cache = objects.createCache(spec("held", 40));
            long object = objects.allocObject(cache, machine.gfp(Gfp.GFP_KERNEL));
            assertThat(objects.destroyCache(cache)).isFalse();
            assertThat(machine.logged("held")).isTrue();
            machine.verify();
            long second = objects.allocObject(cache, machine.gfp(Gfp.GFP_KERNEL));
            assertThat(second).isNotZero().isNotEqualTo(object);
            objects.freeObject(cache, object);
            objects.freeObject(cache, second);
            assertThat(objects.destroyCache(cache)).isTrue();
        });
    }

    @TestFactory
    default Stream<DynamicTest> anObjectGoesBackOnceAndToItsOwnCache() {
        return onEachMachine(machine -> {
            ObjectAllocator objects = machine.objects();
            KmemCache mine = objects.createCache(spec("mine", 64));
            KmemCache other = objects.createCache(spec("other", 2000));
            long object = objects.allocObject(mine, machine.gfp(Gfp.GFP_KERNEL));
            refused(() -> objects.freeObject(mine, object + 4));
            refused(() -> objects.freeObject(mine, 0));
            machine.verify();
            objects.freeObject(mine, object);
            refused(() -> objects.freeObject(mine, object));
            long second = objects.allocObject(mine, machine.gfp(Gfp.GFP_KERNEL));
            if (refusedOrWarned(machine, () -> objects.freeObject(other, second))) {
                objects.freeObject(mine, second);
            }
        });
    }

    /** Whether a call is refused; if it is not, the kernel has warned, and did what was meant. */
    private static boolean refusedOrWarned(TestMachine machine, Runnable call) {
        long lines = machine.machine().log().written();
        try {
            call.run();
        } catch (KernelException words) {
            return true;
        }
        assertThat(machine.machine().log().written()).isGreaterThan(lines);
        return false;
    }

    @TestFactory
    default Stream<DynamicTest> anObjectIsHandedOutConstructed() {
        return onEachMachine(machine -> {
            ObjectAllocator objects = machine.objects();
            Set<Long> constructed = new HashSet<>();
            KmemCache cache = objects.createCache(new CacheSpec("made", 200, 0, 0, object -> {
                constructed.add(object);
                machine.machine().mmu().write32(object + 100, 0x600d);
            }));
            for (int round = 0; round < 3; round++) {
                List<Long> held = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    long object = objects.allocObject(cache, machine.gfp(Gfp.GFP_KERNEL));
                    assertThat(constructed).contains(object);
                    assertThat(machine.kernel().read32(object + 100)).isEqualTo(0x600d);
                    machine.kernel().write32(object, 0xbad);
                    held.add(object);
                }
                held.forEach(object -> objects.freeObject(cache, object));
            }
        });
    }

    @TestFactory
    default Stream<DynamicTest> aConstructorThatFailsLeavesNothingBehind() {
        return onEachMachine(machine -> {
            ObjectAllocator objects = machine.objects();
            KmemCache cache = objects.createCache(new CacheSpec(
                    "bad", 600, 0, 0, object -> machine.machine().mmu().write32(0, 1)));
            assertThatThrownBy(() -> objects.allocObject(cache, machine.gfp(Gfp.GFP_KERNEL)))
                    .hasMessageContaining("NULL pointer dereference");
            machine.verify();
            assertThat(objects.destroyCache(cache)).isTrue();
        });
    }

    @TestFactory
    default Stream<DynamicTest> aDmaCacheIsInZoneDma() {
        return onEachMachine(machine -> {
            assumeTrue(separatesZones() && machine.machine().profile().zoneDma(), "zones are not told apart");
            ObjectAllocator objects = machine.objects();
            KmemCache cache = objects.createCache(spec("dma", 300, SlabFlag.SLAB_CACHE_DMA));
            long object = objects.allocObject(cache, machine.gfp(Gfp.GFP_KERNEL, Gfp.GFP_DMA));
            assertThat(zoneOf(machine, object)).isEqualTo(ZoneType.DMA);
            objects.freeObject(cache, object);
        });
    }

    @TestFactory
    default Stream<DynamicTest> pagesOfAnRcuCacheAreKeptForAGracePeriod() {
        return onEachMachine(machine -> {
            ObjectAllocator objects = machine.objects();
            KmemCache cache = objects.createCache(spec("sock", 700, SlabFlag.SLAB_TYPESAFE_BY_RCU));
            long before = machine.freePages();
            List<Long> held = take(machine, cache, 200);
            held.forEach(object -> objects.freeObject(cache, object));
            objects.shrinkCache(cache);
            Findings free = new Findings();
            machine.machine().pages().verify(free);
            for (long object : held) {
                assertThat(free.claimed().get(machine.machine().layout().virtToPfn(object)))
                        .as("the page of object 0x%x, which somebody may still look at, is free", object)
                        .isFalse();
            }
            machine.verify();
            machine.machine().tick(1);
            objects.shrinkCache(cache);
            machine.machine().tick(1);
            assertThat(before - machine.freePages()).isLessThan(keptPages());
            objects.freeObject(cache, objects.allocObject(cache, machine.gfp(Gfp.GFP_KERNEL)));
            assertThat(objects.destroyCache(cache)).isTrue();
            machine.machine().tick(2);
        });
    }

    /** Takes objects of a cache. */
    static List<Long> take(TestMachine machine, KmemCache cache, int count) {
        List<Long> held = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            held.add(machine.objects().allocObject(cache, machine.gfp(Gfp.GFP_KERNEL)));
        }
        assertThat(held).doesNotContain(0L).doesNotHaveDuplicates();
        return held;
    }

    @TestFactory
    default Stream<DynamicTest> shrinkingGivesThePagesBack() {
        return onEachMachine(machine -> {
            ObjectAllocator objects = machine.objects();
            KmemCache cache = objects.createCache(spec("shrunk", 500));
            long free = machine.freePages();
            List<Long> held = take(machine, cache, 1000);
            assertThat(free - machine.freePages()).isGreaterThan(1000 * 500 / 4096);
            held.forEach(object -> objects.freeObject(cache, object));
            objects.shrinkCache(cache);
            assertThat(free - machine.freePages()).isLessThan(keptPages());
        });
    }

    @TestFactory
    default Stream<DynamicTest> aCacheIsSeenWithItsObjects() {
        return onEachMachine(machine -> {
            // a constructor keeps it from being merged with another
            KmemCache cache = machine.objects()
                    .createCache(new CacheSpec(
                            "seen", 120, 0, 0, object -> machine.machine().mmu().write32(object, 1)));
            List<Long> held = take(machine, cache, 77);
            SlabCacheView view = machine.cache("seen").orElseThrow();
            assertThat(view.activeObjects()).isBetween(77L, view.objects());
            assertThat(view.objectSize()).isGreaterThanOrEqualTo(120);
            held.forEach(object -> machine.objects().freeObject(cache, object));
            assertThat(machine.objects().destroyCache(cache)).isTrue();
            assertThat(machine.cache("seen")).isEmpty();
        });
    }

    @TestFactory
    default Stream<DynamicTest> makingAndDestroyingCachesLeavesNothingBehind() {
        return onEachMachine(machine -> {
            ObjectAllocator objects = machine.objects();
            long before = 0;
            for (int round = 0; round < 3; round++) {
                List<KmemCache> caches = new ArrayList<>();
                for (int i = 0; i < 40; i++) {
                    caches.add(objects.createCache(spec("cache-" + i, 8 + 60 * i)));
                }
                caches.forEach(
                        cache -> objects.freeObject(cache, objects.allocObject(cache, machine.gfp(Gfp.GFP_KERNEL))));
                caches.forEach(cache -> assertThat(objects.destroyCache(cache)).isTrue());
                shrinkAll(machine);
                long now = machine.freePages();
                if (round > 0) {
                    assertThat(now).isEqualTo(before);
                }
                before = now;
            }
        });
    }

    @TestFactory
    default Stream<DynamicTest> whatIsNoCacheIsRefused() {
        return onEachMachine(machine -> {
            ObjectAllocator objects = machine.objects();
            for (int size : new int[] {0, -1, Integer.MIN_VALUE}) {
                KmemCache made = KmemCache.NONE;
                try {
                    made = objects.createCache(spec("odd", size));
                } catch (KernelException words) {
                    assertThat(words.getMessage()).contains("odd");
                }
                assertThat(made).isEqualTo(KmemCache.NONE);
            }
            assertThat(objects.cache("odd")).isEqualTo(KmemCache.NONE);
        });
    }
}
