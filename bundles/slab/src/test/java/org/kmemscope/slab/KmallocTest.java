package org.kmemscope.slab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machine.ContextRequest;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.view.SlabCacheView;

class KmallocTest {
    private static String cacheOf(Machine machine, long object) {
        return machine.objects().objectAt(object).orElseThrow().cache();
    }

    @ParameterizedTest
    @CsvSource({
        "i386-1g, 1, size-32",
        "i386-1g, 32, size-32",
        "i386-1g, 33, size-64",
        "i386-1g, 65, size-96",
        "i386-1g, 97, size-128",
        "i386-1g, 129, size-192",
        "i386-1g, 193, size-256",
        "i386-1g, 4096, size-4096",
        "i386-1g, 4097, size-8192",
        "i386-1g, 8192, size-8192",
        "i386-1g, 8193, size-16384",
        "i386-1g, 131072, size-131072",
        "linux-2.6.24.3-atv, 100, size-128",
        "linux-2.6.24.3-atv, 140, size-256",
        "linux-3.0.3-tinycore, 80, size-128",
        "linux-3.0.3-tinycore, 140, size-192",
        "linux-3.0.3-tinycore, 4194304, size-4194304",
        "linux-6.1-686-pae, 100, kmalloc-128"
    })
    void aSizeGoesToTheSmallestCacheWithRoom(String profile, long size, String cache) {
        Machine machine = TestMachines.boot(profile);
        Kernel kernel = TestMachines.kernel(machine);
        long object = kernel.kmalloc(size, Gfp.GFP_KERNEL);
        assertThat(cacheOf(machine, object)).isEqualTo(cache);
        assertThat(kernel.ksize(object)).isGreaterThanOrEqualTo(size);
        kernel.kfree(object);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void everySizeUpToTwoPagesHasTheCacheThatASearchFinds() {
        Machine machine = TestMachines.boot("linux-2.6.38-mlinux");
        List<Integer> sizes = machine.views().slabCaches().stream()
                .map(SlabCacheView::name)
                .filter(name -> name.matches("size-\\d+"))
                .map(name -> Integer.parseInt(name.substring("size-".length())))
                .sorted()
                .toList();
        for (int size = 1; size <= 8192; size++) {
            int wanted = size;
            int smallest =
                    sizes.stream().filter(room -> room >= wanted).findFirst().orElseThrow();
            long object = machine.objects().kmalloc(size, machine.gfp().of(Gfp.GFP_KERNEL));
            assertThat(cacheOf(machine, object)).isEqualTo("size-" + smallest);
            machine.objects().kfree(object);
        }
    }

    @Test
    void nothingIsAnAddressToo() {
        Machine machine = TestMachines.boot("i386-32m");
        Kernel kernel = TestMachines.kernel(machine);
        assertThat(kernel.kmalloc(0, Gfp.GFP_KERNEL)).isEqualTo(ObjectAllocator.ZERO_SIZE_PTR);
        assertThat(kernel.ksize(ObjectAllocator.ZERO_SIZE_PTR)).isZero();
        kernel.kfree(ObjectAllocator.ZERO_SIZE_PTR);
        kernel.kfree(0);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"i386-1g, 131072", "linux-2.6.24.3-atv, 4194304", "linux-3.8.13-odroidx, 4194304"})
    void tooMuchIsNullWithoutAWordBefore310(String profile, long most) {
        Machine machine = TestMachines.boot(profile);
        Kernel kernel = TestMachines.kernel(machine);
        long lines = machine.log().written();
        assertThat(machine.objects().kmallocMax()).isEqualTo(most);
        assertThat(kernel.kmalloc(most + 1, Gfp.GFP_KERNEL)).isZero();
        assertThat(kernel.kmalloc(1L << 32, Gfp.GFP_KERNEL)).isZero();
        assertThat(machine.log().written()).isEqualTo(lines);
    }

    @Test
    void tooMuchIsWarnedOfInLaterKernelsUnlessTheMaskForbids() {
        Machine machine = TestMachines.boot("linux-6.1-686");
        Kernel kernel = TestMachines.kernel(machine);
        machine.log().clear();
        long tooMuch = machine.objects().kmallocMax() + 1;
        assertThat(kernel.kmalloc(tooMuch, kernel.gfp(Gfp.GFP_KERNEL, Gfp.__GFP_NOWARN)))
                .isZero();
        assertThat(machine.log().lines()).isEmpty();
        assertThat(kernel.kmalloc(tooMuch, Gfp.GFP_KERNEL)).isZero();
        assertThat(machine.log().lines()).hasSize(1);
        assertThat(machine.log().lines().get(0).text()).startsWith("WARNING: at mm/slab_common.c");
    }

    @Test
    void aMaskWithDmaIsServedFromZoneDma() {
        Machine machine = TestMachines.boot("linux-2.6.38-mlinux");
        Kernel kernel = TestMachines.kernel(machine);
        for (int size : new int[] {20, 100, 1000, 8192}) {
            long object = kernel.kmalloc(size, kernel.gfp(Gfp.GFP_KERNEL, Gfp.GFP_DMA));
            assertThat(cacheOf(machine, object)).endsWith("(DMA)");
            int pfn = machine.layout().virtToPfn(object);
            assertThat(machine.pages().zoneType(machine.frames().zone(pfn))).isEqualTo(ZoneType.DMA);
            assertThat(machine.layout().virtToPhys(object) + size).isLessThanOrEqualTo(16L << 20);
        }
    }

    @Test
    void aKernelWithoutZoneDmaServesSuchAMaskFromItsCommonCaches() {
        Machine machine = TestMachines.boot("linux-3.2-vexpress");
        Kernel kernel = TestMachines.kernel(machine);
        assertThat(cacheOf(machine, kernel.kmalloc(100, kernel.gfp(Gfp.GFP_KERNEL, Gfp.GFP_DMA))))
                .isEqualTo("size-128");
        assertThat(machine.views().slabCaches()).noneMatch(view -> view.name().endsWith("(DMA)"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"GFP_HIGHUSER", "GFP_KERNEL|__GFP_HIGHMEM", "GFP_KERNEL|0x80000000", "GFP_KERNEL|__GFP_DMA32"})
    void aMaskThatNoObjectCanHaveIsABug(String mask) {
        Machine machine = TestMachines.boot("linux-2.6.38-mlinux");
        Kernel kernel = TestMachines.kernel(machine);
        int gfp = mask.contains("0x8")
                ? kernel.gfp(Gfp.GFP_KERNEL) | 0x8000_0000
                : machine.gfp().parse(mask);
        assertThatThrownBy(() -> kernel.kmalloc(64, gfp))
                .isInstanceOf(KernelBug.class)
                .hasMessageStartingWith("kernel BUG at mm/slab.c: mask 0x");
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void whoMayNotSleepMayNotAskForIt() {
        Machine machine = TestMachines.boot("i386-1g");
        Kernel kernel = TestMachines.kernel(machine);
        long cached = kernel.kmalloc(64, Gfp.GFP_KERNEL);
        kernel.kfree(cached);
        machine.setContext(new ContextRequest(0, ContextRequest.Kind.HARDIRQ));
        assertThatThrownBy(() -> kernel.kmalloc(64, Gfp.GFP_KERNEL))
                .isInstanceOf(KernelBug.class)
                .hasMessageContaining("sleeping function called from invalid context at mm/slab.c");
        long atomic = kernel.kmalloc(64, Gfp.GFP_ATOMIC);
        assertThat(atomic).isEqualTo(cached);
        kernel.kfree(atomic);
        machine.setContext(new ContextRequest(0, ContextRequest.Kind.PROCESS));
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void whatWasFreedLastIsHandedOutFirst() {
        Machine machine = TestMachines.boot("i386-1g");
        Kernel kernel = TestMachines.kernel(machine);
        long first = kernel.kmalloc(200, Gfp.GFP_KERNEL);
        long second = kernel.kmalloc(200, Gfp.GFP_KERNEL);
        kernel.kfree(first);
        kernel.kfree(second);
        assertThat(kernel.kmalloc(200, Gfp.GFP_KERNEL)).isEqualTo(second);
        assertThat(kernel.kmalloc(200, Gfp.GFP_KERNEL)).isEqualTo(first);
    }

    @Test
    void zeroedMeansTheWholeObject() {
        Machine machine = TestMachines.boot("i386-1g");
        Kernel kernel = TestMachines.kernel(machine);
        long object = kernel.kmalloc(100, Gfp.GFP_KERNEL);
        kernel.memset(object, 0xff, 128);
        kernel.kfree(object);
        long again = kernel.kmalloc(100, kernel.gfp(Gfp.GFP_KERNEL, Gfp.__GFP_ZERO));
        assertThat(again).isEqualTo(object);
        assertThat(kernel.read(again, 128)).containsOnly(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-32m", "linux-3.2-686-pae,mem=64M", "linux-3.8.13-odroidx,mem=256M"})
    void whenMemoryIsExhaustedNullIsReturnedAndAllIsKept(String profile) {
        Machine machine = TestMachines.boot(profile);
        Kernel kernel = TestMachines.kernel(machine);
        int mask = kernel.gfp(Gfp.GFP_KERNEL, Gfp.__GFP_NORETRY);
        List<Long> held = new ArrayList<>();
        for (int size : new int[] {2048, 64, 600}) {
            for (long object = kernel.kmalloc(size, mask); object != 0; object = kernel.kmalloc(size, mask)) {
                held.add(object);
            }
        }
        assertThat(held).hasSizeGreaterThan(1000);
        assertThat(machine.verify().problems()).isEmpty();
        List<String> log =
                machine.log().lines().stream().map(KernelLog.Line::text).toList();
        assertThat(log).anyMatch(line -> line.contains("page allocation failure"));
        boolean reports = machine.profile().kernel().version().isAtLeast(3, 4);
        assertThat(log.stream().anyMatch(line -> line.startsWith("SLAB: Unable to allocate memory on node 0")))
                .isEqualTo(reports);
        held.forEach(kernel::kfree);
        assertThat(machine.verify().problems()).isEmpty();
        assertThat(kernel.kmalloc(2048, Gfp.GFP_KERNEL)).isNotZero();
    }
}
