package org.kmemscope.vmalloc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.error.KernelOops;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.vmalloc.Vmalloc;

class LazyFreeTest {
    private static final int PAGE = Profile.PAGE_SIZE;

    @ParameterizedTest
    @CsvSource({"i386-1g, true", "linux-2.6.29-vbox-pae, false", "linux-2.6.38-mlinux, false", "linux-6.1-686, false"})
    void freedAddressesComeBackAtOnceOrWithThePurge(String profile, boolean atOnce) {
        Machine machine = TestMachines.boot(profile);
        Vmalloc vmalloc = machine.vmalloc();
        long first = vmalloc.vmalloc(PAGE);
        long keep = vmalloc.vmalloc(PAGE);
        vmalloc.vfree(first);
        long second = vmalloc.vmalloc(PAGE);
        assertThat(second == first).isEqualTo(atOnce);
        if (!atOnce) {
            assertThat(second).isGreaterThan(keep);
            vmalloc.purge();
            assertThat(vmalloc.vmalloc(PAGE)).isEqualTo(first);
        }
        assertThat(machine.verify().problems()).isEmpty();
    }

    /** What an access after vfree finds, with the TLB warm, with it flushed, and after the purge. */
    @ParameterizedTest
    @CsvSource({
        "i386-1g, false, false",
        "linux-2.6.29-vbox-pae, true, true",
        "linux-2.6.38-mlinux, true, false",
        "linux-6.1-686-pae, true, false",
        "linux-6.1-armmp, true, false"
    })
    void accessesAfterVfreeDoWhatHardwareDoes(String profile, boolean warm, boolean cold) {
        Machine machine = TestMachines.boot(profile);
        long address = machine.vmalloc().vmalloc(PAGE);
        machine.mmu().write32(address, 0x5a5a);
        machine.vmalloc().vfree(address);
        assertThat(readable(machine, address)).as("through the TLB").isEqualTo(warm);
        machine.mmu().flushAll();
        assertThat(readable(machine, address)).as("through the page tables").isEqualTo(cold);
        machine.vmalloc().purge();
        assertThatThrownBy(() -> machine.mmu().read32(address)).isInstanceOf(KernelOops.class);
        assertThat(machine.verify().problems()).isEmpty();
    }

    private static boolean readable(Machine machine, long address) {
        try {
            machine.mmu().read32(address);
            return true;
        } catch (KernelOops e) {
            return false;
        }
    }

    @Test
    void thePurgeFlushesTheTlbOnce() {
        Machine machine = TestMachines.boot("linux-6.1-686-pae");
        Vmalloc vmalloc = machine.vmalloc();
        List<Long> areas = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            areas.add(vmalloc.vmalloc((i % 3 + 1) * PAGE));
        }
        long before = machine.mmu().counters().flushes();
        areas.forEach(vmalloc::vfree);
        assertThat(machine.mmu().counters().flushes()).isEqualTo(before);
        vmalloc.purge();
        assertThat(machine.mmu().counters().flushes()).isEqualTo(before + 1);
        vmalloc.purge();
        assertThat(machine.mmu().counters().flushes()).isEqualTo(before + 1);
    }

    /** fls(CPUs) times 32 MiB are kept back, not a page more. */
    @ParameterizedTest
    @CsvSource({"linux-2.6.38-mlinux, 1", "'linux-2.6.38-mlinux,cpus=2', 2", "linux-6.1-686-pae, 1"})
    void tooManyFreedPagesArePurged(String profile, int log) {
        Machine machine = TestMachines.boot(profile);
        Vmalloc vmalloc = machine.vmalloc();
        List<String> events = new ArrayList<>();
        machine.trace()
                .listen(
                        (point, header, values) -> events.add(point.event() + " " + values[1] + " " + values[2]),
                        TracePoint.FREE_VMAP_AREA_NOFLUSH,
                        TracePoint.PURGE_VMAP_AREA_LAZY);
        int pfn = machine.pages().allocPages(machine.gfp().parse("GFP_KERNEL"), 0);
        int[] pages = new int[1023];
        java.util.Arrays.fill(pages, pfn);
        int most = log * 8192;
        List<Long> areas = new ArrayList<>();
        for (int i = 0; i <= most / 1024; i++) {
            areas.add(vmalloc.vmap(pages, Protection.KERNEL));
        }
        for (int i = 0; i < most / 1024; i++) {
            vmalloc.vunmap(areas.get(i));
        }
        assertThat(events).last().isEqualTo("free_vmap_area_noflush " + most + " " + most);
        assertThat(events).noneMatch(event -> event.startsWith("purge"));
        vmalloc.vunmap(areas.get(most / 1024));
        assertThat(events).anyMatch(event -> event.startsWith("purge_vmap_area_lazy"));
        assertThat(vmalloc.vmap(pages, Protection.KERNEL)).isEqualTo(areas.get(0));
        assertThat(machine.verify().problems()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux-2.6.29-vbox-pae", "linux-2.6.38-mlinux", "linux-3.2-686-pae", "linux-6.1-686-pae"})
    void aFullAreaIsPurgedBeforeARequestFails(String profile) {
        Machine machine = TestMachines.boot(profile);
        Vmalloc vmalloc = machine.vmalloc();
        int pfn = machine.pages().allocPages(machine.gfp().parse("GFP_KERNEL"), 0);
        int[] pages = new int[256];
        java.util.Arrays.fill(pages, pfn);
        List<Long> areas = new ArrayList<>();
        long mark = machine.log().written();
        for (long address = vmalloc.vmap(pages, Protection.KERNEL);
                address != 0;
                address = vmalloc.vmap(pages, Protection.KERNEL)) {
            areas.add(address);
        }
        long room = machine.layout().vmallocEnd() - machine.layout().vmallocStart();
        assertThat(areas.size()).isBetween((int) (room / (259 * PAGE)), (int) (room / (257 * PAGE)));
        assertThat(TestMachines.logSince(machine, mark))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("vmap allocation for size 1052672 failed: use vmalloc=<size> to increase size");
        vmalloc.vunmap(areas.get(0));
        vmalloc.vunmap(areas.get(40));
        mark = machine.log().written();
        assertThat(vmalloc.vmap(pages, Protection.KERNEL)).isEqualTo(areas.get(0));
        assertThat(vmalloc.vmap(pages, Protection.KERNEL)).isEqualTo(areas.get(40));
        assertThat(vmalloc.vmap(pages, Protection.KERNEL)).isZero();
        assertThat(TestMachines.logSince(machine, mark)).hasSize(1);
        assertThat(machine.verify().problems()).isEmpty();
    }

    /** 6.1 joins freed ranges; kernels before 4.15 do not list them at all. */
    @Test
    void whatIsNotPurgedIsListedByLaterKernels() {
        for (String profile : List.of("linux-3.2-686-pae", "linux-6.1-686-pae")) {
            Machine machine = TestMachines.boot(profile);
            Vmalloc vmalloc = machine.vmalloc();
            long[] areas = new long[4];
            for (int i = 0; i < areas.length; i++) {
                areas[i] = vmalloc.vmalloc(PAGE);
            }
            vmalloc.vfree(areas[0]);
            vmalloc.vfree(areas[2]);
            vmalloc.vfree(areas[1]);
            List<String> expected = new ArrayList<>();
            expected.add(String.format("0x%08x-0x%08x vmalloc 1", areas[3], areas[3] + 2 * PAGE));
            if (profile.contains("6.1")) {
                expected.add(String.format("0x%08x-0x%08x unpurged vm_area", areas[0], areas[3]));
            }
            assertThat(AreaList.summary(vmalloc.areas())).isEqualTo(expected);
            assertThat(machine.verify().problems()).isEmpty();
        }
    }
}
