package org.kmemscope.vmalloc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;

/** Random calls through the kernel's interface, with every answer written down and every content looked at again. */
class RandomUseTest {
    private static final int PAGE = Profile.PAGE_SIZE;

    private static final class Work {
        private final List<long[]> live = new ArrayList<>();
        private final Set<Long> kept = new HashSet<>();
        private final boolean lazy;

        Work(boolean lazy) {
            this.lazy = lazy;
        }

        Work(Work other) {
            live.addAll(other.live);
            kept.addAll(other.kept);
            lazy = other.lazy;
        }

        List<Long> run(Machine machine, long seed, int steps) {
            Kernel kernel = machine.kernel(Caller.of(1, "test", "RandomUseTest.run:1"));
            Random random = new Random(seed);
            List<Long> answers = new ArrayList<>();
            for (int step = 0; step < steps; step++) {
                int choice = random.nextInt(100);
                if (live.isEmpty() || choice < 55) {
                    answers.add(allocate(kernel, random, step));
                } else if (choice < 99) {
                    free(machine, kernel, live.remove(random.nextInt(live.size())));
                } else {
                    machine.locked(() -> {
                        machine.vmalloc().purge();
                        return null;
                    });
                    kept.clear();
                }
            }
            return answers;
        }

        private long allocate(Kernel kernel, Random random, int step) {
            boolean device = random.nextInt(4) == 0;
            long size = 1 + random.nextInt(40 * PAGE);
            long address = device ? kernel.ioremap(0xf000_0000L + step * PAGE, size) : kernel.vmalloc(size);
            assertThat(address).isPositive();
            assertThat(live).noneMatch(other -> address < other[0] + other[1] && other[0] < address + size);
            // until the purge, no page of a freed area is handed out again
            assertThat(kept).doesNotContain(address & -PAGE);
            if (!device) {
                kernel.write32(address, step);
                kernel.write8(address + size - 1, 0x77);
            }
            live.add(new long[] {address, size, device ? -1 : step});
            return address;
        }

        private void free(Machine machine, Kernel kernel, long[] area) {
            if (area[2] < 0) {
                kernel.iounmap(area[0]);
            } else {
                if (area[1] >= 4) {
                    assertThat(kernel.read32(area[0]) & 0xffffff).isEqualTo((int) area[2] & 0xffffff);
                }
                assertThat(kernel.read8(area[0] + area[1] - 1)).isEqualTo(0x77);
                kernel.vfree(area[0]);
            }
            if (lazy) {
                for (long page = area[0] & -PAGE; page < area[0] + area[1]; page += PAGE) {
                    kept.add(page);
                }
            }
            assertThat(machine.vmalloc().areas())
                    .noneMatch(view -> view.start() == area[0]
                            && view.kind() != org.kmemscope.api.view.VmapAreaView.Kind.UNPURGED);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "i386-1g",
                "linux-2.6.29-vbox-pae",
                "linux-2.6.38-mlinux",
                "arm-exynos4412",
                "linux-3.2-686-pae",
                "linux-6.1-686-pae",
                "linux-6.1-armmp"
            })
    void areasStayApartAndKeepTheirContents(String profile) {
        Machine machine = TestMachines.boot(profile);
        Work work = new Work(!profile.equals("i386-1g"));
        for (int round = 0; round < 4; round++) {
            work.run(machine, round, 250);
            assertThat(machine.verify().problems()).as("round " + round).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-1g", "linux-2.6.38-mlinux", "linux-3.8.13-odroidx", "linux-6.1-686-pae"})
    void aCopyGoesOnWithTheSameAnswers(String profile) {
        Machine machine = TestMachines.boot(profile);
        Work work = new Work(false);
        work.run(machine, 1, 300);
        Machine copy = machine.fork("copy");
        Work copied = new Work(work);
        assertThat(copy.vmalloc().areas()).isEqualTo(machine.vmalloc().areas());
        assertThat(copied.run(copy, 2, 300)).isEqualTo(work.run(machine, 2, 300));
        assertThat(copy.vmalloc().areas()).isEqualTo(machine.vmalloc().areas());
        assertThat(copy.verify().problems()).isEmpty();
        assertThat(machine.verify().problems()).isEmpty();
        work.run(machine, 3, 50);
        assertThat(copy.vmalloc().areas()).isNotEqualTo(machine.vmalloc().areas());
    }
}
