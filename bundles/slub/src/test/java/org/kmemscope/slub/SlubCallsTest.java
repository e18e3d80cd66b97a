package org.kmemscope.slub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.ObjectView;

/** The calls of drivers: caches, kinds of memory, large objects, events, and what can be seen of them. */
class SlubCallsTest {
    private final Machine machine = TestMachines.boot("linux-6.1-686-pae,cpus=2");
    private final Kernel kernel = TestMachines.kernel(machine);

    private CacheSpec spec(String name, int size, SlabFlag... flags) {
        int bits = 0;
        for (SlabFlag flag : flags) {
            bits |= flag.bit();
        }
        return new CacheSpec(name, size, 0, bits, ObjectConstructor.NONE);
    }

    private String cacheOf(long object) {
        return machine.objects().objectAt(object).orElseThrow().cache();
    }

    @Test
    void kindsOfMemoryHaveCachesOfTheirOwn() {
        int normal = machine.gfp().of(Gfp.GFP_KERNEL);
        assertThat(cacheOf(kernel.kmalloc(100, normal))).isEqualTo("kmalloc-128");
        assertThat(cacheOf(kernel.kmalloc(1500, normal))).isEqualTo("kmalloc-2k");
        assertThat(cacheOf(kernel.kmalloc(100, normal | machine.gfp().of(Gfp.__GFP_ACCOUNT))))
                .isEqualTo("kmalloc-cg-128");
        assertThat(cacheOf(kernel.kmalloc(100, normal | machine.gfp().of(Gfp.__GFP_RECLAIMABLE))))
                .isEqualTo("kmalloc-rcl-128");
        long dma = kernel.kmalloc(100, normal | machine.gfp().of(Gfp.__GFP_DMA));
        assertThat(cacheOf(dma)).isEqualTo("dma-kmalloc-128");
        assertThat(machine.layout().virtToPhys(dma)).isLessThan(16 << 20);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void aCacheForDmaIsMadeWhenItIsFirstAskedForIn2629() {
        Machine old = TestMachines.boot("linux-2.6.29-goldfish");
        assertThat(old.objects().cache("kmalloc_dma-512")).isEqualTo(KmemCache.NONE);
        long object = TestMachines.kernel(old).kmalloc(400, old.gfp().parse("GFP_KERNEL|GFP_DMA"));
        assertThat(old.objects().objectAt(object).orElseThrow().cache()).isEqualTo("kmalloc_dma-512");
        assertThat(TestMachines.cache(old, "kmalloc_dma-512").attributes())
                .containsEntry("cache_dma", "1")
                .containsEntry("id", ":d-0000512");
        assertThat(old.verify().problems()).isEmpty();
    }

    @Test
    void largeObjectsArePages() {
        long free = machine.pages().freePageCount();
        long object = kernel.kmalloc(20_000, Gfp.GFP_KERNEL);
        assertThat(kernel.ksize(object)).isEqualTo(32768);
        ObjectView view = machine.objects().objectAt(object + 12_345).orElseThrow();
        assertThat(view.state()).isEqualTo(ObjectView.State.LARGE);
        assertThat(view.address()).isEqualTo(object);
        assertThat(machine.whatis(object + 5))
                .map(AddressFact::toString)
                .anyMatch(fact -> fact.contains("large object of kmalloc, 32768 bytes of pages, offset +5"));
        assertThat(machine.verify().problems()).isEmpty();
        kernel.kfree(object);
        assertThat(machine.objects().objectAt(object)).isEmpty();
        machine.pages().drainAllPages();
        assertThat(machine.pages().freePageCount()).isGreaterThanOrEqualTo(free);
        assertThat(kernel.kmalloc(machine.objects().kmallocMax() + 1, Gfp.GFP_KERNEL))
                .isZero();
        assertThat(kernel.kmalloc(0, Gfp.GFP_KERNEL)).isEqualTo(ObjectAllocator.ZERO_SIZE_PTR);
    }

    @Test
    void likeCachesShareSlabsUnderTheirOwnNames() {
        KmemCache first = kernel.kmemCacheCreate(spec("first", 204));
        KmemCache second = kernel.kmemCacheCreate(spec("second", 202));
        assertThat(second.id()).isNotEqualTo(first.id());
        assertThat(machine.objects().cache("second")).isEqualTo(second);
        assertThat(TestMachines.cache(machine, "first").attributes())
                .containsEntry("aliases", "1")
                .containsEntry("names", "first second")
                .containsEntry("id", ":0000208");
        long object = kernel.kmemCacheAlloc(second, Gfp.GFP_KERNEL);
        assertThat(cacheOf(object)).isEqualTo("first");
        assertThat(kernel.kmemCacheDestroy(first)).isTrue();
        kernel.kmemCacheFree(second, object);
        assertThat(machine.objects().cache("first")).isEqualTo(KmemCache.NONE);
        assertThat(kernel.kmemCacheDestroy(second)).isTrue();
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void aConstructorRunsOnceForEachObjectOfASlab() {
        List<Long> constructed = new ArrayList<>();
        KmemCache cache = kernel.kmemCacheCreate(new CacheSpec("built", 500, 0, 0, object -> {
            constructed.add(object);
            machine.ram().write32(machine.layout().virtToPhys(object), 0xfeed);
        }));
        for (int i = 0; i < 3; i++) {
            long object = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
            assertThat(machine.mmu().read32(object)).isEqualTo(0xfeed);
            kernel.kmemCacheFree(cache, object);
        }
        assertThat(constructed)
                .hasSize(TestMachines.cache(machine, "built").objectsPerSlab())
                .doesNotHaveDuplicates();
        assertThat(constructed)
                .isNotEqualTo(
                        constructed.stream().sorted(Comparator.naturalOrder()).toList());
    }

    @Test
    void eventsTellWhatWasAskedForAndWhatWasGiven() {
        List<String> events = new ArrayList<>();
        machine.trace()
                .listen(
                        (point, header, values) -> events.add(
                                String.format("%s %x %d %d", point.event(), values[1], values[2], values[3])),
                        TracePoint.KMALLOC,
                        TracePoint.KMEM_CACHE_ALLOC);
        KmemCache cache = machine.objects().cache("kmalloc-cg-96");
        long small = kernel.kmalloc(70, Gfp.GFP_KERNEL);
        long large = kernel.kmalloc(9000, Gfp.GFP_KERNEL);
        long object = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        assertThat(events)
                .containsExactly(
                        String.format("kmalloc %x 70 96", small),
                        String.format("kmalloc %x 9000 16384", large),
                        String.format("kmem_cache_alloc %x 96 96", object));
    }

    @Test
    void everyPartOfASlabIsKnown() {
        KmemCache cache = kernel.kmemCacheCreate(
                spec("parts", 100, SlabFlag.SLAB_RED_ZONE, SlabFlag.SLAB_STORE_USER, SlabFlag.SLAB_POISON));
        long object = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        int index = machine.objects().objectAt(object).orElseThrow().index();
        List<String> parts =
                List.of("left red zone", "red zone", "free pointer", "allocation track", "free track", "padding");
        long[] at = {object - 1, object + 100, object + 104, object + 108, object + 128, object + 150};
        for (int i = 0; i < at.length; i++) {
            assertThat(machine.whatis(at[i]).toString()).contains(parts.get(i) + " of object " + index + " of slab");
        }
        long slab = machine.objects().objectAt(object).orElseThrow().slab();
        assertThat(machine.whatis(slab + 4095).toString()).contains("left over of slab");
        KmemCache own = machine.objects().cache("kmem_cache");
        assertThat(own).isNotEqualTo(KmemCache.NONE);
        String address = TestMachines.cache(machine, "parts").attributes().get("address");
        assertThat(machine.whatis(Long.decode(address)).toString()).contains("struct kmem_cache of cache parts");
    }

    /** Without zeroing: RAM that is zeroed in whole chunks takes no host memory until it is written to. */
    @Test
    void takingAndGivingAllocatesNothingOnTheHost(@TempDir Path folder) throws IOException {
        String text = "\"CONFIG_INIT_ON_ALLOC_DEFAULT_ON\": \"y\", ";
        Machine machine = TestMachines.boot(TestMachines.variant(folder, "linux-6.1-686-pae", text, ""));
        assumeThat(ManagementFactory.getThreadMXBean()).isInstanceOf(ThreadMXBean.class);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        assumeThat(threads.isThreadAllocatedMemorySupported()).isTrue();
        KmemCache cache = machine.objects().createCache(spec("hot", 200));
        long id = Thread.currentThread().getId();
        long[] held = new long[1000];
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 8 && least > 0; attempt++) {
            long before = threads.getThreadAllocatedBytes(id);
            rotate(machine, cache, held);
            least = Math.min(least, threads.getThreadAllocatedBytes(id) - before);
        }
        // 40,000 objects that move between CPU, partial lists and pages: one host object each would be megabytes
        assertThat(least).isLessThan(4_096);
        assertThat(machine.verify().problems()).isEmpty();
    }

    /** Objects come back in another order than they went. */
    private static void rotate(Machine machine, KmemCache cache, long[] held) {
        ObjectAllocator objects = machine.objects();
        int gfp = machine.gfp().of(Gfp.GFP_ATOMIC);
        for (int round = 0; round < 40; round++) {
            for (int i = 0; i < held.length; i += 2) {
                held[i] = objects.allocObject(cache, gfp);
                held[i + 1] = objects.kmalloc(i + 1, gfp);
            }
            for (int i = 0; i < held.length; i++) {
                int at = (i * 7 + round) % held.length;
                if (at % 2 == 0) {
                    objects.freeObject(cache, held[at]);
                } else {
                    objects.kfree(held[at]);
                }
            }
        }
    }
}
