package org.kmemscope.vmalloc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.error.KernelOops;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machine.ContextRequest;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.view.VmapAreaView.Kind;
import org.kmemscope.api.vmalloc.Vmalloc;

class VmallocCallsTest {
    private static final int PAGE = Profile.PAGE_SIZE;

    private static String zones(Machine machine, long address) {
        VmapAreaView area = machine.vmalloc().areaAt(address).orElseThrow();
        return area.pfns().stream()
                .map(pfn -> machine.pages().zoneType(machine.frames().zone(pfn)).label())
                .distinct()
                .collect(Collectors.joining(","));
    }

    private static void in(Machine machine, ContextRequest.Kind kind) {
        machine.setContext(new ContextRequest(0, kind));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "i386-1g", "linux-2.6.29-vbox-pae", "linux-2.6.32-el6-pae", "linux-2.6.38-mlinux", "arm-exynos4412",
                "linux-3.8.13-odroidx", "linux-6.1-686-pae", "linux-6.1-686", "linux-6.1-armmp", "linux-6.1-armmp-lpae"
            })
    void memoryIsUsableAndComesBackWhole(String profile) {
        Machine machine = TestMachines.boot(profile);
        Vmalloc vmalloc = machine.vmalloc();
        // page tables and objects that the first call brings in stay
        vmalloc.vfree(vmalloc.vmalloc(10 * PAGE));
        vmalloc.purge();
        long free = machine.pages().freePageCount();
        int objects = TestMachines.objects(machine).liveCount();

        long address = vmalloc.vmalloc(10 * PAGE - 5);
        for (int i = 0; i < 10; i++) {
            machine.mmu().write32(address + i * PAGE, 1000 + i);
        }
        VmapAreaView area = vmalloc.areaAt(address).orElseThrow();
        assertThat(area.kind()).isEqualTo(Kind.VMALLOC);
        assertThat(area.pages()).isEqualTo(10);
        assertThat(area.end() - area.start()).isEqualTo(11 * PAGE);
        for (int i = 0; i < 10; i++) {
            assertThat(machine.ram().read32((long) area.pfns().get(i) * PAGE)).isEqualTo(1000 + i);
            assertThat(vmalloc.vmallocToPfn(address + i * PAGE + 7))
                    .isEqualTo(area.pfns().get(i));
        }
        assertThat(zones(machine, address)).isEqualTo(ZoneType.HIGHMEM.label());
        assertThatThrownBy(() -> machine.mmu().write8(address + 10 * PAGE, 1)).isInstanceOf(KernelOops.class);
        assertThat(machine.verify().problems()).isEmpty();

        vmalloc.vfree(address);
        vmalloc.purge();
        assertThat(machine.pages().freePageCount()).isEqualTo(free);
        assertThat(TestMachines.objects(machine).liveCount()).isEqualTo(objects);
        assertThat(vmalloc.areas()).isEmpty();
        assertThat(machine.verify().problems()).isEmpty();
    }

    /** Zones as the module inside 6.1 saw them; before 4.12 a mask without high memory meant what it said. */
    @ParameterizedTest
    @CsvSource({
        "linux-6.1-686-pae, HighMem, Normal, HighMem, DMA",
        "linux-6.1-armmp, HighMem, DMA, HighMem, DMA",
        "linux-2.6.38-mlinux, HighMem, Normal, Normal, DMA"
    })
    void masksDecideOnTheZone(String profile, String plain, String low, String kernel, String dma) {
        Machine machine = TestMachines.boot(profile);
        Vmalloc vmalloc = machine.vmalloc();
        assertThat(zones(machine, vmalloc.vmalloc(65536))).isEqualTo(plain);
        assertThat(zones(machine, vmalloc.vmalloc32(65536))).isEqualTo(low);
        int mask = machine.gfp().parse("GFP_KERNEL");
        assertThat(zones(machine, vmalloc.vmalloc(65536, mask, Protection.KERNEL)))
                .isEqualTo(kernel);
        int dmaMask = machine.gfp().parse("GFP_KERNEL|__GFP_DMA");
        assertThat(zones(machine, vmalloc.vmalloc(65536, dmaMask, Protection.KERNEL)))
                .isEqualTo(dma);
    }

    /** oracle-vmalloc.txt of 6.1: areas one after the other, and the pages freed last come first, in reverse order. */
    @Test
    void pagesComeInTheOrderARealKernelGivesThem() {
        Machine machine = TestMachines.boot("linux-6.1-686-pae");
        Vmalloc vmalloc = machine.vmalloc();
        long first = vmalloc.vmalloc(65536);
        List<Integer> pfns = vmalloc.areaAt(first).orElseThrow().pfns();
        vmalloc.vfree(first);
        long second = vmalloc.vmalloc(1 << 20);
        assertThat(second).isEqualTo(first + 0x11000);
        List<Integer> again = vmalloc.areaAt(second).orElseThrow().pfns();
        assertThat(again.subList(0, 16)).containsExactlyElementsOf(reversed(pfns));
    }

    private static List<Integer> reversed(List<Integer> pfns) {
        List<Integer> copy = new ArrayList<>(pfns);
        Collections.reverse(copy);
        return copy;
    }

    @Test
    void manyPagesNeedAnArrayFromVmalloc() {
        Machine machine = TestMachines.boot("linux-6.1-686-pae");
        Vmalloc vmalloc = machine.vmalloc();
        long address = vmalloc.vmalloc(1025L * PAGE);
        assertThat(AreaList.summary(vmalloc.areas()))
                .containsExactly(
                        String.format("0x%08x-0x%08x vmalloc 1025", address, address + 1026L * PAGE),
                        String.format("0x%08x-0x%08x vmalloc 2", address + 1026L * PAGE, address + 1029L * PAGE));
        assertThat(vmalloc.areas()).extracting(VmapAreaView::vpages).containsExactly(true, false);
        vmalloc.vfree(address);
        vmalloc.purge();
        assertThat(vmalloc.areas()).isEmpty();
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void aWildWriteIntoTheArrayIsFoundBeforeAnythingIsFreed() {
        Machine machine = TestMachines.boot("linux-6.1-686-pae");
        Vmalloc vmalloc = machine.vmalloc();
        long address = vmalloc.vmalloc(1025L * PAGE);
        long array = vmalloc.areas().get(1).start();
        machine.mmu().write32(array + 4 * 7, 0x0dead000);
        assertThat(machine.verify().problems()).isNotEmpty();
        assertThatThrownBy(() -> vmalloc.vfree(address))
                .isInstanceOf(KernelBug.class)
                .hasMessageContaining("entry 7 of the page array")
                .hasMessageContaining("0xdead000");
        assertThat(vmalloc.areas()).hasSize(2);
    }

    // ---- contexts

    @ParameterizedTest
    @ValueSource(strings = {"i386-1g", "linux-3.8.13-odroidx", "linux-6.1-686-pae"})
    void interruptsMustNotAllocate(String profile) {
        Machine machine = TestMachines.boot(profile);
        in(machine, ContextRequest.Kind.HARDIRQ);
        assertThatThrownBy(() -> machine.vmalloc().vmalloc(PAGE))
                .isInstanceOf(KernelBug.class)
                .hasMessageContaining("kernel BUG at mm/vmalloc.c");
        assertThatThrownBy(() -> machine.vmalloc().ioremap(0xf000_0000L, PAGE)).isInstanceOf(KernelBug.class);
        in(machine, ContextRequest.Kind.ATOMIC);
        assertThatThrownBy(() -> machine.vmalloc().vmalloc(PAGE))
                .isInstanceOf(KernelBug.class)
                .hasMessageContaining("BUG: sleeping function called from invalid context");
        in(machine, ContextRequest.Kind.PROCESS);
        assertThat(machine.vmalloc().areas()).isEmpty();
        assertThat(machine.verify().problems()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-1g", "linux-2.6.38-mlinux", "linux-3.8.13-odroidx"})
    void olderKernelsDoNotFreeInInterruptsEither(String profile) {
        Machine machine = TestMachines.boot(profile);
        long address = machine.vmalloc().vmalloc(PAGE);
        in(machine, ContextRequest.Kind.SOFTIRQ);
        assertThatThrownBy(() -> machine.vmalloc().vfree(address)).isInstanceOf(KernelBug.class);
        assertThat(machine.vmalloc().areas()).hasSize(1);
    }

    @Test
    void laterKernelsPutVfreeOffUntilTheInterruptIsOver() {
        Machine machine = TestMachines.boot("linux-6.1-686-pae");
        Vmalloc vmalloc = machine.vmalloc();
        long first = vmalloc.vmalloc(PAGE);
        long second = vmalloc.vmalloc(PAGE);
        in(machine, ContextRequest.Kind.HARDIRQ);
        vmalloc.vfree(first);
        vmalloc.vfree(second);
        in(machine, ContextRequest.Kind.PROCESS);
        assertThat(vmalloc.areas()).extracting(VmapAreaView::kind).containsExactly(Kind.VMALLOC, Kind.VMALLOC);
        Machine copy = machine.fork("copy");
        machine.tick(1);
        assertThat(vmalloc.areas()).extracting(VmapAreaView::kind).containsExactly(Kind.UNPURGED);
        copy.tick(1);
        assertThat(copy.vmalloc().areas()).isEqualTo(vmalloc.areas());
    }

    // ---- wrong calls

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "i386-1g | WARNING: at mm/vmalloc.c __vunmap()",
                "linux-2.6.38-mlinux | WARNING: at mm/vmalloc.c __vunmap()",
                "linux-6.1-686-pae | WARNING: CPU: 0 PID: 0 at mm/vmalloc.c __vunmap"
            })
    void vfreeOfWrongAddressesIsReportedAndChangesNothing(String profile, String warning) {
        Machine machine = TestMachines.boot(profile);
        Vmalloc vmalloc = machine.vmalloc();
        long address = vmalloc.vmalloc(2 * PAGE);
        List<VmapAreaView> before = vmalloc.areas();
        long mark = machine.log().written();
        vmalloc.vfree(0);
        vmalloc.vfree(address + 1);
        vmalloc.vfree(machine.layout().vmallocEnd() - 64 * PAGE);
        vmalloc.vfree(0xc290_0000L);
        assertThat(TestMachines.logSince(machine, mark))
                .containsExactly(
                        String.format("Trying to vfree() bad address (%08x)", address + 1),
                        warning,
                        String.format(
                                "Trying to vfree() nonexistent vm area (%08x)",
                                machine.layout().vmallocEnd() - 64 * PAGE),
                        warning,
                        "Trying to vfree() nonexistent vm area (c2900000)",
                        warning);
        assertThat(vmalloc.areas()).isEqualTo(before);
        vmalloc.vfree(address);
        mark = machine.log().written();
        vmalloc.vfree(address);
        assertThat(TestMachines.logSince(machine, mark).get(0))
                .isEqualTo(String.format("Trying to vfree() nonexistent vm area (%08x)", address));
        assertThat(machine.verify().problems()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"linux-2.6.38-mlinux, false", "linux-3.8.13-odroidx, false", "linux-6.1-686-pae, true"})
    void laterKernelsFindAnAreaByAnyOfItsPages(String profile, boolean found) {
        Machine machine = TestMachines.boot(profile);
        long address = machine.vmalloc().vmalloc(3 * PAGE);
        machine.vmalloc().vfree(address + PAGE);
        assertThat(machine.vmalloc().areaAt(address).orElseThrow().kind() == Kind.UNPURGED)
                .isEqualTo(found);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "i386-1g | '' | '' | allocation failed: out of vmalloc space - use vmalloc=<size> to increase size.",
                "linux-2.6.38-mlinux | '' | '' | vmap allocation for size 125833216 failed: use vmalloc=<size> to increase size.",
                "linux-3.2-686-pae | vmalloc: allocation failure: 0 bytes | vmalloc: allocation failure: 4294963200 bytes"
                        + " | vmap allocation for size 125833216 failed: use vmalloc=<size> to increase size.",
                "linux-6.1-686-pae | WARNING: CPU: 0 PID: 0 at mm/vmalloc.c __vmalloc_node_range"
                        + " | 'swapper: vmalloc error: size 4294963200, exceeds total pages, mode:0xcc0(GFP_KERNEL), nodemask=(null),cpuset=/,mems_allowed=0'"
                        + " | vmap allocation for size 125833216 failed: use vmalloc=<size> to increase size"
            })
    void impossibleSizesFailInTheKernelsWords(String profile, String nothing, String tooLarge, String noRoom) {
        Machine machine = TestMachines.boot(profile);
        assertThat(firstLine(machine, 0)).isEqualTo(nothing);
        assertThat(firstLine(machine, 0xffff_f000L)).isEqualTo(tooLarge);
        assertThat(firstLine(machine, 125_829_120)).isEqualTo(noRoom);
        assertThat(machine.verify().problems()).isEmpty();
    }

    private static String firstLine(Machine machine, long size) {
        long mark = machine.log().written();
        assertThat(machine.vmalloc().vmalloc(size)).isZero();
        return TestMachines.logSince(machine, mark).stream().findFirst().orElse("");
    }

    /** The words of a real 6.1 for a request as large as the area, from dmesg-err-vmalloc_area.txt. */
    @Test
    void aLackOfRoomIsToldInTheKernelsWords() {
        Machine machine = TestMachines.boot("linux-6.1-686-pae");
        long mark = machine.log().written();
        machine.vmalloc().vmalloc(125_829_120);
        assertThat(TestMachines.logSince(machine, mark))
                .startsWith(
                        "vmap allocation for size 125833216 failed: use vmalloc=<size> to increase size",
                        "swapper: vmalloc error: size 125829120, vm_struct allocation failed, mode:0xcc0(GFP_KERNEL),"
                                + " nodemask=(null),cpuset=/,mems_allowed=0")
                .contains("Call Trace:", " __vmalloc_node_range", "Mem-Info:")
                .endsWith("0 pages hwpoisoned");
    }

    // ---- vmap

    @ParameterizedTest
    @ValueSource(strings = {"i386-1g", "linux-2.6.29-vbox-pae", "arm-exynos4412", "linux-6.1-armmp-lpae"})
    void vmapShowsPagesSideBySideAndKeepsThem(String profile) {
        Machine machine = TestMachines.boot(profile);
        Vmalloc vmalloc = machine.vmalloc();
        int mask = machine.gfp().parse("GFP_HIGHUSER");
        int[] pfns = new int[8];
        for (int i = 0; i < pfns.length; i++) {
            pfns[i] = machine.pages().allocPages(mask, 0);
            machine.ram().write32((long) pfns[i] * PAGE, i);
        }
        long address = vmalloc.vmap(pfns, Protection.KERNEL);
        for (int i = 0; i < pfns.length; i++) {
            assertThat(machine.mmu().read32(address + i * PAGE)).isEqualTo(i);
        }
        VmapAreaView area = vmalloc.areaAt(address + 5).orElseThrow();
        assertThat(area.kind()).isEqualTo(Kind.VMAP);
        assertThat(area.pfns())
                .containsExactly(java.util.Arrays.stream(pfns).boxed().toArray(Integer[]::new));
        assertThat(machine.verify().problems()).isEmpty();
        vmalloc.vunmap(address);
        vmalloc.purge();
        assertThatThrownBy(() -> machine.mmu().read8(address)).isInstanceOf(KernelOops.class);
        for (int pfn : pfns) {
            assertThat(machine.frames().count(pfn)).isEqualTo(1);
        }
        assertThat(vmalloc.vmap(new int[0], Protection.KERNEL)).isZero();
        assertThat(vmalloc.vmap(new int[] {pfns[0], -1}, Protection.KERNEL)).isZero();
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void vunmapOfMemoryFromVmallocLosesItsPages() {
        Machine machine = TestMachines.boot("linux-6.1-686-pae");
        long address = machine.vmalloc().vmalloc(4 * PAGE);
        long free = machine.pages().freePageCount();
        machine.vmalloc().vunmap(address);
        assertThat(machine.pages().freePageCount()).isEqualTo(free);
        assertThat(machine.vmalloc().areas()).extracting(VmapAreaView::kind).containsExactly(Kind.UNPURGED);
    }

    // ---- what is known of an address

    @Test
    void anAddressTellsWhatItIs() {
        Machine machine = TestMachines.boot("linux-6.1-686-pae");
        Vmalloc vmalloc = machine.vmalloc();
        long address = vmalloc.vmalloc(5 * PAGE);
        long end = address + 6 * PAGE;
        assertThat(fact(machine, address + PAGE + 3))
                .isEqualTo(String.format("vmalloc area 0x%08x-0x%08x, page 2 of 5, from ?", address, end));
        assertThat(fact(machine, address + 5 * PAGE))
                .isEqualTo(String.format("guard page of vmalloc area 0x%08x-0x%08x, from ?", address, end));
        long registers = vmalloc.ioremap(0xfed0_0010L, 16);
        assertThat(fact(machine, registers)).contains("ioremap area").contains("physical 0xfed00010");
        vmalloc.vfree(address);
        assertThat(fact(machine, address)).contains("lazily freed").endsWith("with the next purge");
        vmalloc.purge();
        assertThat(fact(machine, address)).isEmpty();
        assertThat(vmalloc.areaAt(address)).isEmpty();
        assertThat(vmalloc.isVmallocAddress(address)).isTrue();
        assertThat(vmalloc.isVmallocAddress(0xc000_0000L)).isFalse();
        assertThat(vmalloc.vmallocToPfn(address)).isEqualTo(-1);
    }

    private static String fact(Machine machine, long virt) {
        return machine.whatis(virt).stream()
                .filter(fact -> fact.layer().equals("vmalloc"))
                .map(fact -> fact.text())
                .collect(Collectors.joining());
    }
}
