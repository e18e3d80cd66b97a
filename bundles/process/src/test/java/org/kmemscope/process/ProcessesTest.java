package org.kmemscope.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.mmu.Walk;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.process.Processes;
import org.kmemscope.api.view.UserAreaView;

/** What a process asks for, and which pages and tables it gets. */
class ProcessesTest {
    private static final long PAGE = TestMachine.PAGE;
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.ISO_8859_1);

    private TestMachine test = new TestMachine("linux-6.1-686-pae,mem=64M");

    private Processes processes() {
        return test.processes();
    }

    @AfterEach
    void allAgrees() {
        assertThat(test.machine.verify().problems()).isEmpty();
    }

    private int pfn(int pid, long virt) {
        return test.machine.locked(() -> (int) (processes().walk(pid, virt).phys() >> 12));
    }

    private long rss(int pid) {
        return test.machine.locked(() -> processes().tasks().stream()
                .filter(task -> task.pid() == pid)
                .findFirst()
                .orElseThrow()
                .rss());
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-32m", "linux-6.1-686-pae,mem=64M", "arm-exynos4412", "linux-6.1-armmp-lpae"})
    void everythingAProcessTakesIsFreeAfterItsEnd(String machine) {
        test = new TestMachine(machine);
        long before = test.freePages();
        int pid = test.call(() -> processes().spawn("sh", 0));
        long area = test.call(() -> processes().mmap(pid, 0, 20 * PAGE, true));
        test.run(() -> processes().write(pid, area + 5, HELLO));
        test.run(() -> processes().write(pid, area + 19 * PAGE, HELLO));

        assertThat(rss(pid)).isEqualTo(2);
        assertThat(test.call(() -> processes().read(pid, area + 5, 5))).isEqualTo(HELLO);
        assertThat(test.machine.verify().problems()).isEmpty();
        // two pages, a table, the top table
        assertThat(before - test.freePages()).isBetween(4L, 10L);

        test.run(() -> processes().exit(pid));

        assertThat(test.freePages()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-32m", "linux-6.1-686-pae,mem=64M", "arm-exynos4412", "linux-6.1-armmp-lpae"})
    void theTablesOfAProcessHaveTheKernelsPart(String machine) {
        test = new TestMachine(machine);
        int pid = test.call(() -> processes().spawn("sh", 0));
        long kernel = test.machine.layout().pageOffset() + 0x10_0000;

        Walk own = test.machine.locked(() -> processes().walk(pid, kernel));
        Walk ofKernel = test.machine.locked(() -> test.machine.mmu().walk(kernel));

        assertThat(own.phys()).isEqualTo(ofKernel.phys());
        assertThat(own.levels().get(0).value())
                .isEqualTo(ofKernel.levels().get(0).value());
        assertThat(own.levels().get(0).entryAddress())
                .isNotEqualTo(ofKernel.levels().get(0).entryAddress());
    }

    @Test
    void aPageComesWhenItIsTouchedAndOneThatIsOnlyReadIsThePageOfZeros() {
        int pid = test.call(() -> processes().spawn("sh", 0));
        long area = test.call(() -> processes().mmap(pid, 0, 8 * PAGE, true));
        assertThat(rss(pid)).isZero();

        assertThat(test.call(() -> processes().read(pid, area, 8))).containsOnly(0);
        int zeros = pfn(pid, area);
        assertThat(test.machine.frames().is(zeros, PageFlag.RESERVED)).isTrue();
        assertThat(rss(pid)).isZero();

        test.run(() -> processes().write(pid, area + 1, HELLO));
        assertThat(pfn(pid, area)).isNotEqualTo(zeros);
        assertThat(rss(pid)).isEqualTo(1);
        assertThat(test.call(() -> processes().read(pid, area, 7)))
                .isEqualTo(new byte[] {0, 'h', 'e', 'l', 'l', 'o', 0});
    }

    @Test
    void aKernelWithoutThePageOfZerosTakesAPageForARead() {
        test = new TestMachine("i386-32m");
        int pid = test.call(() -> processes().spawn("sh", 0));
        long area = test.call(() -> processes().mmap(pid, 0, PAGE, true));

        test.call(() -> processes().read(pid, area, 1));

        assertThat(rss(pid)).isEqualTo(1);
    }

    @Test
    void afterForkAPageIsSharedUntilOneWrites() {
        int parent = test.call(() -> processes().spawn("sh", 0));
        long area = test.call(() -> processes().mmap(parent, 0, 2 * PAGE, true));
        test.run(() -> processes().write(parent, area, HELLO));
        int child = test.call(() -> processes().fork(parent));

        assertThat(pfn(child, area)).isEqualTo(pfn(parent, area));
        assertThat(test.machine.frames().mapCount(pfn(parent, area))).isEqualTo(2);
        UserAreaView shared = test.call(() -> processes().areas(child)).get(0);
        assertThat(shared.rss()).isEqualTo(PAGE);
        assertThat(shared.pss()).isEqualTo(PAGE / 2);
        assertThat(shared.sharedDirty()).isEqualTo(PAGE);

        int before = pfn(parent, area);
        test.run(() -> processes().write(child, area, "j".getBytes(StandardCharsets.ISO_8859_1)));

        assertThat(pfn(parent, area)).isEqualTo(before);
        assertThat(pfn(child, area)).isNotEqualTo(before);
        assertThat(test.call(() -> processes().read(parent, area, 5))).isEqualTo(HELLO);
        assertThat(test.call(() -> processes().read(child, area, 5)))
                .asString(StandardCharsets.ISO_8859_1)
                .isEqualTo("jello");
        // the other is alone now, and gets no copy
        test.run(() -> processes().write(parent, area, HELLO));
        assertThat(pfn(parent, area)).isEqualTo(before);
    }

    @Test
    void partsOfAreasAreUnmappedAndTheirTablesGiven() {
        int pid = test.call(() -> processes().spawn("sh", 0));
        long area = test.call(() -> processes().mmap(pid, 0x1000_0000, 0x80_0000, true));
        for (long virt = area; virt < area + 0x80_0000; virt += 0x20_0000) {
            long at = virt;
            test.run(() -> processes().write(pid, at, HELLO));
        }
        long tables = tables(pid);
        test.run(() -> processes().munmap(pid, area + 0x20_0000, 0x40_0000));

        assertThat(test.call(() -> processes().areas(pid)))
                .extracting(view -> String.format("%x-%x", view.start(), view.end()))
                .startsWith("10000000-10200000", "10600000-10800000");
        assertThat(tables(pid)).isEqualTo(tables - 2);
        assertThat(rss(pid)).isEqualTo(2);
        assertThatThrownBy(() -> test.call(() -> processes().read(pid, area + 0x20_0000, 1)))
                .hasMessageContaining("is in no area of sh (pid " + pid + "): Bad address");
    }

    private long tables(int pid) {
        return test.machine.locked(() -> processes().tasks().stream()
                .filter(task -> task.pid() == pid)
                .findFirst()
                .orElseThrow()
                .pageTables());
    }

    @Test
    void areasArePlacedFromTheBaseDownAndJoin() {
        int pid = test.call(() -> processes().spawn("sh", 0));
        long first = test.call(() -> processes().mmap(pid, 0, PAGE, true));
        long second = test.call(() -> processes().mmap(pid, 0, 3 * PAGE, true));
        test.call(() -> processes().mmap(pid, 0, PAGE, false));

        assertThat(first).isEqualTo(0xb800_0000L - PAGE);
        assertThat(second).isEqualTo(first - 3 * PAGE);
        List<UserAreaView> areas = test.call(() -> processes().areas(pid));
        assertThat(areas).hasSize(3);
        assertThat(areas.get(1).size()).isEqualTo(4 * PAGE);
        assertThatThrownBy(
                        () -> test.run(() -> processes().write(pid, areas.get(0).start(), HELLO)))
                .hasMessageContaining("read-only: Bad address");
    }

    @Test
    void theStackGrowsDownToItsLimit() {
        int pid = test.call(() -> processes().spawn("sh", 0));
        long end = processes().taskSize();
        test.run(() -> processes().write(pid, end - 0x30_0000, HELLO));

        UserAreaView stack = test.call(() -> processes().areas(pid)).get(0);
        assertThat(stack.name()).isEqualTo("[stack]");
        assertThat(stack.start()).isEqualTo(end - 0x30_0000);
        assertThatThrownBy(() -> test.run(() -> processes().write(pid, end - 0x90_0000, HELLO)))
                .hasMessageContaining("Bad address");
    }

    @Test
    void mallocTakesSmallObjectsFromTheHeapAndLargeOnesFromAreas() {
        int pid = test.call(() -> processes().spawn("sh", 0));
        long small = test.call(() -> processes().malloc(pid, 100));
        long next = test.call(() -> processes().malloc(pid, 100));
        long large = test.call(() -> processes().malloc(pid, 1 << 20));

        assertThat(next - small).isEqualTo(104);
        assertThat(test.call(() -> processes().areas(pid)))
                .extracting(UserAreaView::name)
                .containsExactly("[heap]", "", "[stack]");
        assertThat(large & 0xfff).isEqualTo(8);
        assertThat(rss(pid)).as("headers").isEqualTo(2);

        test.run(() -> processes().free(pid, large));
        test.run(() -> processes().free(pid, small));
        assertThat(test.call(() -> processes().malloc(pid, 90))).isEqualTo(small);
        assertThat(test.call(() -> processes().areas(pid))).hasSize(2);
        assertThatThrownBy(() -> test.run(() -> processes().free(pid, next + 8)))
                .hasMessageContaining("free(): invalid pointer");
    }

    @Test
    void theHeapGrowsAndShrinks() {
        int pid = test.call(() -> processes().spawn("sh", 0));
        long start = test.call(() -> processes().brk(pid, 0));
        long end = start + 10 * PAGE;
        assertThat(test.call(() -> processes().brk(pid, end))).isEqualTo(end);
        test.run(() -> processes().write(pid, start + 9 * PAGE, HELLO));
        assertThat(rss(pid)).isEqualTo(1);

        assertThat(test.call(() -> processes().brk(pid, start + PAGE))).isEqualTo(start + PAGE);
        assertThat(rss(pid)).isZero();
        assertThat(test.call(() -> processes().brk(pid, 0xf000_0000L))).isEqualTo(start + PAGE);
    }

    @Test
    void theOomKillerTakesAProcessAndItsMemoryIsFree() {
        long before = test.freePages();
        int hog = test.call(() -> processes().spawn("hog", 0));
        test.run(() -> test.machine.reclaim().setTunable("overcommit_memory", "1"));

        var touched = test.call(() -> processes().touch(hog, 1 << 16));

        assertThat(touched.outcome()).isEqualTo(org.kmemscope.api.reclaim.UserTasks.Outcome.KILLED);
        assertThat(test.machine.locked(() -> processes().tasks())).isEmpty();
        assertThat(test.freePages()).isGreaterThanOrEqualTo(before - 64);
    }

    @Test
    void pagesThatSeveralHaveGoToSwapAndComeBackToAll() {
        test.run(() -> test.machine.reclaim().swap().on(40_000));
        test.run(() -> test.machine.reclaim().setTunable("overcommit_memory", "1"));
        int parent = test.call(() -> processes().spawn("sh", 0));
        long area = test.call(() -> processes().mmap(parent, 0, 50 * PAGE, true));
        for (int i = 0; i < 50; i++) {
            long at = area + i * PAGE;
            byte mark = (byte) (i + 1);
            test.run(() -> processes().write(parent, at, new byte[] {mark}));
        }
        int child = test.call(() -> processes().fork(parent));
        int hog = test.call(() -> processes().spawn("hog", 0));
        test.call(() -> processes().touch(hog, 20_000));
        assertThat(test.machine.locked(() -> processes().tasks().get(0).swapped()))
                .isPositive();
        assertThat(test.machine.verify().problems()).isEmpty();

        for (int i = 0; i < 50; i++) {
            long at = area + i * PAGE;
            byte mark = (byte) (i + 1);
            assertThat(test.call(() -> processes().read(child, at, 1))).containsExactly(mark);
            if (i % 2 == 0) {
                test.run(() -> processes().write(parent, at, new byte[] {0}));
            }
            assertThat(test.call(() -> processes().read(child, at, 1))).containsExactly(mark);
        }
        assertThat(test.machine.verify().problems()).isEmpty();
        for (int pid : new int[] {parent, child, hog}) {
            test.run(() -> processes().exit(pid));
        }
        test.machine.tick(1000);
        assertThat(test.machine.locked(() -> test.machine.reclaim().swap().free()))
                .isEqualTo(40_000);
    }

    @Test
    void aCopyOfTheMachineHasProcessesOfItsOwn() {
        int pid = test.call(() -> processes().spawn("sh", 0));
        long area = test.call(() -> processes().mmap(pid, 0, PAGE, true));
        test.run(() -> processes().write(pid, area, HELLO));
        Machine copy = test.machine.fork("copy");
        TestMachine other = new TestMachine(copy);

        test.run(() -> processes().write(pid, area, new byte[5]));

        assertThat(other.call(() -> other.processes().read(pid, area, 5))).isEqualTo(HELLO);
        other.run(() -> other.processes().exit(pid));
        assertThat(copy.verify().problems()).isEmpty();
        assertThat(test.call(() -> processes().read(pid, area, 5))).containsOnly(0);
    }

    @Test
    void mistakesGetOneLine() {
        assertThatThrownBy(() -> test.run(() -> processes().exit(77))).hasMessage("no task has pid 77; spawn one");
        int pid = test.call(() -> processes().spawn("sh", 0));
        assertThatThrownBy(() -> test.run(() -> processes().exit(77)))
                .hasMessage("no task has pid 77; there are " + pid + " (sh)");
        assertThatThrownBy(() -> test.run(() -> processes().munmap(pid, 5, 1)))
                .hasMessageContaining("is not the address of a page");
        assertThatThrownBy(() -> test.run(() -> processes().munmap(pid, 0xc000_0000L, PAGE)))
                .hasMessageContaining("are not in user space, which ends at 0xc0000000");
        assertThat(test.call(() -> processes().mmap(pid, 0, 4L << 30, true))).isEqualTo(Processes.NO_MEMORY);
    }
}
