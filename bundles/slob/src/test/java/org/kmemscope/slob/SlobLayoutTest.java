package org.kmemscope.slob;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.testkit.TestMachine;

/** The bytes in RAM, word for word. */
class SlobLayoutTest {
    private final TestMachine machine = TestMachine.boot("linux-2.6.32-el6-pae,mem=128M", new SlobProvider());
    private final Kernel kernel = machine.kernel();

    @AfterEach
    void allAgrees() {
        machine.verify();
    }

    private int unit(long address) {
        return (short) (kernel.read8(address) | kernel.read8(address + 1) << 8);
    }

    private long kmalloc(int size) {
        return kernel.kmalloc(size, Gfp.GFP_KERNEL);
    }

    @Test
    void theSizeStandsBeforeTheObjectAndTheRestOfThePageIsOneFreeBlock() {
        long object = kmalloc(100);
        assertThat(object & 4095).isEqualTo(4);
        assertThat(kernel.read32(object - 4)).isEqualTo(100);
        long free = object + 100;
        assertThat(unit(free)).as("units").isEqualTo(2048 - 52);
        assertThat(unit(free + 2)).as("end of the page").isEqualTo(2048);
        assertThat(kernel.ksize(object)).isEqualTo(100);
        assertThat(kernel.ksize(kmalloc(101))).isEqualTo(102);
    }

    @Test
    void freeBlocksLeadToEachOtherByAddressAndMerge() {
        long first = kmalloc(60);
        long second = kmalloc(60);
        long third = kmalloc(60);
        long fourth = kmalloc(60);
        kernel.kfree(third);
        kernel.kfree(first);
        assertThat(unit(first - 4)).isEqualTo(32);
        assertThat(unit(first - 2)).as("number of the next one's first unit").isEqualTo(64);
        assertThat(unit(third - 4)).isEqualTo(32);
        assertThat(unit(third - 2)).isEqualTo(128);
        kernel.kfree(second);
        assertThat(unit(first - 4)).as("three in one").isEqualTo(96);
        assertThat(unit(first - 2)).isEqualTo(128);
        kernel.kfree(fourth);
        assertThat(machine.machine().frames().is(machine.machine().layout().virtToPfn(first), PageFlag.SLAB))
                .as("an empty page goes back at once")
                .isFalse();
    }

    @Test
    void aBlockOfOneUnitIsTheNumberOfTheNextWithAMinus() {
        KmemCache cache = kernel.kmemCacheCreate(new CacheSpec("odd", 6, 0, 0, ObjectConstructor.NONE));
        long first = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        long second = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        assertThat(second - first)
                .as("three units, and one skipped for alignment")
                .isEqualTo(8);
        int next = (int) (second + 6 & 4095) / 2;
        assertThat(unit(first + 6)).isEqualTo(-next);
        assertThat(machine.machine()
                        .frames()
                        .mapCount(machine.machine().layout().virtToPfn(first)))
                .as("free units, where the count of mappings is")
                .isEqualTo(2048 - 10 - 6);
    }

    @Test
    void aFullPageGoesToTheSmallListWhateverWasFreed() {
        List<Long> held = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            held.add(kmalloc(1020));
        }
        kernel.kfree(held.get(2));
        assertThat(kmalloc(40) & -4096)
                .as("a small object lands in the page of the large ones")
                .isEqualTo(held.get(2) & -4096);
        TestMachine later = TestMachine.boot("linux-2.6.38-mlinux,mem=64M", new SlobProvider());
        List<Long> others = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            others.add(later.kernel().kmalloc(1020, Gfp.GFP_KERNEL));
        }
        later.kernel().kfree(others.get(2));
        assertThat(later.kernel().kmalloc(40, Gfp.GFP_KERNEL) & -4096)
                .as("since 2.6.37 it does not")
                .isNotEqualTo(others.get(2) & -4096);
        later.verify();
    }

    @Test
    void sizesHaveThreeListsSince2625() {
        long small = kmalloc(200);
        long medium = kmalloc(252);
        long large = kmalloc(1020);
        assertThat(List.of(small & -4096, medium & -4096, large & -4096)).doesNotHaveDuplicates();
        assertThat(kmalloc(251 - 4) & -4096).isEqualTo(small & -4096);
        assertThat(kmalloc(1019) & -4096).isEqualTo(medium & -4096);
        TestMachine old = TestMachine.boot("i386-32m", new SlobProvider());
        long first = old.kernel().kmalloc(200, Gfp.GFP_KERNEL);
        assertThat(old.kernel().kmalloc(1020, Gfp.GFP_KERNEL) & -4096).isEqualTo(first & -4096);
    }

    @ParameterizedTest
    @CsvSource({"4091, true", "4092, false", "4096, false", "9000, false"})
    void fromAPageLessTheHeaderOnObjectsHavePagesOfTheirOwn(int size, boolean inHeap) {
        long object = kmalloc(size);
        int pfn = machine.machine().layout().virtToPfn(object);
        assertThat(machine.machine().frames().is(pfn, PageFlag.SLAB)).isEqualTo(inHeap);
        assertThat(kernel.ksize(object)).isGreaterThanOrEqualTo(size);
        if (!inHeap) {
            assertThat(object & 4095).isZero();
            assertThat(kernel.ksize(object)).as("page->private").isEqualTo(size);
            assertThat(machine.machine().frames().compoundOrder(pfn)).isEqualTo(size > 8192 ? 2 : 0);
        }
        kernel.kfree(object);
    }

    @Test
    void sinceTheCommonCodeOf37TheSizeOfWholePagesIsForgotten() {
        TestMachine later = TestMachine.boot("linux-3.8.13-odroidx,mem=256M", new SlobProvider());
        long object = later.kernel().kmalloc(9000, Gfp.GFP_KERNEL);
        assertThat(later.kernel().ksize(object)).isEqualTo(16384);
        later.verify();
    }

    @Test
    void whatWaitsForAGracePeriodIsLinkedByItsTails() {
        KmemCache cache = kernel.kmemCacheCreate(
                new CacheSpec("sock", 80, 0, SlabFlag.SLAB_TYPESAFE_BY_RCU.bit(), ObjectConstructor.NONE));
        assertThat(machine.objects().objectSize(cache)).isEqualTo(92);
        long first = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        long second = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        kernel.memset(first, 0x77, 80);
        kernel.kmemCacheFree(cache, first);
        kernel.kmemCacheFree(cache, second);
        assertThat(kernel.read(first, 80))
                .as("whoever still looks finds it whole")
                .containsOnly(0x77);
        assertThat(kernel.read32(first + 80)).as("head.next").isEqualTo((int) second + 80);
        assertThat(kernel.read32(first + 88)).as("size").isEqualTo(92);
        assertThat(kernel.read32(second + 80)).isZero();
        machine.verify();
        assertThat(kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL)).isNotIn(first, second);
        machine.machine().tick(1);
        assertThat(kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL)).isEqualTo(first);
    }

    @Test
    void zoneDmaIsAskedForOnlyWhereAPageIsTaken() {
        long common = kmalloc(40);
        long dma = kernel.kmalloc(40, kernel.gfp(Gfp.GFP_KERNEL, Gfp.GFP_DMA));
        assertThat(dma & -4096).as("in the page that is there").isEqualTo(common & -4096);
        long large = kernel.kmalloc(9000, kernel.gfp(Gfp.GFP_KERNEL, Gfp.GFP_DMA));
        assertThat(machine.machine().layout().virtToPhys(large)).isLessThan(16 << 20);
    }

    @Test
    void namesOfCachesAreCopiedSince37() {
        TestMachine later = TestMachine.boot("linux-6.1-686-pae,mem=128M", new SlobProvider());
        KmemCache cache = later.kernel().kmemCacheCreate(new CacheSpec("inode", 80, 0, 0, ObjectConstructor.NONE));
        long descriptor =
                Long.decode(later.cache("inode").orElseThrow().attributes().get("address"));
        long name = descriptor + 48;
        assertThat(later.kernel().read32(name)).isEqualTo(6);
        assertThat(later.kernel().readString(name + 8, 20)).isEqualTo("inode");
        assertThat(later.kernel().kmemCacheDestroy(cache)).isTrue();
        later.verify();
        assertThat(later.machine().frames().is(later.machine().layout().virtToPfn(name), PageFlag.SLAB))
                .isFalse();
    }
}
