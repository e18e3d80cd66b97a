package org.kmemscope.slub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Exchange.Part;
import org.kmemscope.api.machine.ExchangeReport;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.slab.SlabHandover;
import org.kmemscope.machine.MachineFactory;

/** What SLUB leaves behind, and how it comes back. */
class ExchangeTest {
    private final SlubProvider provider = new SlubProvider();

    private static CacheSpec spec(String name, int size, SlabFlag... flags) {
        int bits = 0;
        for (SlabFlag flag : flags) {
            bits |= flag.bit();
        }
        return new CacheSpec(name, size, 0, bits, ObjectConstructor.NONE);
    }

    private static ExchangeReport swap(Machine machine) {
        ExchangeReport report = MachineFactory.exchange(machine, new SlubProvider());
        assertThat(report.refusal()).isEmpty();
        assertThat(report.verify().problems()).isEmpty();
        return report;
    }

    private static long freePages(Machine machine) {
        machine.pages().drainAllPages();
        return machine.pages().freePageCount();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "linux-6.1-686-pae",
                "linux-6.1-armmp,cpus=2",
                "linux-2.6.29-goldfish",
                "linux-6.1-686,slub_debug=FZPU"
            })
    void everyPageIsGivenBackWhenNobodyHoldsAnything(String specification) {
        Machine machine = TestMachines.bootBare(specification);
        int gfp = machine.gfp().of(Gfp.GFP_ATOMIC);
        long free = freePages(machine);
        ObjectAllocator slub = provider.create(machine);
        KmemCache cache = slub.createCache(spec("packets", 1200));
        slub.freeObject(cache, slub.allocObject(cache, gfp));
        slub.kfree(slub.kmalloc(100, gfp));
        slub.kfree(slub.kmalloc(20000, gfp));

        SlabHandover left = slub.detach();

        assertThat(left.blocks()).isEmpty();
        assertThat(left.caches()).extracting(SlabHandover.Cache::handle).containsExactly(cache);
        assertThat(freePages(machine)).isEqualTo(free);
        for (int pfn = machine.frames().firstPfn(); pfn < machine.frames().endPfn(); pfn++) {
            assertThat(machine.frames().is(pfn, PageFlag.SLAB)).isFalse();
        }
        assertThat(machine.verify().problems()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux-6.1-686-pae,cpus=2", "linux-6.1-686,slub_debug=FZPU", "linux-2.6.29-goldfish"})
    void objectsOfEveryKindOutliveIt(String specification) {
        Machine machine = TestMachines.boot(specification);
        Kernel kernel = TestMachines.kernel(machine);
        KmemCache packets = kernel.kmemCacheCreate(spec("packets", 1200, SlabFlag.SLAB_HWCACHE_ALIGN));
        List<Long> ofCache = new ArrayList<>();
        List<Long> ofKmalloc = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            TestMachines.onCpu(machine, i % machine.profile().cpus());
            ofCache.add(kernel.kmemCacheAlloc(packets, Gfp.GFP_ATOMIC));
            ofKmalloc.add(kernel.kmalloc(1 + i * 900L, Gfp.GFP_ATOMIC));
            kernel.write64(ofKmalloc.get(i), i);
        }
        List<Long> usable = ofKmalloc.stream().map(kernel::ksize).toList();

        assertThat(swap(machine).taken()).containsEntry("objects", 80L);

        for (int i = 0; i < 40; i++) {
            assertThat(kernel.read64(ofKmalloc.get(i))).isEqualTo(i);
            assertThat(kernel.ksize(ofKmalloc.get(i))).isEqualTo(usable.get(i));
            kernel.kfree(ofKmalloc.get(i));
            kernel.kmemCacheFree(packets, ofCache.get(i));
        }
        assertThat(MachineFactory.exchangeState(machine).get(0).handedOver()).isEmpty();
        assertThat(kernel.kmemCacheDestroy(packets)).isTrue();
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void mergedCachesStayMerged() {
        Machine machine = TestMachines.boot("linux-2.6.29-goldfish");
        Kernel kernel = TestMachines.kernel(machine);
        KmemCache first = kernel.kmemCacheCreate(spec("first", 40));
        KmemCache second = kernel.kmemCacheCreate(spec("second", 40));
        long a = kernel.kmemCacheAlloc(first, Gfp.GFP_KERNEL);
        long b = kernel.kmemCacheAlloc(second, Gfp.GFP_KERNEL);
        swap(machine);
        long c = kernel.kmemCacheAlloc(second, Gfp.GFP_KERNEL);
        swap(machine);
        kernel.kmemCacheFree(first, b);
        assertThat(kernel.kmemCacheDestroy(first)).isTrue();
        kernel.kmemCacheFree(second, a);
        kernel.kmemCacheFree(second, c);
        assertThat(kernel.kmemCacheDestroy(second)).isTrue();
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void pagesThatReadersMayLookAtWaitForATick() {
        Machine machine = TestMachines.boot("linux-6.1-686");
        Kernel kernel = TestMachines.kernel(machine);
        KmemCache cache = kernel.kmemCacheCreate(spec("rcu", 700, SlabFlag.SLAB_TYPESAFE_BY_RCU));
        kernel.kmemCacheFree(cache, kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL));
        swap(machine);
        assertThat(MachineFactory.exchangeState(machine).get(0).handedOver()).hasSize(1);
        machine.tick(1);
        assertThat(MachineFactory.exchangeState(machine).get(0).handedOver()).isEmpty();
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void overwrittenFreePointersDoNotKeepIt() {
        Machine machine = TestMachines.boot("linux-6.1-686");
        Kernel kernel = TestMachines.kernel(machine);
        long object = kernel.kmalloc(64, Gfp.GFP_KERNEL);
        kernel.memset(object & -4096L, 0x5a, 4096);
        swap(machine);
        kernel.kfree(object);
        machine.verify().orThrow();
    }

    @Test
    void pagesThatWereFreedAsObjectsDoNotCount() {
        Machine machine = TestMachines.boot("linux-6.1-686");
        Kernel kernel = TestMachines.kernel(machine);
        int pfn = kernel.allocPages(machine.gfp().parse("GFP_KERNEL|__GFP_COMP"), 3);
        kernel.kfree(machine.layout().pfnToVirt(pfn));
        long large = kernel.kmalloc(32768, Gfp.GFP_KERNEL);
        kernel.freePages(machine.layout().virtToPfn(large), 3);
        assertThat(swap(machine).taken()).containsEntry("objects", 0L);
    }

    @Test
    void whatIsParkedIsTakenUp() {
        Machine machine = TestMachines.boot("linux-6.1-686");
        Kernel kernel = TestMachines.kernel(machine);
        KmemCache cache = kernel.kmemCacheCreate(spec("packets", 300));
        long packet = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        MachineFactory.park(machine, Part.OBJECT);
        swap(machine);
        kernel.kmemCacheFree(cache, packet);
        assertThat(kernel.kmemCacheDestroy(cache)).isTrue();
    }

    /** What checks refuse or keep is nobody's, and no reason to stay. */
    @Test
    void damagedObjectsDoNotKeepIt() {
        Machine machine = TestMachines.boot("linux-6.1-686,slub_debug=FZPU");
        Kernel kernel = TestMachines.kernel(machine);
        KmemCache cache = kernel.kmemCacheCreate(spec("packets", 300));
        List<Long> packets = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            packets.add(kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL));
        }
        // damaged while it is in use: not taken back
        kernel.write8(packets.get(0) + 300, 1);
        kernel.kmemCacheFree(cache, packets.get(0));
        // freed twice
        kernel.kmemCacheFree(cache, packets.get(1));
        kernel.kmemCacheFree(cache, packets.get(1));
        // written after it was freed: its slab is not allocated from any more
        kernel.kmemCacheFree(cache, packets.get(2));
        kernel.write8(packets.get(2), 1);
        packets.set(2, kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL));
        swap(machine);
        packets.subList(2, 6).forEach(packet -> kernel.kmemCacheFree(cache, packet));
        assertThat(machine.verify().problems()).isEmpty();
    }
}
