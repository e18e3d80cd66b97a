package org.kmemscope.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.zone.FreeAreaProvider;
import org.kmemscope.api.zone.FreeAreas;

/** One zone by itself. */
interface ZoneContract {
    /** The engine that is tested. */
    FreeAreaProvider provider();

    /** Zones of old and new kernels: textbook, PAE with pageblocks of a large page, ARM with CMA. */
    List<Kind> KINDS = List.of(
            new Kind("i386-1g", 11, 10), new Kind("linux-6.1-686-pae", 11, 9), new Kind("linux-6.1-armmp", 12, 11));

    /**
     * A kind of zone.
     *
     * @param kernel profile whose kernel decides the migrate types
     * @param maxOrder number of orders
     * @param pageblockOrder log2 of the frames in a pageblock
     */
    record Kind(String kernel, int maxOrder, int pageblockOrder) {
        TestZone zone(FreeAreaProvider provider) {
            return new TestZone(kernel, provider, maxOrder, pageblockOrder);
        }
    }

    /** One test for each kind of zone, all of whose frames are free. */
    default Stream<DynamicTest> onEachZone(Consumer<TestZone> test) {
        return KINDS.stream()
                .map(kind -> DynamicTest.dynamicTest(kind.toString(), () -> {
                    TestZone zone = kind.zone(provider());
                    zone.freeAll();
                    test.accept(zone);
                    new FreeModel(zone).compareMarks();
                }));
    }

    @Property(tries = 40)
    default void everyStepLeavesEachFrameOnce(
            @ForAll @Size(max = 200) List<Integer> steps, @ForAll @IntRange(max = 2) int kind) {
        TestZone zone = KINDS.get(kind).zone(provider());
        zone.freeAll();
        FreeModel model = new FreeModel(zone);
        for (int step : steps) {
            model.step(step);
        }
        model.compare();
        model.freeAll();
        model.compare();
    }

    @TestFactory
    default Stream<DynamicTest> whatBootFreesIsMergedAndCounted() {
        return onEachZone(zone -> {
            FreeModel model = new FreeModel(zone);
            model.compare();
            int largest = zone.maxOrder() - 1;
            int fitting = 0;
            for (int pfn = (TestZone.START + (1 << largest) - 1) & -(1 << largest);
                    pfn + (1 << largest) <= zone.endPfn();
                    pfn += 1 << largest) {
                fitting++;
            }
            assertThat(zone.areas().count(largest)).isEqualTo(fitting);
        });
    }

    @TestFactory
    default Stream<DynamicTest> longWorkIsThatOfTheModelAndAllMergesAgain() {
        return onEachZone(zone -> {
            int largest = zone.areas().count(zone.maxOrder() - 1);
            FreeModel model = new FreeModel(zone);
            Random random = new Random(3);
            for (int step = 0; step < 4000; step++) {
                model.step(random.nextInt());
            }
            model.compare();
            model.freeAll();
            model.compare();
            assertThat(zone.areas().count(zone.maxOrder() - 1)).isEqualTo(largest);
        });
    }

    @TestFactory
    default Stream<DynamicTest> aTypeIsServedFromItsOwnFramesAndFromOthersAsAFallback() {
        return onEachZone(zone -> {
            FreeAreas areas = zone.areas();
            int movable = zone.type(MigrateType.MOVABLE);
            int unmovable = zone.type(MigrateType.UNMOVABLE);
            assertThat(areas.hasBlock(0, unmovable)).isFalse();
            assertThat(areas.takeOfType(0, unmovable)).isEqualTo(FreeAreas.NONE);
            int own = areas.take(2, movable, false);
            assertThat(zone.frames().privateData(own)).isEqualTo(movable);
            assertThat(zone.fallbacks()).isEmpty();
            int foreign = areas.take(2, unmovable, false);
            assertThat(foreign).isNotEqualTo(FreeAreas.NONE);
            assertThat(zone.fallbacks()).hasSize(1);
            TestZone.Fallback told = zone.fallbacks().get(0);
            assertThat(told.order()).isEqualTo(2);
            assertThat(told.migratetype()).isEqualTo(unmovable);
            assertThat(told.fallbackType()).isEqualTo(movable);
            assertThat(told.claimed()).isEqualTo(zone.frames().blockType(foreign) == unmovable);
            areas.put(foreign, 2, zone.frames().blockType(foreign));
            areas.put(own, 2, zone.frames().blockType(own));
        });
    }

    @TestFactory
    default Stream<DynamicTest> whatIsThereForATypeIsWhatItGets() {
        return onEachZone(zone -> {
            FreeAreas areas = zone.areas();
            Random random = new Random(5);
            FreeModel model = new FreeModel(zone);
            for (int step = 0; step < 600; step++) {
                model.step(random.nextInt());
                int order = random.nextInt(zone.maxOrder());
                int type = random.nextInt(3);
                boolean has = areas.hasBlock(order, type);
                int pfn = areas.takeOfType(order, type);
                assertThat(pfn != FreeAreas.NONE).isEqualTo(has);
                if (has) {
                    assertThat(zone.frames().privateData(pfn)).isEqualTo(type);
                    areas.put(pfn, order, type);
                }
            }
            model.compare();
        });
    }

    @TestFactory
    default Stream<DynamicTest> aPageblockMovesWithAllItsFreeFrames() {
        return onEachZone(zone -> {
            FreeAreas areas = zone.areas();
            FreeModel model = new FreeModel(zone);
            Random random = new Random(6);
            for (int step = 0; step < 300; step++) {
                model.step(random.nextInt());
            }
            int block = 1 << zone.frames().pageblockOrder();
            int start = (TestZone.START & -block) + 2 * block;
            int reclaimable = zone.type(MigrateType.RECLAIMABLE);
            zone.frames().setBlockType(start, reclaimable);
            int moved = areas.moveBlock(start + 7, reclaimable);
            assertThat(moved).isGreaterThanOrEqualTo(model.freeIn(start, start + block));
            model.compare();
            for (int pfn = start; pfn < start + block; ) {
                if (zone.frames().is(pfn, PageFlag.BUDDY)) {
                    assertThat(zone.frames().privateData(pfn) >>> 8).isEqualTo(reclaimable);
                    pfn += 1 << zone.frames().buddyOrder(pfn);
                } else {
                    pfn++;
                }
            }
            model.freeAll();
            model.compare();
        });
    }

    @TestFactory
    default Stream<DynamicTest> aBlockIsRemovedAsItIs() {
        return onEachZone(zone -> {
            FreeAreas areas = zone.areas();
            int largest = zone.maxOrder() - 1;
            int movable = zone.type(MigrateType.MOVABLE);
            int pfn = areas.first(largest, movable);
            int before = areas.count(largest, movable);
            areas.remove(pfn);
            assertThat(areas.count(largest, movable)).isEqualTo(before - 1);
            assertThat(zone.frames().is(pfn, PageFlag.BUDDY)).isFalse();
            for (int frame = pfn; frame < pfn + (1 << largest); frame++) {
                areas.put(frame, 0, movable);
            }
            assertThat(areas.count(largest, movable)).isEqualTo(before);
        });
    }

    @TestFactory
    default Stream<DynamicTest> aStateIsForgottenAndLoaded() {
        return onEachZone(zone -> {
            FreeAreas areas = zone.areas();
            FreeModel model = new FreeModel(zone);
            Random random = new Random(8);
            for (int step = 0; step < 500; step++) {
                model.step(random.nextInt());
            }
            List<int[]> blocks = model.blocks();
            areas.clear();
            assertThat(model.blocks()).isEmpty();
            for (int pfn = TestZone.START; pfn < zone.endPfn(); pfn++) {
                assertThat(zone.frames().is(pfn, PageFlag.BUDDY)).isFalse();
            }
            blocks.forEach(block -> areas.append(block[0], block[1], block[2]));
            assertThat(model.blocks()).containsExactlyInAnyOrderElementsOf(blocks);
            model.compare();
            for (int step = 0; step < 500; step++) {
                model.step(random.nextInt());
            }
            model.compare();
        });
    }

    @TestFactory
    default Stream<DynamicTest> anotherEngineCanBeBuiltFromTheMarks() {
        return onEachZone(zone -> {
            FreeModel model = new FreeModel(zone);
            Random random = new Random(9);
            for (int step = 0; step < 500; step++) {
                model.step(random.nextInt());
            }
            List<int[]> marked = new ArrayList<>();
            PageFrames frames = zone.frames();
            for (int pfn = TestZone.START; pfn < zone.endPfn(); pfn++) {
                if (frames.is(pfn, PageFlag.BUDDY)) {
                    marked.add(new int[] {pfn, frames.buddyOrder(pfn), frames.privateData(pfn) >>> 8});
                }
            }
            assertThat(marked).containsExactlyInAnyOrderElementsOf(model.blocks());
        });
    }

    @TestFactory
    default Stream<DynamicTest> cmaServesMovableRequestsThatMayHaveItAndNoOther() {
        return onEachZone(zone -> {
            int cma = zone.type(MigrateType.CMA);
            Assumptions.assumeTrue(cma >= 0, "this kernel has no CMA");
            FreeAreas areas = zone.areas();
            areas.clear();
            int block = 1 << zone.frames().pageblockOrder();
            int start = (TestZone.START & -block) + block;
            zone.frames().setBlockType(start, cma);
            int order = Math.min(zone.frames().pageblockOrder(), zone.maxOrder() - 1);
            areas.put(start, order, cma);
            int movable = zone.type(MigrateType.MOVABLE);
            assertThat(areas.take(0, zone.type(MigrateType.UNMOVABLE), false)).isEqualTo(FreeAreas.NONE);
            assertThat(areas.take(0, movable, false)).isEqualTo(FreeAreas.NONE);
            areas.put(start + block, 0, movable);
            int own = areas.take(0, movable, true);
            assertThat(own).isEqualTo(start + block);
            areas.put(own, 0, movable);
            zone.setCmaFirst(true);
            int lent = areas.take(0, movable, true);
            assertThat(lent).isBetween(start, start + block - 1);
            assertThat(zone.frames().privateData(lent)).isEqualTo(cma);
            areas.put(lent, 0, cma);
            assertThat(areas.count(order, cma)).isEqualTo(1);
        });
    }

    @TestFactory
    default Stream<DynamicTest> takingAndGivingBlocksAllocatesNothingOnTheHost() {
        return onEachZone(zone -> {
            Assumptions.assumeTrue(
                    ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads
                            && threads.isThreadAllocatedMemorySupported(),
                    "this virtual machine does not count what a thread allocates");
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            HotZone work = new HotZone(zone);
            work.run();
            long id = Thread.currentThread().getId();
            long best = Long.MAX_VALUE;
            for (int attempt = 0; attempt < 5 && best > 0; attempt++) {
                long before = threads.getThreadAllocatedBytes(id);
                work.run();
                best = Math.min(best, threads.getThreadAllocatedBytes(id) - before);
            }
            assertThat(best).isLessThan(4096);
        });
    }

    /** The same work again and again, without a fallback. */
    final class HotZone {
        private static final int BLOCKS = 300;
        private static final int ROUNDS = 10;

        private final TestZone zone;
        private final int[] held = new int[BLOCKS];
        private final int movable;

        HotZone(TestZone zone) {
            this.zone = zone;
            movable = zone.type(MigrateType.MOVABLE);
        }

        void run() {
            FreeAreas areas = zone.areas();
            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < BLOCKS; i++) {
                    held[i] = areas.take(i & 3, movable, false);
                }
                for (int i = 0; i < BLOCKS; i++) {
                    // not in the order in which they were taken
                    int other = i * 7 % BLOCKS;
                    areas.put(held[other], other & 3, movable);
                }
            }
        }
    }

    /** A naive model of a zone: which frames are in somebody's hands. */
    final class FreeModel {
        private final TestZone zone;
        private final PageFrames frames;
        private final BitSet used = new BitSet();
        private final List<int[]> held = new ArrayList<>();

        FreeModel(TestZone zone) {
            this.zone = zone;
            frames = zone.frames();
        }

        /** Takes or gives a block. */
        void step(int random) {
            int mixed = random * 0x9e37_79b9;
            mixed ^= mixed >>> 15;
            if (held.isEmpty() || (mixed & 0xff) < 140) {
                int order = Math.min(zone.maxOrder() - 1, Integer.numberOfTrailingZeros(mixed >>> 9 | 1 << 20) / 2);
                take(order, (mixed >>> 24 & 3) % 3);
            } else {
                int[] block = held.remove((mixed >>> 8) % held.size());
                give(block);
            }
        }

        private void take(int order, int type) {
            int pfn = zone.areas().take(order, type, false);
            if (pfn == FreeAreas.NONE) {
                assertThat(hasFree(order))
                        .as("a block of order %d is free, but was refused", order)
                        .isFalse();
                return;
            }
            int end = pfn + (1 << order);
            assertThat(pfn % (1 << order)).isZero();
            assertThat(pfn >= TestZone.START && end <= zone.endPfn()).isTrue();
            assertThat(used.get(pfn, end).isEmpty())
                    .as("block 0x%x of order %d is somebody's", pfn, order)
                    .isTrue();
            assertThat(frames.is(pfn, PageFlag.BUDDY)).isFalse();
            used.set(pfn, end);
            frames.setCount(pfn, 1);
            held.add(new int[] {pfn, order});
        }

        private boolean hasFree(int order) {
            int size = 1 << order;
            for (int pfn = (TestZone.START + size - 1) & -size; pfn + size <= zone.endPfn(); pfn += size) {
                if (used.get(pfn, pfn + size).isEmpty()) {
                    return true;
                }
            }
            return false;
        }

        private void give(int[] block) {
            used.clear(block[0], block[0] + (1 << block[1]));
            frames.setCount(block[0], 0);
            zone.areas().put(block[0], block[1], frames.blockType(block[0]));
        }

        void freeAll() {
            held.forEach(this::give);
            held.clear();
        }

        int freeIn(int fromPfn, int toPfn) {
            return toPfn - fromPfn - used.get(fromPfn, toPfn).cardinality();
        }

        /** Every free block as the lists have it: pfn, order, type. */
        List<int[]> blocks() {
            List<int[]> blocks = new ArrayList<>();
            for (int order = 0; order < zone.maxOrder(); order++) {
                int ofOrder = 0;
                for (int type = 0; type < zone.types(); type++) {
                    int length = 0;
                    int pfn = zone.areas().first(order, type);
                    while (pfn != FreeAreas.NONE) {
                        blocks.add(new int[] {pfn, order, type});
                        length++;
                        pfn = zone.areas().nextBlock(pfn);
                    }
                    assertThat(length).isEqualTo(zone.areas().count(order, type));
                    ofOrder += length;
                }
                assertThat(ofOrder).isEqualTo(zone.areas().count(order));
            }
            return blocks;
        }

        /** The engine's own check, its lists and the marks say what the model says. */
        void compare() {
            BitSet expected = new BitSet();
            expected.set(TestZone.START, zone.endPfn());
            expected.andNot(used);
            assertThat(compareMarks()).isEqualTo(expected);
        }

        /** The engine's own check, its lists and the marks agree; the frames that are free. */
        BitSet compareMarks() {
            Findings findings = new Findings();
            zone.areas().verify(findings);
            assertThat(findings.problems()).isEmpty();
            BitSet listed = new BitSet();
            for (int[] block : blocks()) {
                assertThat(frames.is(block[0], PageFlag.BUDDY)).isTrue();
                assertThat(frames.privateData(block[0])).isEqualTo(block[1] | block[2] << 8);
                assertThat(listed.get(block[0], block[0] + (1 << block[1])).isEmpty())
                        .isTrue();
                listed.set(block[0], block[0] + (1 << block[1]));
            }
            assertThat(findings.claimed()).isEqualTo(listed);
            return listed;
        }
    }
}
