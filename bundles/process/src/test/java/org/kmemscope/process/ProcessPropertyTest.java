package org.kmemscope.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.error.TaskKilled;
import org.kmemscope.api.process.Processes;
import org.kmemscope.api.view.TaskView;

/**
 * Random work of processes against a model that knows nothing of pages in memory: for each process, which pages it has mapped, and the
 * number that stands at the beginning of each. Memory is short, so that pages go to swap and come back.
 */
class ProcessPropertyTest {
    private static final long PAGE = TestMachine.PAGE;
    private static final long FIRST = 0x2000_0000L;
    private static final int PAGES = 8000;
    private static final int STEPS = 500;
    private static final int MOST_PROCESSES = 5;

    private final List<Integer> pids = new ArrayList<>();
    /** By process and page: what was written there; 0 where nothing was. */
    private final List<TreeMap<Integer, Byte>> model = new ArrayList<>();

    private TestMachine test;
    /** Pages mapped in all: where it shall swap, more than fits into memory, and not so many that many are killed. */
    private int mostPages;

    private Random random;

    private Processes processes() {
        return test.processes();
    }

    @ParameterizedTest
    @CsvSource({
        "i386-32m, 10000, true, 1",
        "'linux-6.1-686-pae,mem=64M', 5000, false, 2",
        "'linux-2.6.38-mlinux,mem=32M', 10000, true, 3",
        "'arm-exynos4412,mem=96M', 5000, false, 4",
        "'linux-6.1-armmp-lpae,mem=128M', 5000, false, 5"
    })
    void whatAProcessReadsIsWhatItWrote(String machine, int most, boolean swaps, long seed) {
        mostPages = most;
        test = new TestMachine(machine);
        random = new Random(seed);
        long before = test.freePages();
        test.run(() -> test.machine.reclaim().swap().on(100_000));
        test.run(() -> test.machine.reclaim().setTunable("overcommit_memory", "1"));
        spawn();
        for (int step = 0; step < STEPS; step++) {
            try {
                step();
            } catch (TaskKilled killed) {
                assertThat(killed.getMessage()).containsAnyOf("Out of memory", "VM: killing process");
            }
            forgetTheKilled();
            if (step % 250 == 0) {
                assertThat(test.machine.verify().problems()).isEmpty();
            }
        }
        for (int which = 0; which < pids.size(); which++) {
            checkAll(which);
        }
        assertThat(test.machine.views().vmstat())
                .as("pages went to swap and came back")
                .anyMatch(counter -> counter.name().equals("pswpin") && counter.value() > 0 == swaps);
        assertThat(test.machine.verify().problems()).isEmpty();
        while (!pids.isEmpty()) {
            exit(0);
        }
        test.machine.tick(5000);
        assertThat(test.machine.verify().problems()).isEmpty();
        assertThat(test.machine.locked(() -> test.machine.reclaim().swap().free()))
                .isEqualTo(100_000);
        assertThat(test.freePages()).isEqualTo(before);
    }

    private void step() {
        int which = random.nextInt(pids.size());
        switch (random.nextInt(40)) {
            case 0 -> {
                if (pids.size() < MOST_PROCESSES && total() + model.get(which).size() < mostPages) {
                    fork(which);
                } else if (pids.size() > 1) {
                    exit(which);
                }
            }
            case 1 -> {
                if (pids.size() < MOST_PROCESSES) {
                    spawn();
                }
            }
            case 2, 3, 4 -> mmap(which);
            case 5, 6 -> munmap(which);
            case 7, 8 -> fill(which);
            default -> access(which);
        }
    }

    /** The OOM killer takes whom it likes; what that one had is gone, and nothing else. */
    private void forgetTheKilled() {
        List<Integer> live = test.machine.locked(
                () -> processes().tasks().stream().map(TaskView::pid).toList());
        for (int which = pids.size() - 1; which >= 0; which--) {
            if (!live.contains(pids.get(which))) {
                model.remove(which);
                pids.remove(which);
                assertThat(test.machine.views().dmesg())
                        .anyMatch(line -> line.text().startsWith("Out of memory: "));
            }
        }
        if (pids.isEmpty()) {
            spawn();
        }
    }

    private int total() {
        return model.stream().mapToInt(TreeMap::size).sum();
    }

    private void spawn() {
        pids.add(test.call(() -> processes().spawn("p" + random.nextInt(100), 0)));
        model.add(new TreeMap<>());
    }

    private void fork(int which) {
        int child = test.call(() -> processes().fork(pids.get(which)));
        assertThat(child).isPositive();
        pids.add(child);
        model.add(new TreeMap<>(model.get(which)));
    }

    private void exit(int which) {
        int pid = pids.remove(which);
        model.remove(which);
        test.run(() -> processes().exit(pid));
    }

    private void mmap(int which) {
        int first = random.nextInt(PAGES);
        int count = 1 + random.nextInt(3000);
        TreeMap<Integer, Byte> pages = model.get(which);
        if (!pages.subMap(first, first + count).isEmpty() || total() + count > mostPages) {
            return;
        }
        long start = FIRST + first * PAGE;
        assertThat(test.call(() -> processes().mmap(pids.get(which), start, count * PAGE, true)))
                .isEqualTo(start);
        for (int page = first; page < first + count; page++) {
            pages.put(page, (byte) 0);
        }
    }

    private void munmap(int which) {
        int first = random.nextInt(PAGES);
        int count = 1 + random.nextInt(500);
        test.run(() -> processes().munmap(pids.get(which), FIRST + first * PAGE, count * PAGE));
        model.get(which).subMap(first, first + count).clear();
    }

    /** Writes to many pages at once, so that memory becomes short. */
    private void fill(int which) {
        byte value = (byte) random.nextInt();
        model.get(which).replaceAll((page, old) -> {
            test.run(() -> processes().write(pids.get(which), FIRST + page * PAGE, new byte[] {value}));
            return value;
        });
    }

    private void access(int which) {
        TreeMap<Integer, Byte> pages = model.get(which);
        Map.Entry<Integer, Byte> page = pages.ceilingEntry(random.nextInt(PAGES));
        if (page == null) {
            return;
        }
        if (random.nextBoolean()) {
            byte value = (byte) random.nextInt();
            test.run(() -> processes().write(pids.get(which), FIRST + page.getKey() * PAGE, new byte[] {value}));
            pages.put(page.getKey(), value);
        } else {
            check(which, page.getKey(), page.getValue());
        }
    }

    private void checkAll(int which) {
        model.get(which).forEach((page, value) -> check(which, page, value));
    }

    private void check(int which, int page, byte value) {
        assertThat(test.call(() -> processes().read(pids.get(which), FIRST + page * PAGE, 1)))
                .as("pid %d, page %d", pids.get(which), page)
                .containsExactly(value);
    }
}
