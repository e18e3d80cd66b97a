package org.kmemscope.highmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.error.KernelHang;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;

/** A full persistent area. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class KmapSleepTest {
    private final List<String> happened = Collections.synchronizedList(new ArrayList<>());

    private static Kernel kernel(Machine machine, int pid) {
        return machine.kernel(Caller.of(pid, "task" + pid, "KmapSleepTest.run:1"));
    }

    /** Fills the area; one page more is left over. */
    private static int[] fill(Machine machine) {
        int slots = machine.layout().lastPkmap();
        int[] pages = TestMachines.highPages(machine, slots + 3);
        for (int i = 0; i < slots; i++) {
            machine.highmem().kmap(pages[i]);
        }
        return pages;
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-1g", "linux-2.6.38-mlinux", "arm-exynos4412", "linux-6.1-686-pae"})
    void whoNeedsASlotSleepsUntilOneIsGivenBack(String profile) {
        Machine machine = TestMachines.boot(profile);
        int[] pages = fill(machine);
        int slots = machine.layout().lastPkmap();
        Kernel own = kernel(machine, 1);
        long wanted = machine.highmem().pageAddress(pages[7]);
        int pid = own.kthreadRun("giver", () -> {
            happened.add("given back");
            kernel(machine, 100).kunmap(pages[7]);
        });
        long address = own.kmap(pages[slots]);
        happened.add("mapped");
        own.kthreadJoin(pid);
        assertThat(happened).containsExactly("given back", "mapped");
        assertThat(address).isEqualTo(wanted);
        assertThat(own.read32(address)).isEqualTo(slots);
        assertThat(own.pageAddress(pages[7])).isZero();
        assertThat(machine.verify().problems()).isEmpty();
    }

    /** A page that is used twice and given back once leaves no slot: the sleeper is not disturbed. */
    @Test
    void onlyTheLastUserWakes() {
        Machine machine = TestMachines.boot("linux-6.1-686-pae");
        int[] pages = fill(machine);
        machine.highmem().kmap(pages[7]);
        Kernel own = kernel(machine, 1);
        own.kthreadRun("giver", () -> kernel(machine, 100).kunmap(pages[7]));
        assertThatThrownBy(() -> own.kmap(pages[machine.layout().lastPkmap()])).isInstanceOf(KernelHang.class);
        assertThat(machine.verify().problems()).isEmpty();
    }

    /** Two tasks want the same page: whoever comes second finds the slot of the first. */
    @Test
    void twoWhoWaitForOnePageShareItsSlot() {
        Machine machine = TestMachines.boot("linux-2.6.38-mlinux");
        int[] pages = fill(machine);
        int wanted = pages[machine.layout().lastPkmap()];
        Kernel own = kernel(machine, 1);
        long[] other = new long[1];
        CountDownLatch ready = new CountDownLatch(1);
        int second = own.kthreadRun("giver", () -> {
            await(ready);
            kernel(machine, 100).kunmap(pages[0]);
        });
        int first = own.kthreadRun("other", () -> {
            ready.countDown();
            other[0] = kernel(machine, 101).kmap(wanted);
        });
        long address = own.kmap(wanted);
        own.kthreadJoin(first);
        own.kthreadJoin(second);
        assertThat(other[0]).isEqualTo(address);
        assertThat(machine.highmem().windows())
                .filteredOn(window -> window.pfn() == wanted)
                .singleElement()
                .satisfies(window -> assertThat(window.count()).isEqualTo(3));
        assertThat(machine.verify().problems()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-1g", "arm-exynos4412", "linux-6.1-686-pae"})
    void whoCannotBeWokenIsAHang(String profile) {
        Machine machine = TestMachines.boot(profile);
        int[] pages = fill(machine);
        int slots = machine.layout().lastPkmap();
        Kernel own = kernel(machine, 1);
        assertThatThrownBy(() -> own.kmap(pages[slots]))
                .isInstanceOf(KernelHang.class)
                .hasMessageContaining("pkmap_map_wait")
                .hasMessageContaining("all " + slots + " slots of the persistent area are in use, by pid ");
        assertThat(machine.highmem().pageAddress(pages[slots])).isZero();
        assertThat(machine.verify().problems()).isEmpty();
        // a page that has a slot is none of it
        assertThat(own.kmap(pages[3])).isEqualTo(machine.highmem().pageAddress(pages[3]));
        own.kunmap(pages[3]);
        own.kunmap(pages[3]);
        assertThat(own.kmap(pages[slots])).isPositive();
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void whoHasWhichSlotIsTold() {
        Machine machine = TestMachines.boot("linux-6.1-686-pae");
        int[] pages = TestMachines.highPages(machine, 600);
        int slots = machine.layout().lastPkmap();
        Kernel driver = machine.kernel(Caller.of(7, "driver", "Driver.read:17"));
        Kernel other = machine.kernel(Caller.of(8, "other", "Other.poll:3"));
        for (int i = 0; i < slots - 1; i++) {
            driver.kmap(pages[i]);
        }
        other.kmap(pages[slots - 1]);
        other.kmap(pages[0]);
        assertThat(machine.highmem().windows())
                .filteredOn(window -> window.pfn() == pages[0])
                .singleElement()
                .satisfies(window ->
                        assertThat(window.holders()).isEqualTo("pid 7 at Driver.read:17, pid 8 at Other.poll:3"));
        assertThatThrownBy(() -> other.kmap(pages[slots]))
                .isInstanceOf(KernelHang.class)
                .hasMessageContaining(", by pid 7 at Driver.read:17 (" + (slots - 1) + "), pid 8 at Other.poll:3 (2)");
        other.kunmap(pages[0]);
        assertThat(machine.highmem().windows())
                .filteredOn(window -> window.pfn() == pages[0])
                .singleElement()
                .satisfies(window -> assertThat(window.holders()).isEqualTo("pid 7 at Driver.read:17"));
        driver.kunmap(pages[1]);
        assertThat(other.kmap(pages[slots])).isPositive();
        Machine fork = machine.fork("copy");
        assertThat(fork.highmem().windows()).isEqualTo(machine.highmem().windows());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
