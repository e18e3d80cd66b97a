package org.kmemscope.slab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.ObjectView;

/** What can be asked of an address and of a cache. */
class SlabFactsTest {
    private final Machine machine = TestMachines.boot("linux-2.6.38-mlinux,cpus=2");
    private final Kernel kernel = TestMachines.kernel(machine);

    private List<String> facts(long virt) {
        return machine.whatis(virt).stream()
                .filter(fact -> fact.layer().equals("slab"))
                .map(AddressFact::text)
                .toList();
    }

    @Test
    void anAddressInAnObjectIsDescribedByObjectSlabAndCache() {
        long object = kernel.kmalloc(50, Gfp.GFP_KERNEL);
        ObjectView view = machine.objects().objectAt(object + 12).orElseThrow();
        assertThat(view.address()).isEqualTo(object);
        assertThat(view.size()).isEqualTo(64);
        assertThat(facts(object + 12))
                .containsExactly(String.format(
                        "object %d of slab 0x%08x of cache size-64, allocated, offset +12 (object 0x%08x-0x%08x)",
                        view.index(), view.slab(), object, object + 64));
        kernel.kfree(object);
        assertThat(facts(object).get(0)).contains("free, in an array of free objects");
    }

    @Test
    void everyByteOfASlabIsSomething() {
        KmemCache cache = kernel.kmemCacheCreate(
                new CacheSpec("coloured", 256, 0, SlabFlag.SLAB_HWCACHE_ALIGN.bit(), ObjectConstructor.NONE));
        long object = 0;
        for (int i = 0; i < 16; i++) {
            object = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        }
        long slab = machine.objects().objectAt(object).orElseThrow().slab();
        Map<Integer, String> expected = Map.of(
                0,
                "colour of slab",
                63,
                "colour of slab",
                64,
                "struct slab of slab",
                64 + 28,
                "free index (kmem_bufctl_t) of object 0",
                64 + 28 + 15 * 4 - 1,
                "free index (kmem_bufctl_t) of object 14",
                64 + 28 + 15 * 4,
                "padding before object 0",
                64 + 128,
                "object 0 of slab",
                64 + 128 + 15 * 256 - 1,
                "object 14 of slab",
                64 + 128 + 15 * 256,
                "left over of slab",
                4095,
                "left over of slab");
        expected.forEach(
                (offset, text) -> assertThat(facts(slab + offset).get(0)).startsWith(text));
        assertThat(machine.objects().objectAt(slab + 70)).isEmpty();
        assertThat(machine.objects().objectAt(slab + 4095)).isEmpty();
    }

    @Test
    void whatTheAllocatorKeepsForItselfIsNamed() {
        KmemCache cache = kernel.kmemCacheCreate(new CacheSpec("owner", 1024, 0, 0, ObjectConstructor.NONE));
        long object = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        long descriptor =
                Long.decode(TestMachines.cache(machine, "owner").attributes().get("address"));
        assertThat(facts(descriptor)).contains("struct kmem_cache of cache owner");
        long management = machine.frames().prev(machine.layout().virtToPfn(object)) & 0xffff_ffffL;
        assertThat(facts(management))
                .anyMatch(text ->
                        text.startsWith("struct slab of the slab of 4 kB at 0x") && text.endsWith("of cache owner"));
        assertThat(facts(descriptor - 4096L * 100000)).isEmpty();
    }

    @Test
    void anAddressElsewhereIsNoObject() {
        assertThat(machine.objects().objectAt(0)).isEmpty();
        assertThat(machine.objects().objectAt(machine.layout().vmallocStart())).isEmpty();
        assertThat(machine.objects().objectAt(machine.layout().pageOffset() + 0x100000))
                .isEmpty();
    }

    @Test
    void aCacheTellsHowItIsMade() {
        kernel.kmemCacheCreate(new CacheSpec(
                "sample",
                700,
                0,
                SlabFlag.SLAB_HWCACHE_ALIGN.bit() | SlabFlag.SLAB_TYPESAFE_BY_RCU.bit(),
                ObjectConstructor.NONE));
        Map<String, String> attributes = TestMachines.cache(machine, "sample").attributes();
        assertThat(attributes)
                .containsEntry("object_size", "700")
                .containsEntry("buffer_size", "704")
                .containsEntry("align", "64")
                .containsEntry("gfporder", "1")
                .containsEntry("management", "on slab")
                .containsEntry("slab_size", "128")
                .containsEntry("colour", "5")
                .containsEntry("colour_off", "64")
                .containsEntry("flags", "SLAB_HWCACHE_ALIGN|SLAB_DESTROY_BY_RCU")
                .containsEntry("gfpflags", "none")
                .containsEntry("ctor", "none")
                .containsEntry("array", "0/54 0/54")
                .containsEntry("allocs", "0");
        assertThat(TestMachines.cache(machine, "size-1024").attributes())
                .containsEntry("management", "off slab, in size-64")
                .containsEntry("slab_size", "44");
        assertThat(TestMachines.cache(machine, "size-1024(DMA)").attributes())
                .containsEntry("gfpflags", "__GFP_DMA")
                .containsEntry("flags", "SLAB_HWCACHE_ALIGN|SLAB_CACHE_DMA|SLAB_PANIC");
        assertThat(machine.objects().objectSize(machine.objects().cache("sample")))
                .isEqualTo(704);
        assertThat(machine.objects().name()).isEqualTo("slab");
    }

    @Test
    void pagesOfSlabsLeadToCacheAndSlabFromAnyOfThem() {
        long object = kernel.kmalloc(20_000, Gfp.GFP_KERNEL);
        for (int page = 0; page < 8; page++) {
            ObjectView view =
                    machine.objects().objectAt(object + page * 4096L + 5).orElseThrow();
            assertThat(view.address()).isEqualTo(object);
            assertThat(view.cache()).isEqualTo("size-32768");
            assertThat(kernel.ksize(object + page * 4096L)).isEqualTo(32768);
        }
    }
}
