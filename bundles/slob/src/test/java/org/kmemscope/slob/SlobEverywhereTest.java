package org.kmemscope.slob;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.testkit.ObjectModel;
import org.kmemscope.testkit.TestMachine;

class SlobEverywhereTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "i386-1g",
                "i386-4g",
                "arm-exynos4412",
                "linux-2.6.24.3-atv",
                "linux-2.6.29-goldfish",
                "linux-2.6.29-vbox-pae",
                "linux-3.0.15-itop4412",
                "linux-3.0.3-tinycore",
                "linux-3.1.10-slacko",
                "linux-3.4.67-goldfish",
                "linux-3.8.13-odroidx",
                "linux-6.1-686",
                "linux-6.1-armmp",
                "linux-6.1-armmp-lpae"
            })
    void itWorksOnEveryMachine(String profile) {
        TestMachine machine = TestMachine.boot(profile, new SlobProvider());
        ObjectModel model = new ObjectModel(machine);
        model.addCache("lines", 100, 0, SlabFlag.SLAB_HWCACHE_ALIGN);
        model.addCache("rcu", 700, 0, SlabFlag.SLAB_TYPESAFE_BY_RCU);
        model.addCache("pages", 5000, 0);
        new Random(1).ints(1500).forEach(model::step);
        machine.verify();
        model.freeAll();
        machine.verify();
    }

    @ParameterizedTest
    @CsvSource({
        // objects of 20 bytes with SLAB_HWCACHE_ALIGN: a whole line before 3.9, since then as small a part as holds
        // them
        "i386-1g, 32, 4",
        "linux-2.6.38-mlinux, 32, 4",
        "linux-3.2-686-pae, 64, 4",
        "linux-3.2-versatile, 32, 32",
        "linux-3.8.13-odroidx, 64, 64",
        "linux-6.1-686, 32, 8",
        "linux-6.1-armmp, 32, 64"
    })
    void alignmentIsThatOfTheKernel(String profile, int lineAlign, int kmallocAlign) {
        TestMachine machine = TestMachine.boot(profile, new SlobProvider());
        KmemCache cache = machine.objects()
                .createCache(new CacheSpec("lines", 20, 0, SlabFlag.SLAB_HWCACHE_ALIGN.bit(), ObjectConstructor.NONE));
        assertThat(cache.id()).isPositive();
        SlabCacheView view = machine.cache("lines").orElseThrow();
        assertThat(view.attributes().get("align")).isEqualTo(Integer.toString(lineAlign));
        assertThat(machine.cache("kmalloc").orElseThrow().attributes().get("header"))
                .isEqualTo(Integer.toString(kmallocAlign));
    }

    @Test
    void powersOfTwoAreAlignedToThemselvesSince54() {
        TestMachine machine = TestMachine.boot("linux-6.1-686-pae,mem=128M", new SlobProvider());
        for (int size = 8; size <= 2048; size *= 2) {
            machine.objects().kmalloc(10, machine.gfp(Gfp.GFP_KERNEL));
            assertThat(machine.objects().kmalloc(size, machine.gfp(Gfp.GFP_KERNEL)) % size)
                    .isZero();
        }
        machine.verify();
    }

    @Test
    void theHeapIsSeenAsAWholeAndByWhatIsInIt() {
        TestMachine machine = TestMachine.boot("linux-3.2-686-pae,mem=128M", new SlobProvider());
        KmemCache cache = machine.objects()
                .createCache(new CacheSpec("inode", 400, 0, SlabFlag.SLAB_PANIC.bit(), ObjectConstructor.NONE));
        for (int i = 0; i < 30; i++) {
            machine.objects().allocObject(cache, machine.gfp(Gfp.GFP_KERNEL));
            machine.objects().kmalloc(60, machine.gfp(Gfp.GFP_KERNEL));
        }
        machine.objects().kmalloc(9000, machine.gfp(Gfp.GFP_KERNEL));
        SlabCacheView heap = machine.cache("slob").orElseThrow();
        assertThat(heap.slabs()).as("three pages of inodes, one of the rest").isEqualTo(4);
        assertThat(heap.activeObjects()).as("and struct kmem_cache").isEqualTo(61);
        assertThat(heap.attributes())
                .containsEntry("free_slob_small", "1")
                .containsEntry("free_slob_medium", "3")
                .containsEntry("free_slob_large", "0")
                .containsEntry("free_bytes", Integer.toString(4 * 4096 - 30 * 400 - 30 * 64 - 20));
        SlabCacheView inodes = machine.cache("inode").orElseThrow();
        assertThat(inodes.activeObjects()).isEqualTo(30);
        assertThat(inodes.attributes()).containsEntry("bytes", "12000").containsEntry("flags", "SLAB_PANIC");
        assertThat(machine.cache("kmalloc").orElseThrow().activeObjects()).isEqualTo(30);
        assertThat(machine.cache("kmalloc-large").orElseThrow().slabs()).isEqualTo(4);
    }

    @Test
    void eventsHaveTheValuesThatSlobGivesThem() {
        TestMachine machine = TestMachine.boot("linux-3.2-686-pae,mem=128M", new SlobProvider());
        List<String> events = new ArrayList<>();
        machine.machine()
                .trace()
                .listen(
                        (point, header, values) -> events.add(
                                point.event() + " " + values[2] + (values.length > 3 ? " " + values[3] : "")),
                        TracePoint.KMALLOC,
                        TracePoint.KMEM_CACHE_ALLOC);
        machine.objects().kmalloc(101, machine.gfp(Gfp.GFP_KERNEL));
        machine.objects().kmalloc(9000, machine.gfp(Gfp.GFP_KERNEL));
        KmemCache cache = machine.objects().createCache(new CacheSpec("odd", 51, 0, 0, ObjectConstructor.NONE));
        machine.objects().allocObject(cache, machine.gfp(Gfp.GFP_KERNEL));
        assertThat(events).containsExactly("kmalloc 101 105", "kmalloc 9000 16384", "kmem_cache_alloc 51 52");
    }
}
