package org.kmemscope.slab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.error.TaskKilled;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machine.ContextRequest;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.view.SlabCacheView;

class CacheLifeTest {
    private static CacheSpec spec(String name, int size, SlabFlag... flags) {
        int bits = 0;
        for (SlabFlag flag : flags) {
            bits |= flag.bit();
        }
        return new CacheSpec(name, size, 0, bits, ObjectConstructor.NONE);
    }

    private static boolean logged(Machine machine, String text) {
        return machine.log().lines().stream().anyMatch(line -> line.text().equals(text));
    }

    @Test
    void constructorRunsOnceForEachObjectOfASlabAndNotAtAllocation() {
        Machine machine = TestMachines.boot("i386-1g");
        Kernel kernel = TestMachines.kernel(machine);
        Set<Long> constructed = new TreeSet<>();
        KmemCache cache = kernel.kmemCacheCreate(new CacheSpec("made", 200, 0, 0, object -> {
            assertThat(constructed.add(object)).isTrue();
            machine.mmu().write32(object, 0x600d);
        }));
        assertThat(constructed).isEmpty();
        long object = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        assertThat(constructed).hasSize(TestMachines.cache(machine, "made").objectsPerSlab());
        assertThat(kernel.read32(object)).isEqualTo(0x600d);
        kernel.write32(object, 0xbad);
        kernel.kmemCacheFree(cache, object);
        assertThat(kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL)).isEqualTo(object);
        assertThat(kernel.read32(object)).as("handed out as it was given back").isEqualTo(0xbad);
        kernel.kmemCacheFree(cache, object);
        assertThat(kernel.kmemCacheDestroy(cache)).isTrue();
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void aConstructorThatFailsLeavesNothingBehind() {
        Machine machine = TestMachines.boot("i386-1g");
        Kernel kernel = TestMachines.kernel(machine);
        KmemCache cache = kernel.kmemCacheCreate(new CacheSpec("bad", 600, 0, 0, object -> {
            machine.mmu().write32(0, 1);
        }));
        long free = machine.pages().freePageCount();
        assertThatThrownBy(() -> kernel.kmemCacheAlloc(cache, kernel.gfp(Gfp.GFP_KERNEL)))
                .hasMessageContaining("NULL pointer dereference");
        assertThat(TestMachines.cache(machine, "bad").slabs()).isZero();
        machine.pages().drainAllPages();
        assertThat(machine.pages().freePageCount()).isGreaterThanOrEqualTo(free - 1);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "i386-1g | kmem_cache_create: duplicate cache twice",
                "linux-3.8.13-odroidx | kmem_cache_sanity_check (twice): Cache name already exists."
            })
    void aSecondCacheWithANameIsRefused(String profile, String words) {
        Machine machine = TestMachines.boot(profile);
        Kernel kernel = TestMachines.kernel(machine);
        KmemCache first = kernel.kmemCacheCreate(spec("twice", 40));
        assertThat(kernel.kmemCacheCreate(spec("twice", 60))).isEqualTo(KmemCache.NONE);
        assertThat(logged(machine, words)).isTrue();
        assertThat(machine.objects().cache("twice")).isEqualTo(first);
        assertThatThrownBy(() -> kernel.kmemCacheCreate(spec("twice", 60, SlabFlag.SLAB_PANIC)))
                .isInstanceOf(KernelBug.class)
                .hasMessage("Kernel panic - not syncing: kmem_cache_create(): failed to create slab `twice'");
        assertThat(kernel.kmemCacheDestroy(first)).isTrue();
        assertThat(kernel.kmemCacheCreate(spec("twice", 60)).id()).isGreaterThan(first.id());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "i386-1g | slab error in kmem_cache_destroy(): cache `held': Can't free all objects",
                "linux-3.8.13-odroidx | kmem_cache_destroy held: Slab cache still has objects"
            })
    void aCacheWithObjectsStaysAndBecomesTheFirst(String profile, String words) {
        Machine machine = TestMachines.boot(profile);
        Kernel kernel = TestMachines.kernel(machine);
        KmemCache cache = kernel.kmemCacheCreate(spec("held", 40));
        kernel.kmemCacheCreate(spec("younger", 40));
        long object = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        assertThat(kernel.kmemCacheDestroy(cache)).isFalse();
        assertThat(logged(machine, words)).isTrue();
        SlabCacheView view = machine.views().slabCaches().get(0);
        assertThat(view.name()).isEqualTo("held");
        assertThat(view.activeObjects()).as("nothing is left in arrays").isEqualTo(1);
        assertThat(machine.verify().problems()).isEmpty();
        kernel.kmemCacheFree(cache, object);
        assertThat(kernel.kmemCacheDestroy(cache)).isTrue();
        assertThat(machine.objects().cache("held")).isEqualTo(KmemCache.NONE);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void makingAndDestroyingCachesLeavesNothingBehind() {
        Machine machine = TestMachines.boot("i386-1g,cpus=4");
        Kernel kernel = TestMachines.kernel(machine);
        List<SlabCacheView> before = List.of();
        for (int round = 0; round < 3; round++) {
            List<KmemCache> caches = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                caches.add(kernel.kmemCacheCreate(spec("cache-" + i, 8 + 60 * i)));
            }
            caches.forEach(cache -> kernel.kmemCacheFree(cache, kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL)));
            caches.forEach(cache -> assertThat(kernel.kmemCacheDestroy(cache)).isTrue());
            machine.views().slabCaches().forEach(view -> machine.objects()
                    .shrinkCache(machine.objects().cache(view.name())));
            List<SlabCacheView> now = machine.views().slabCaches();
            if (round > 0) {
                assertThat(now.stream().map(SlabCacheView::activeObjects))
                        .isEqualTo(before.stream()
                                .map(SlabCacheView::activeObjects)
                                .toList());
            }
            before = now;
        }
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void aCacheThatFindsNoMemoryIsGivenUpWhole() {
        Machine machine = TestMachines.boot("i386-32m,cpus=2");
        Kernel kernel = TestMachines.kernel(machine);
        int hog = machine.gfp().of(Gfp.GFP_KERNEL) | machine.gfp().of(Gfp.__GFP_NORETRY);
        while (machine.pages().allocPages(hog, 0) >= 0) {
            // all but what others cannot have
        }
        int caches = 0;
        try {
            while (true) {
                caches = machine.views().slabCaches().size();
                kernel.kmemCacheCreate(spec("cache-" + caches, 100));
            }
        } catch (TaskKilled killed) {
            assertThat(killed).hasMessageStartingWith("Out of memory: ");
        }
        assertThat(machine.views().slabCaches()).hasSize(caches);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void whatIsNoCacheIsRefused() {
        Machine machine = TestMachines.boot("i386-1g");
        Kernel kernel = TestMachines.kernel(machine);
        for (int size : new int[] {0, 3, -1, (128 << 10) + 1}) {
            assertThatThrownBy(() -> kernel.kmemCacheCreate(spec("odd", size))).isInstanceOf(KernelBug.class);
            assertThat(logged(machine, "kmem_cache_create: Early error in slab odd"))
                    .isTrue();
        }
        assertThatThrownBy(() -> kernel.kmemCacheCreate(new CacheSpec("odd", 40, 24, 0, ObjectConstructor.NONE)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no power of two");
        assertThatThrownBy(() -> kernel.kmemCacheCreate(spec("odd", 40, SlabFlag.SLAB_POISON)))
                .isInstanceOf(KernelBug.class)
                .hasMessageContaining("CONFIG_DEBUG_SLAB");
        assertThatThrownBy(() -> kernel.kmemCacheDestroy(machine.objects().cache("size-64")))
                .isInstanceOf(KernelBug.class);
        machine.setContext(new ContextRequest(0, ContextRequest.Kind.SOFTIRQ));
        assertThatThrownBy(() -> kernel.kmemCacheCreate(spec("odd", 40))).isInstanceOf(KernelBug.class);
        machine.setContext(new ContextRequest(0, ContextRequest.Kind.ATOMIC));
        assertThatThrownBy(() -> kernel.kmemCacheCreate(spec("odd", 40)))
                .hasMessageContaining("sleeping function called from invalid context at kernel/mutex.c");
        machine.setContext(new ContextRequest(0, ContextRequest.Kind.PROCESS));
        assertThat(machine.objects().cache("odd")).isEqualTo(KmemCache.NONE);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void aDmaCacheWantsDmaMasksAndOthersDoNot() {
        Machine machine = TestMachines.boot("linux-2.6.24.3-atv");
        Kernel kernel = TestMachines.kernel(machine);
        KmemCache dma = kernel.kmemCacheCreate(spec("dma", 300, SlabFlag.SLAB_CACHE_DMA));
        KmemCache common = kernel.kmemCacheCreate(spec("common", 300));
        assertThatThrownBy(() -> kernel.kmemCacheAlloc(dma, kernel.gfp(Gfp.GFP_KERNEL)))
                .hasMessageContaining("without GFP_DMA for cache `dma'");
        assertThatThrownBy(() -> kernel.kmemCacheAlloc(common, kernel.gfp(Gfp.GFP_KERNEL, Gfp.GFP_DMA)))
                .hasMessageContaining("made without SLAB_CACHE_DMA");
        long object = kernel.kmemCacheAlloc(dma, kernel.gfp(Gfp.GFP_ATOMIC, Gfp.GFP_DMA));
        int pfn = machine.layout().virtToPfn(object);
        assertThat(machine.pages().zoneType(machine.frames().zone(pfn))).isEqualTo(ZoneType.DMA);
    }

    @Test
    void reclaimableCachesTakeReclaimablePages() {
        Machine machine = TestMachines.boot("linux-2.6.38-mlinux");
        Kernel kernel = TestMachines.kernel(machine);
        KmemCache cache = kernel.kmemCacheCreate(spec("inode_cache", 352, SlabFlag.SLAB_RECLAIM_ACCOUNT));
        long object = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        int type = machine.frames().blockType(machine.layout().virtToPfn(object));
        assertThat(machine.gfp().migrateTypes().type(type)).isEqualTo(MigrateType.RECLAIMABLE);
    }

    @ParameterizedTest
    @ValueSource(ints = {700, 3000})
    void pagesOfAnRcuCacheWaitForAGracePeriod(int size) {
        Machine machine = TestMachines.boot("linux-2.6.38-mlinux");
        Kernel kernel = TestMachines.kernel(machine);
        KmemCache cache = kernel.kmemCacheCreate(spec("sock", size, SlabFlag.SLAB_TYPESAFE_BY_RCU));
        long object = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        kernel.kmemCacheFree(cache, object);
        int pages = TestMachines.cache(machine, "sock").pagesPerSlab();
        assertThat(machine.objects().shrinkCache(cache)).isEqualTo(pages);
        int pfn = machine.layout().virtToPfn(object);
        assertThat(TestMachines.cache(machine, "sock").slabs()).isZero();
        assertThat(machine.frames().is(pfn, PageFlag.SLAB)).isTrue();
        assertThat(machine.verify().problems()).isEmpty();
        machine.tick(1);
        assertThat(machine.frames().is(pfn, PageFlag.SLAB)).isFalse();
        assertThat(machine.verify().problems()).isEmpty();

        long last = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        kernel.kmemCacheFree(cache, last);
        assertThat(kernel.kmemCacheDestroy(cache))
                .as("waits for the grace period itself")
                .isTrue();
        assertThat(machine.frames().is(machine.layout().virtToPfn(last), PageFlag.SLAB))
                .isFalse();
        machine.tick(5);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void slabsOfACacheHaveOneColourAfterTheOther() {
        Machine machine = TestMachines.boot("i386-1g");
        Kernel kernel = TestMachines.kernel(machine);
        KmemCache cache = kernel.kmemCacheCreate(spec("striped", 256, SlabFlag.SLAB_HWCACHE_ALIGN));
        List<Long> offsets = new ArrayList<>();
        for (int i = 0; i < 6 * 15; i++) {
            long object = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
            ObjectView view = machine.objects().objectAt(object).orElseThrow();
            if (view.index() == 0) {
                offsets.add(view.address() - view.slab());
            }
        }
        assertThat(offsets).containsExactly(96L, 128L, 160L, 192L, 224L, 96L);
    }
}
