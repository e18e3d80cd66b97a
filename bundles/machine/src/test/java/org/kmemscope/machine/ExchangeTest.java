package org.kmemscope.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.ExchangeReport;
import org.kmemscope.api.machine.ExchangeState;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.SlabHandover;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.view.ObjectView;

/** What is kept when an object allocator is exchanged. */
class ExchangeTest extends ExchangeRig {
    @Test
    void whatIsLiveKeepsItsBytesAndIsFreedThroughTheSuccessor() {
        KmemCache packets = cache("packets", 200);
        long small = kmalloc(100);
        long large = kmalloc(9000);
        long packet = kernel.kmemCacheAlloc(packets, Gfp.GFP_KERNEL);
        kernel.writeString(small, "small");
        kernel.writeString(large + 8990, "large");
        kernel.writeString(packet, "packet");

        ExchangeReport report = swap(second);

        assertThat(report.from()).isEqualTo("first");
        assertThat(report.to()).isEqualTo("second");
        assertThat(report.taken())
                .containsEntry("caches", 1L)
                .containsEntry("slabs", 3L)
                .containsEntry("objects", 3L)
                .containsEntry("pages", 6L);
        assertThat(kernel.readString(small, 10)).isEqualTo("small");
        assertThat(kernel.readString(large + 8990, 10)).isEqualTo("large");
        assertThat(kernel.readString(packet, 10)).isEqualTo("packet");
        assertThat(kernel.ksize(small)).isEqualTo(128);
        assertThat(kernel.ksize(large)).isEqualTo(16384);
        kernel.kfree(small);
        kernel.kfree(large);
        kernel.kmemCacheFree(packets, packet);
        assertThat(left()).isEmpty();
        assertThat(kernel.kmemCacheDestroy(packets)).isTrue();
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void pagesGoBackWhenTheirLastObjectIsFreed() {
        long a = kmalloc(100);
        long b = kmalloc(100);
        machine.pages().drainAllPages();
        long free = machine.pages().freePageCount();
        swap(second);
        int pfn = machine.layout().virtToPfn(a);
        kernel.kfree(a);
        assertThat(machine.frames().is(pfn, PageFlag.HANDED_OVER)).isTrue();
        assertThat(left()).containsExactly(new ExchangeState.HandedOver("first", 2, 1, 1, 1, 1));
        kernel.kfree(b);
        assertThat(machine.frames().flags(pfn) & PageFlag.HANDED_OVER.bit()).isZero();
        machine.pages().drainAllPages();
        assertThat(machine.pages().freePageCount()).isEqualTo(free + 1);
    }

    @Test
    void aChainOfSuccessorsKeepsEverything() {
        KmemCache packets = cache("packets", 200);
        long[] objects = new long[60];
        for (int i = 0; i < objects.length; i++) {
            objects[i] = i % 2 == 0 ? kmalloc(300) : kernel.kmemCacheAlloc(packets, Gfp.GFP_KERNEL);
            kernel.write64(objects[i], i);
            swap(i % 3 == 0 ? first : second);
        }
        for (int i = 0; i < objects.length; i++) {
            assertThat(kernel.read64(objects[i])).isEqualTo(i);
            if (i % 2 == 0) {
                kernel.kfree(objects[i]);
            } else {
                kernel.kmemCacheFree(packets, objects[i]);
            }
        }
        assertThat(left()).isEmpty();
        assertThat(kernel.kmemCacheDestroy(packets)).isTrue();
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void slabinfoCountsWhatWasHandedOver() {
        KmemCache packets = cache("packets", 200);
        kernel.kmemCacheAlloc(packets, Gfp.GFP_KERNEL);
        kmalloc(100);
        swap(second);
        kernel.kmemCacheAlloc(packets, Gfp.GFP_KERNEL);
        assertThat(slabinfo("packets").activeObjects()).isEqualTo(2);
        assertThat(slabinfo("packets").slabs()).isEqualTo(2);
        assertThat(slabinfo("packets").attributes()).containsEntry("handed_over", "1 object in 1 slab");
        assertThat(slabinfo("plain-128").activeObjects()).isEqualTo(1);
        assertThat(machine.views().meminfo())
                .filteredOn(counter -> counter.name().equals("Slab"))
                .extracting(counter -> counter.value())
                .containsExactly(12L);
    }

    @Test
    void anAddressIsKnownAndItsAllocatorToo() {
        machine.provenance().enable(true);
        KmemCache packets = cache("packets", 200);
        long packet = kernel.kmemCacheAlloc(packets, Gfp.GFP_KERNEL);
        swap(second);
        assertThat(machine.whatis(packet + 8)).anySatisfy(fact -> assertThat(fact.text())
                .matches("object of slab 0x[0-9a-f]{8} of cache packets, left by first, allocated, offset \\+8"
                        + " \\(object 0x[0-9a-f]{8}-0x[0-9a-f]{8}\\)"));
        assertThat(machine.objects().objectAt(packet + 8))
                .hasValueSatisfying(view -> assertThat(view.state()).isEqualTo(ObjectView.State.ALLOCATED));
        assertThat(machine.whatis(packet + 2000))
                .anySatisfy(fact -> assertThat(fact.text()).startsWith("no object that somebody held, in slab"));
    }

    @Test
    void mistakesAreToldInTheKernelsWords() {
        KmemCache packets = cache("packets", 200);
        KmemCache others = cache("others", 100);
        long packet = kernel.kmemCacheAlloc(packets, Gfp.GFP_KERNEL);
        long kept = kernel.kmemCacheAlloc(packets, Gfp.GFP_KERNEL);
        swap(second);
        assertThatThrownBy(() -> kernel.kfree(packet + 8))
                .isInstanceOf(KernelBug.class)
                .hasMessageContaining("kfree() of 0x")
                .hasMessageContaining("offset +8");
        assertThatThrownBy(() -> kernel.kmemCacheFree(others, packet))
                .isInstanceOf(KernelBug.class)
                .hasMessageContaining("kmem_cache_free() to cache `others'")
                .hasMessageContaining("which is of cache `packets'");
        assertThat(kernel.kmemCacheDestroy(packets)).isFalse();
        assertThat(log()).contains("slab error in kmem_cache_destroy(): cache `packets': Can't free all objects");
        kernel.kmemCacheFree(packets, packet);
        assertThatThrownBy(() -> kernel.kfree(packet))
                .isInstanceOf(KernelBug.class)
                .hasMessageContaining("double free detected");
        assertThatThrownBy(() -> kernel.freePages(machine.layout().virtToPfn(kept), 0))
                .hasMessageContaining("HANDED_OVER");
        kernel.kmemCacheFree(packets, kept);
        assertThat(kernel.kmemCacheDestroy(packets)).isTrue();
    }

    @Test
    void freesAreHeardAsUsual() {
        StringBuilder heard = new StringBuilder();
        KmemCache packets = cache("packets", 200);
        long a = kernel.kmemCacheAlloc(packets, Gfp.GFP_KERNEL);
        long b = kmalloc(100);
        swap(second);
        machine.trace()
                .listen(
                        (point, header, values) -> heard.append(String.format("%s %x;", point.event(), values[1])),
                        TracePoint.KFREE,
                        TracePoint.KMEM_CACHE_FREE);
        kernel.kmemCacheFree(packets, a);
        kernel.kfree(b);
        assertThat(heard).hasToString(String.format("kmem_cache_free %x;kfree %x;", a, b));
    }

    @Test
    void pagesThatReadersMayLookAtWaitForATick() {
        second.whenLeaving = handover -> new SlabHandover(
                handover.from(),
                handover.lastCacheId(),
                handover.caches(),
                handover.blocks().stream()
                        .map(block -> new SlabHandover.Block(
                                block.pfn(),
                                block.order(),
                                block.offsets(),
                                block.sizes(),
                                block.caches(),
                                block.slabs(),
                                true))
                        .toList());
        swap(second);
        long object = kmalloc(100);
        swap(first);
        kernel.kfree(object);
        assertThat(left()).containsExactly(new ExchangeState.HandedOver("second", 1, 0, 1, 1, 1));
        Machine copy = machine.fork("copy");
        for (Machine either : List.of(machine, copy)) {
            either.tick(1);
            assertThat(MachineFactory.exchangeState(either).get(0).handedOver()).isEmpty();
            assertThat(either.verify().problems()).isEmpty();
        }
    }

    @Test
    void aCopyMadeInTheMiddleGoesItsOwnWay() {
        KmemCache packets = cache("packets", 200);
        long packet = kernel.kmemCacheAlloc(packets, Gfp.GFP_KERNEL);
        swap(second);
        Machine copy = machine.fork("copy");
        kernel.kmemCacheFree(packets, packet);
        assertThat(copy.parts()).containsEntry("object", "second");
        assertThat(copy.verify().problems()).isEmpty();
        Kernel other = copy.kernel(Caller.of(1, "sh", "copy"));
        other.kmemCacheFree(packets, packet);
        assertThat(MachineFactory.exchangeState(copy).get(0).handedOver()).isEmpty();
        assertThat(other.kmemCacheDestroy(packets)).isTrue();
    }

    @Test
    void mergedCachesMayFreeEachOthersObjects() {
        KmemCache a = cache("a", 200);
        KmemCache b = cache("b", 200);
        long ofB = kernel.kmemCacheAlloc(b, Gfp.GFP_KERNEL);
        long ofA = kernel.kmemCacheAlloc(a, Gfp.GFP_KERNEL);
        // as if the two had shared slabs under the name of a
        first.whenLeaving = handover -> new SlabHandover(
                handover.from(),
                handover.lastCacheId(),
                handover.caches().stream()
                        .map(cache -> new SlabHandover.Cache(cache.handle(), cache.spec(), "a"))
                        .toList(),
                handover.blocks().stream()
                        .map(block -> new SlabHandover.Block(
                                block.pfn(),
                                block.order(),
                                block.offsets(),
                                block.sizes(),
                                new int[] {a.id()},
                                "a",
                                false))
                        .toList());
        swap(second);
        assertThat(kernel.kmemCacheDestroy(a)).isTrue();
        kernel.kmemCacheFree(b, ofA);
        assertThat(kernel.kmemCacheDestroy(b)).isFalse();
        kernel.kmemCacheFree(b, ofB);
        assertThat(kernel.kmemCacheDestroy(b)).isTrue();
    }
}
