package org.kmemscope.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.machine.ExchangeReport;
import org.kmemscope.api.zone.FreeAreaProvider;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.machine.MachineFactory;

/** A machine on an engine of free areas. */
interface PageMachineContract {
    /** The engine that is tested. */
    FreeAreaProvider provider();

    /** The machines it is tested on. */
    default List<String> machines() {
        return List.of(
                "i386-32m",
                "linux-2.6.38-mlinux,mem=256M,cpus=2",
                "linux-3.8.13-odroidx,mem=512M",
                "linux-6.1-686-pae,mem=256M",
                "linux-6.1-armmp,mem=256M");
    }

    /** One test for each machine. */
    private Stream<DynamicTest> onEachMachine(java.util.function.Consumer<TestMachine> test) {
        return machines().stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    TestMachine machine = TestMachine.boot(name, provider(), Optional.empty());
                    machine.verify();
                    test.accept(machine);
                    machine.verify();
                }));
    }

    @TestFactory
    default Stream<DynamicTest> aMachineBootsOnItAndWorks() {
        return onEachMachine(machine -> {
            assertThat(machine.machine().pages().freeAreaName())
                    .isEqualTo(provider().name());
            long free = machine.freePages();
            PageModel model = new PageModel(machine);
            new Random(1).ints(4000).forEach(model::step);
            machine.verify();
            model.freeAll();
            assertThat(machine.freePages()).isEqualTo(free);
        });
    }

    @TestFactory
    default Stream<DynamicTest> memoryIsUsedUpAndComesBack() {
        return onEachMachine(machine -> {
            int gfp = machine.gfp(Gfp.GFP_KERNEL, Gfp.__GFP_NOWARN, Gfp.__GFP_NORETRY);
            long free = machine.freePages();
            List<int[]> held = new ArrayList<>();
            for (int order : new int[] {3, 0}) {
                for (int pfn = machine.kernel().allocPages(gfp, order);
                        pfn >= 0;
                        pfn = machine.kernel().allocPages(gfp, order)) {
                    held.add(new int[] {pfn, order});
                }
            }
            machine.verify();
            held.forEach(block -> machine.kernel().freePages(block[0], block[1]));
            assertThat(machine.freePages()).isEqualTo(free);
        });
    }

    @TestFactory
    default Stream<DynamicTest> aCopyMadeInMidWorkGoesOnWithTheSameAnswers() {
        return onEachMachine(machine -> {
            PageModel model = new PageModel(machine);
            Random random = new Random(2);
            random.ints(2000).forEach(model::step);
            TestMachine copy = machine.fork();
            PageModel modelOfCopy = model.in(copy);
            for (int step = 0; step < 2000; step++) {
                int number = random.nextInt();
                assertThat(modelOfCopy.step(number)).isEqualTo(model.step(number));
            }
            assertThat(copy.machine().views().zones())
                    .isEqualTo(machine.machine().views().zones());
            copy.verify();
        });
    }

    @TestFactory
    default Stream<DynamicTest> itTakesTheFreeBlocksOfBuddyAndGivesThemBack() {
        return onEachMachine(machine -> {
            PageModel model = new PageModel(machine);
            Random random = new Random(4);
            List<FreeAreaProvider> engines = List.of(new BuddyProvider(), provider(), provider(), new BuddyProvider());
            for (FreeAreaProvider engine : engines) {
                random.ints(1000).forEach(model::step);
                long free = machine.machine().pages().freePageCount();
                ExchangeReport report = MachineFactory.exchange(machine.machine(), engine);
                assertThat(report.refusal()).isEmpty();
                assertThat(report.verify().problems()).isEmpty();
                assertThat(machine.machine().pages().freePageCount()).isEqualTo(free);
            }
            random.ints(1000).forEach(model::step);
            machine.verify();
            model.freeAll();
        });
    }

    /** A naive model of a page allocator: which frames are in somebody's hands. */
    final class PageModel {
        private final TestMachine machine;
        private final int[] masks;
        private final BitSet used = new BitSet();
        private final List<int[]> held = new ArrayList<>();

        PageModel(TestMachine machine) {
            this.machine = machine;
            int quiet = machine.gfp(Gfp.__GFP_NOWARN, Gfp.__GFP_NORETRY);
            masks = new int[] {
                machine.gfp(Gfp.GFP_KERNEL) | quiet,
                machine.gfp(Gfp.GFP_HIGHUSER_MOVABLE) | quiet,
                machine.gfp(Gfp.GFP_KERNEL, Gfp.__GFP_RECLAIMABLE) | quiet,
                machine.gfp(Gfp.GFP_ATOMIC) | quiet
            };
        }

        PageModel in(TestMachine copy) {
            PageModel model = new PageModel(copy);
            model.used.or(used);
            model.held.addAll(held);
            return model;
        }

        /** Takes or gives a block; the first frame of what was taken, else -1. */
        int step(int random) {
            int mixed = random * 0x9e37_79b9;
            mixed ^= mixed >>> 15;
            machine.onCpu((mixed >>> 4) % machine.machine().profile().cpus());
            if (!held.isEmpty() && (mixed & 0xff) >= 150) {
                give(held.remove((mixed >>> 8) % held.size()));
                return -1;
            }
            int order = Math.min(8, Integer.numberOfTrailingZeros(mixed >>> 9 | 1 << 20) / 2);
            int pfn = machine.kernel().allocPages(masks[mixed >>> 30], order);
            if (pfn >= 0) {
                int end = pfn + (1 << order);
                assertThat(used.get(pfn, end).isEmpty())
                        .as("block 0x%x of order %d is somebody's", pfn, order)
                        .isTrue();
                used.set(pfn, end);
                held.add(new int[] {pfn, order});
            }
            return pfn;
        }

        private void give(int[] block) {
            used.clear(block[0], block[0] + (1 << block[1]));
            machine.kernel().freePages(block[0], block[1]);
        }

        void freeAll() {
            machine.onCpu(0);
            held.forEach(this::give);
            held.clear();
        }
    }
}
