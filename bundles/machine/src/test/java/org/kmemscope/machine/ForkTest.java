package org.kmemscope.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;

class ForkTest {
    /** Random work whose every answer is written down. */
    static List<Integer> work(Machine machine, List<int[]> live, long seed, int steps) {
        Kernel kernel = machine.kernel(Caller.of(1, "test", "ForkTest"));
        int[] masks = {
            machine.gfp().parse("GFP_ATOMIC"),
            machine.gfp().parse("GFP_KERNEL"),
            machine.gfp().parse("GFP_HIGHUSER")
        };
        Random random = new Random(seed);
        List<Integer> answers = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            if (live.isEmpty() || random.nextInt(100) < 60) {
                int order = random.nextInt(5);
                int pfn = kernel.allocPages(masks[random.nextInt(masks.length)], order);
                answers.add(pfn);
                if (pfn >= 0) {
                    live.add(new int[] {pfn, order});
                    machine.ram().write32((long) pfn << 12, step);
                }
            } else {
                int[] block = live.remove(random.nextInt(live.size()));
                answers.add(machine.ram().read32((long) block[0] << 12));
                kernel.freePages(block[0], block[1]);
            }
        }
        return answers;
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-1g", "linux-2.6.38-mlinux", "linux-6.1-686-pae", "arm-exynos4412"})
    void aCopyMadeInMidWorkGoesOnWithTheSameAnswers(String profile) {
        Machine machine = TestMachines.boot(profile);
        List<int[]> live = new ArrayList<>();
        work(machine, live, 1, 2000);
        List<int[]> liveCopy = new ArrayList<>(live);
        Machine copy = machine.fork("copy");
        assertThat(copy.verify().problems()).isEmpty();
        assertThat(work(copy, liveCopy, 2, 2000)).isEqualTo(work(machine, live, 2, 2000));
        assertThat(copy.views().zones()).isEqualTo(machine.views().zones());
        assertThat(copy.views().dmesg()).isEqualTo(machine.views().dmesg());
        assertThat(copy.verify().problems()).isEmpty();
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void aCopyKnowsWhereItsMemoryCameFrom() {
        Machine machine = TestMachines.boot("i386-32m");
        machine.provenance().enable(true);
        int before = machine.kernel(Caller.of(7, "maker", "before:1"))
                .allocPages(machine.gfp().parse("GFP_KERNEL"), 2);
        Machine copy = machine.fork("copy");
        int after = copy.kernel(Caller.of(8, "other", "after:2"))
                .allocPages(copy.gfp().parse("GFP_KERNEL"), 1);

        assertThat(copy.provenance().page(before))
                .isEqualTo(machine.provenance().page(before))
                .hasValueSatisfying(origin -> assertThat(origin.site()).isEqualTo("before:1"));
        assertThat(copy.provenance().page(after))
                .hasValueSatisfying(origin -> assertThat(origin.comm()).isEqualTo("other"));
        assertThat(machine.provenance().page(after)).isEmpty();
    }

    @Test
    void aCopyDoesNotFeelWhatHappensToTheOther() {
        Machine machine = TestMachines.boot("i386-32m");
        machine.ram().write32(0x1500000, 1);
        Machine copy = machine.fork("copy");
        long free = copy.pages().freePageCount();
        work(machine, new ArrayList<>(), 3, 500);
        machine.ram().write32(0x1500000, 2);
        assertThat(copy.pages().freePageCount()).isEqualTo(free);
        assertThat(copy.ram().read32(0x1500000)).isEqualTo(1);
    }
}
