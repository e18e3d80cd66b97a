package org.kmemscope.buddy;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.trace.Tracepoints;
import org.kmemscope.api.zone.FreeAreaHost;
import org.kmemscope.physmem.SparseMemoryProvider;

class BuddyFreeAreasTest {
    private static final int MAX_ORDER = 11;
    private static final MigrateTypes OLD = new MigrateTypes(List.of(
            MigrateType.UNMOVABLE,
            MigrateType.RECLAIMABLE,
            MigrateType.MOVABLE,
            MigrateType.RESERVE,
            MigrateType.ISOLATE));
    private static final MigrateTypes MODERN = new MigrateTypes(List.of(
            MigrateType.UNMOVABLE,
            MigrateType.MOVABLE,
            MigrateType.RECLAIMABLE,
            MigrateType.HIGHATOMIC,
            MigrateType.ISOLATE));

    /** A zone from pfn 0x1010, which is no multiple of a pageblock, over three and a bit pageblocks. */
    private static final class TestZone implements FreeAreaHost {
        static final int START = 0x1010;
        static final int END = START + 3 * 1024 + 100;
        final PageFrames frames;
        final BuddyFreeAreas areas;
        final List<String> fallbacks = new ArrayList<>();
        int boosts;

        TestZone(String version, MigrateTypes types, int blockType) {
            frames = new SparseMemoryProvider().createFrames(START, END, 10);
            frames.assignZone(0, START, END);
            for (int pfn = START; pfn < END; pfn = (pfn & -1024) + 1024) {
                frames.setBlockType(pfn, blockType);
            }
            areas = new BuddyFreeAreas(
                    frames, silent(), this, BuddyRules.of(KernelVersion.parse(version), types), MAX_ORDER);
        }

        void freeAll() {
            for (int pfn = START; pfn < END; pfn++) {
                areas.put(pfn, 0, frames.blockType(pfn));
            }
        }

        @Override
        public int zoneIndex() {
            return 0;
        }

        @Override
        public int startPfn() {
            return START;
        }

        @Override
        public int endPfn() {
            return END;
        }

        @Override
        public boolean mobilityGroupingDisabled() {
            return false;
        }

        @Override
        public boolean cmaFirst() {
            return false;
        }

        @Override
        public void boostWatermark() {
            boosts++;
        }

        @Override
        public void fellBack(int pfn, int order, int fallbackOrder, int type, int fallbackType, boolean claimed) {
            fallbacks.add(
                    order + "<-" + fallbackOrder + " type " + type + "<-" + fallbackType + (claimed ? " claimed" : ""));
        }
    }

    /** Tracepoints that nobody listens to. */
    private static Tracepoints silent() {
        return (Tracepoints) Proxy.newProxyInstance(
                Tracepoints.class.getClassLoader(),
                new Class<?>[] {Tracepoints.class},
                (proxy, method, arguments) -> method.getReturnType() == boolean.class ? Boolean.FALSE : null);
    }

    /** Collects problems, and the frames that the free lists claim. */
    private static final class Report implements Verification {
        final List<String> problems = new ArrayList<>();
        final BitSet free = new BitSet();

        @Override
        public void checked(long count) {
            // only problems matter here
        }

        @Override
        public void check(boolean holds, String format, Object... arguments) {
            if (!holds) {
                problem(format, arguments);
            }
        }

        @Override
        public void problem(String format, Object... arguments) {
            problems.add(String.format(format, arguments));
        }

        @Override
        public void claim(int pfn, int count, String state) {
            if (!free.get(pfn, pfn + count).isEmpty()) {
                problem("0x%x is free twice", pfn);
            }
            free.set(pfn, pfn + count);
        }
    }

    @Property(tries = 60)
    void oldRulesKeepEveryFrameOnce(@ForAll long seed) {
        randomWork("2.6.24", OLD, seed);
    }

    @Property(tries = 60)
    void laterRulesKeepEveryFrameOnce(@ForAll long seed) {
        randomWork("6.1", MODERN, seed);
    }

    /** A naive model knows each allocated block, and that a request may only fail if no free block is large enough. */
    private static void randomWork(String version, MigrateTypes types, long seed) {
        int movable = types.indexOf(MigrateType.MOVABLE);
        TestZone zone = new TestZone(version, types, movable);
        zone.freeAll();
        Random random = new Random(seed);
        TreeMap<Integer, Integer> live = new TreeMap<>();
        BitSet used = new BitSet();
        for (int step = 0; step < 600; step++) {
            if (random.nextInt(100) < 55) {
                int order = Math.min(MAX_ORDER - 1, (int) Math.abs(random.nextGaussian() * 2.5));
                int pfn = zone.areas.take(order, random.nextInt(3), false);
                if (pfn == PageFrames.NONE) {
                    assertThat(hasFreeBlock(used, order))
                            .as("order %d refused although it is there", order)
                            .isFalse();
                    continue;
                }
                int end = pfn + (1 << order);
                assertThat(pfn % (1 << order)).isZero();
                assertThat(pfn >= TestZone.START && end <= TestZone.END).isTrue();
                assertThat(used.get(pfn, end).isEmpty())
                        .as("0x%x handed out twice", pfn)
                        .isTrue();
                used.set(pfn, end);
                live.put(pfn, order);
            } else if (!live.isEmpty()) {
                Integer pfn = live.floorKey(TestZone.START + random.nextInt(TestZone.END - TestZone.START));
                if (pfn != null) {
                    int order = live.remove(pfn);
                    used.clear(pfn, pfn + (1 << order));
                    zone.areas.put(pfn, order, zone.frames.blockType(pfn));
                }
            }
        }
        Report report = new Report();
        zone.areas.verify(report);
        assertThat(report.problems).isEmpty();
        BitSet expected = new BitSet();
        expected.set(TestZone.START, TestZone.END);
        expected.andNot(used);
        assertThat(report.free).isEqualTo(expected);
    }

    private static boolean hasFreeBlock(BitSet used, int order) {
        int size = 1 << order;
        for (int pfn = (TestZone.START + size - 1) & -size; pfn + size <= TestZone.END; pfn += size) {
            if (used.get(pfn, pfn + size).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    @Test
    void splittingKeepsTheLowerHalfAndPutsTheUpperOnesToTheirHeads() {
        TestZone zone = new TestZone("6.1", MODERN, 1);
        zone.areas.append(0x1400, 10, 1);
        assertThat(zone.areas.take(0, 1, false)).isEqualTo(0x1400);
        for (int order = 0; order < 10; order++) {
            assertThat(zone.areas.first(order, 1)).isEqualTo(0x1400 + (1 << order));
            assertThat(zone.areas.count(order)).isEqualTo(1);
        }
    }

    @Test
    void aFreedBlockGoesToTheTailIfItIsAboutToMerge() {
        for (String version : new String[] {"2.6.32", "2.6.38"}) {
            TestZone zone = new TestZone(version, OLD, 2);
            zone.areas.append(0x1500, 0, 2);
            zone.areas.append(0x1402, 1, 2);
            // 0x1400 could merge with 0x1401, and the two then with the free block at 0x1402
            zone.areas.put(0x1400, 0, 2);
            int expectedFirst = version.equals("2.6.32") ? 0x1400 : 0x1500;
            assertThat(zone.areas.first(0, 2)).as(version).isEqualTo(expectedFirst);
        }
    }

    @Test
    void oldFallbackServesAtOnceAndClaimsPageblocksThatAreMostlyFree() {
        TestZone zone = new TestZone("2.6.24", OLD, 2);
        zone.areas.append(0x1400, 10, 2);
        assertThat(zone.areas.take(3, 0, false)).isEqualTo(0x1400);
        assertThat(zone.frames.blockType(0x1400)).isZero();
        assertThat(zone.areas.first(9, 0)).isEqualTo(0x1600);
        assertThat(zone.fallbacks).containsExactly("3<-10 type 0<-2 claimed");
        assertThat(zone.boosts).isZero();
    }

    @Test
    void laterFallbackBoostsAndLeavesPageblocksThatAreMostlyUsed() {
        TestZone zone = new TestZone("6.1", MODERN, 1);
        zone.areas.append(0x1400, 6, 1);
        for (int pfn = 0x1440; pfn < 0x1800; pfn++) {
            zone.frames.set(pfn, PageFlag.LRU);
        }
        assertThat(zone.areas.take(0, 0, false)).isEqualTo(0x1400);
        assertThat(zone.frames.blockType(0x1400))
                .as("64 of 1024 pages are too few")
                .isEqualTo(1);
        assertThat(zone.boosts).isEqualTo(1);
        assertThat(zone.areas.first(5, 0))
                .as("the rest of the block has changed lists")
                .isEqualTo(0x1420);
    }

    @Test
    void pagesInUseThatCannotMoveCountForAnUnmovableClaim() {
        TestZone zone = new TestZone("6.1", MODERN, 1);
        zone.areas.append(0x1400, 6, 1);
        assertThat(zone.areas.take(0, 0, false)).isEqualTo(0x1400);
        assertThat(zone.frames.blockType(0x1400)).isZero();
    }

    @Test
    void aMovableRequestTakesTheSmallestForeignBlock() {
        TestZone zone = new TestZone("6.1", MODERN, 0);
        zone.areas.append(0x1400, 4, 0);
        zone.areas.append(0x1500, 2, 0);
        assertThat(zone.areas.take(0, 1, false)).isEqualTo(0x1500);
        assertThat(zone.areas.count(4, 0)).isEqualTo(1);
    }

    @Test
    void reserveIsTheLastResortOfOldKernels() {
        TestZone zone = new TestZone("2.6.24", OLD, 3);
        zone.areas.append(0x1400, 4, 3);
        assertThat(zone.areas.take(1, 2, false)).isEqualTo(0x1400);
        assertThat(zone.areas.count(3, 3)).as("the rest stays in reserve").isEqualTo(1);
    }
}
