package org.kmemscope.bitmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.zone.FreeAreas;
import org.kmemscope.testkit.TestZone;

class BestFitTest {
    private static final int START = 0x1013;

    /** A map of a few words, and the same as a set. */
    private static final class Both {
        final int end;
        final FrameBitmap map;
        final BitSet set = new BitSet();

        Both(int length) {
            end = START + length;
            map = new FrameBitmap(START, end);
        }

        void set(int pfn, int count) {
            map.set(pfn, count);
            set.set(pfn, pfn + count);
        }

        void clear(int pfn, int count) {
            map.clear(pfn, count);
            set.clear(pfn, pfn + count);
        }

        /** The rule told over a list of runs. */
        int naive(int order, boolean shortest) {
            int size = 1 << order;
            List<int[]> fitting = new ArrayList<>();
            for (int from = set.nextSetBit(START); from >= 0; from = set.nextSetBit(set.nextClearBit(from))) {
                int length = set.nextClearBit(from) - from;
                int block = from;
                while (block % size != 0) {
                    block++;
                }
                if (block + size <= from + length) {
                    fitting.add(new int[] {length, block});
                }
            }
            return fitting.stream()
                    .sorted((one, other) -> shortest ? one[0] - other[0] : other[0] - one[0])
                    .map(run -> run[1])
                    .findFirst()
                    .orElse(FreeAreas.NONE);
        }
    }

    @Property(tries = 100)
    void theRunIsTheOneThatTheRuleNames(@ForAll long seed, @ForAll @IntRange(min = 1, max = 700) int length) {
        Random random = new Random(seed);
        Both both = new Both(length);
        for (int step = 0; step < 60; step++) {
            int pfn = START + random.nextInt(length);
            int count = 1 + random.nextInt(Math.min(1 << random.nextInt(9), both.end - pfn));
            if (random.nextBoolean()) {
                both.set(pfn, count);
            } else {
                both.clear(pfn, count);
            }
            for (int order = 0; order < 6; order++) {
                assertThat(BestFit.shortest(both.map, START, both.end, order)).isEqualTo(both.naive(order, true));
                assertThat(BestFit.longest(both.map, START, both.end, order)).isEqualTo(both.naive(order, false));
            }
            int from = START + random.nextInt(length);
            int to = from + random.nextInt(both.end - from + 1);
            assertThat(both.map.count(from, to))
                    .isEqualTo(both.set.get(from, to).cardinality());
            assertThat(both.map.isSet(from)).isEqualTo(both.set.get(from));
        }
    }

    @Test
    void aRequestIsServedFromTheSmallestRunThatFits() {
        TestZone zone = new TestZone("i386-1g", new BitmapProvider(), 11, 10);
        FreeAreas areas = zone.areas();
        int movable = zone.type(MigrateType.MOVABLE);
        for (int[] run : new int[][] {{0x1100, 64}, {0x1201, 6}, {0x1300, 4}, {0x1401, 1}}) {
            for (int pfn = run[0]; pfn < run[0] + run[1]; pfn++) {
                areas.put(pfn, 0, movable);
            }
        }
        assertThat(areas.take(0, movable, false)).isEqualTo(0x1401);
        assertThat(areas.take(2, movable, false)).isEqualTo(0x1300);
        assertThat(areas.take(1, movable, false))
                .as("0x1201 is odd, so the block begins behind it")
                .isEqualTo(0x1202);
        assertThat(areas.take(0, movable, false))
                .as("of a run of one that is left")
                .isEqualTo(0x1201);
        assertThat(areas.take(1, movable, false)).isEqualTo(0x1204);
        assertThat(areas.take(1, movable, false)).isEqualTo(0x1100);
        assertThat(areas.take(4, movable, false)).isEqualTo(0x1110);
        int[] counts = Arrays.stream(new int[] {0, 1, 2, 3, 4, 5})
                .map(order -> areas.count(order, movable))
                .toArray();
        assertThat(counts).containsExactly(1, 1, 1, 1, 0, 1);
    }

    @Test
    void aForeignRequestTakesTheLongestRunAndAPageblockThatIsMostlyFree() {
        TestZone zone = new TestZone("linux-6.1-686-pae", new BitmapProvider(), 11, 9);
        FreeAreas areas = zone.areas();
        int movable = zone.type(MigrateType.MOVABLE);
        int unmovable = zone.type(MigrateType.UNMOVABLE);
        areas.put(0x1200, 5, movable);
        areas.put(0x1400, 8, movable);
        assertThat(areas.take(0, unmovable, false)).isEqualTo(0x1400);
        assertThat(zone.frames().blockType(0x1400)).as("half of it was free").isEqualTo(unmovable);
        assertThat(areas.count(7, unmovable)).isEqualTo(1);
        areas.remove(areas.first(7, unmovable));
        assertThat(areas.take(5, unmovable, false)).isEqualTo(0x1420);
        assertThat(areas.take(6, unmovable, false)).isEqualTo(0x1440);
        for (int order = 5; order >= 0; order--) {
            while (areas.takeOfType(order, unmovable) != FreeAreas.NONE) {
                // until nothing of its own is left
            }
        }
        assertThat(areas.take(3, unmovable, false)).isEqualTo(0x1200);
        assertThat(zone.frames().blockType(0x1200))
                .as("too little of it was free")
                .isEqualTo(movable);
        assertThat(areas.count(4, movable)).isEqualTo(1);
    }
}
