package org.kmemscope.vmalloc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machine.ContextRequest;
import org.kmemscope.api.vmalloc.Vmalloc;

class VmMapRamTest {
    private static final int PAGE = Profile.PAGE_SIZE;

    private static int[] pages(Machine machine, int count) {
        int[] pfns = new int[count];
        for (int i = 0; i < count; i++) {
            pfns[i] = machine.pages().allocPages(machine.gfp().parse("GFP_HIGHUSER"), 0);
            machine.ram().write32((long) pfns[i] * PAGE, i);
        }
        return pfns;
    }

    /** Facts 16.24 of the vectors for 6.1 (NR_CPUS 32 and 8); the others follow from the same rule. */
    @ParameterizedTest
    @CsvSource({
        "linux-6.1-686-pae, 64",
        "linux-6.1-armmp, 256",
        "arm-exynos4412, 512",
        "linux-2.6.38-mlinux, 256",
        "linux-2.6.29-goldfish, 1024",
        "i386-1g, 0"
    })
    void blocksAreSizedByTheNumberOfCpus(String profile, int pages) {
        assertThat(VmallocRules.of(TestMachines.boot(profile)).blocks().pages()).isEqualTo(pages);
    }

    @Test
    void kernelsBefore2628HaveNoSuchCall() {
        Machine machine = TestMachines.boot("i386-1g");
        assertThatThrownBy(() -> machine.vmalloc().vmMapRam(new int[] {5}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Linux 2.6.24 has no vm_map_ram(); it came with 2.6.28");
    }

    /** 1 page, then 4, then 1: kernels before 3.12 go back to the free run behind the first, later ones only forward. */
    @ParameterizedTest
    @CsvSource({"linux-2.6.38-mlinux, 0, 4, 1", "linux-3.2-686-pae, 0, 4, 1", "linux-6.1-686-pae, 0, 1, 5"})
    void placesInABlock(String profile, int first, int second, int third) {
        Machine machine = TestMachines.boot(profile);
        int[] pfns = pages(machine, 4);
        Vmalloc vmalloc = machine.vmalloc();
        long a = vmalloc.vmMapRam(Arrays.copyOf(pfns, 1));
        long b = vmalloc.vmMapRam(Arrays.copyOf(pfns, 3));
        long c = vmalloc.vmMapRam(Arrays.copyOf(pfns, 1));
        long block = (long) VmallocRules.of(machine).blocks().pages() * PAGE;
        assertThat(a % block).isEqualTo(first * PAGE);
        assertThat(b % block).isEqualTo(second * PAGE);
        assertThat(c % block).isEqualTo(third * PAGE);
        for (int i = 0; i < 3; i++) {
            assertThat(machine.mmu().read32(b + i * PAGE)).isEqualTo(i);
        }
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void eachCpuHasItsOwnBlocks() {
        Machine machine = TestMachines.boot("linux-6.1-686-pae,cpus=2");
        int[] pfns = pages(machine, 2);
        long onFirst = machine.vmalloc().vmMapRam(pfns);
        machine.setContext(new ContextRequest(1, ContextRequest.Kind.PROCESS));
        long onSecond = machine.vmalloc().vmMapRam(pfns);
        assertThat(onSecond - onFirst).isEqualTo(64 * PAGE);
        machine.vmalloc().vmUnmapRam(onFirst, 2);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux-2.6.38-mlinux", "linux-6.1-686-pae"})
    void wrongUnmappingIsABug(String profile) {
        Machine machine = TestMachines.boot(profile);
        Vmalloc vmalloc = machine.vmalloc();
        int[] pfns = pages(machine, 40);
        long small = vmalloc.vmMapRam(Arrays.copyOf(pfns, 6));
        long large = vmalloc.vmMapRam(pfns);
        long area = vmalloc.vmalloc(39 * PAGE);
        assertThatThrownBy(() -> vmalloc.vmUnmapRam(small, 5)).isInstanceOf(KernelBug.class);
        assertThatThrownBy(() -> vmalloc.vmUnmapRam(small + PAGE, 6)).isInstanceOf(KernelBug.class);
        assertThatThrownBy(() -> vmalloc.vmUnmapRam(large, 39)).isInstanceOf(KernelBug.class);
        assertThatThrownBy(() -> vmalloc.vmUnmapRam(area, 40)).isInstanceOf(KernelBug.class);
        assertThatThrownBy(() -> vmalloc.vmUnmapRam(0xc000_0000L, 1)).isInstanceOf(KernelBug.class);
        vmalloc.vmUnmapRam(small, 6);
        assertThatThrownBy(() -> vmalloc.vmUnmapRam(small, 6)).isInstanceOf(KernelBug.class);
        vmalloc.vmUnmapRam(large, 40);
        vmalloc.vfree(area);
        assertThat(machine.verify().problems()).isEmpty();
    }

    /** Random mapping and unmapping: no page of a block is handed out twice before the block has gone, and contents are right. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "linux-2.6.29-vbox-pae",
                "linux-2.6.38-mlinux",
                "linux-3.2-686-pae",
                "linux-6.1-686-pae",
                "linux-6.1-armmp"
            })
    void randomUseAgreesWithAModel(String profile) {
        Machine machine = TestMachines.boot(profile);
        Vmalloc vmalloc = machine.vmalloc();
        int[] pfns = pages(machine, 40);
        Random random = new Random(7);
        List<long[]> live = new ArrayList<>();
        int objects = TestMachines.objects(machine).liveCount();
        for (int step = 0; step < 3000; step++) {
            if (live.isEmpty() || random.nextInt(100) < 52) {
                int count = 1 + random.nextInt(random.nextInt(4) == 0 ? 40 : 8);
                long address = vmalloc.vmMapRam(Arrays.copyOf(pfns, count));
                assertThat(live)
                        .noneMatch(other ->
                                address < other[0] + other[1] * PAGE && other[0] < address + (long) count * PAGE);
                live.add(new long[] {address, count});
            } else {
                long[] gone = live.remove(random.nextInt(live.size()));
                long last = gone[0] + (gone[1] - 1) * PAGE;
                assertThat(machine.mmu().read32(last)).isEqualTo((int) gone[1] - 1);
                vmalloc.vmUnmapRam(gone[0], (int) gone[1]);
            }
            if (step % 300 == 299) {
                vmalloc.purge();
                assertThat(machine.verify().problems()).as("step " + step).isEmpty();
            }
        }
        live.forEach(mapping -> vmalloc.vmUnmapRam(mapping[0], (int) mapping[1]));
        vmalloc.purge();
        vmalloc.purge();
        assertThat(machine.verify().problems()).isEmpty();
        if (VmallocRules.of(machine).blocks().purgesFragments()) {
            assertThat(TestMachines.objects(machine).liveCount()).isEqualTo(objects);
        }
    }
}
