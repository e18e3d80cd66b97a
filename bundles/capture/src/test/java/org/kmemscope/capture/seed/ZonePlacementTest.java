package org.kmemscope.capture.seed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.kmemscope.api.page.PageState.FreeList;

/**
 * Counts that a real buddy allocator came to are found a place. The naive model: frames are freed at random and buddies merged by brute
 * force, which gives counts that surely have a place.
 */
class ZonePlacementTest {
    private static final int ORDERS = 6;
    private static final int PAGEBLOCK_ORDER = 4;
    private static final int MOVABLE = 1;

    @Property(tries = 200)
    void everyBlockGetsAPlaceOfItsOwn(
            @ForAll @IntRange(max = 100) int start,
            @ForAll @IntRange(min = 16, max = 700) int size,
            @ForAll @IntRange(max = 100) int percentFree,
            @ForAll int seed) {
        Random random = new Random(seed);
        BitSet free = new BitSet();
        for (int pfn = start; pfn < start + size; pfn++) {
            free.set(pfn, random.nextInt(100) < percentFree);
        }
        int[][] counts = new int[3][ORDERS];
        counts[MOVABLE] = merged(free, start, start + size);
        BitSet usable = new BitSet();
        usable.set(start, start + size);
        PlacedBlocks placed = new ZonePlacement(
                        start,
                        start + size,
                        usable,
                        PAGEBLOCK_ORDER,
                        new BlockCounts(counts, new int[] {-1, -1, -1}),
                        MOVABLE)
                .place(-1, new BitSet());

        assertThat(placed.missing()).isZero();
        int[] found = new int[ORDERS];
        BitSet taken = new BitSet();
        for (FreeList list : placed.freeLists()) {
            assertThat(list.migratetype()).isEqualTo(MOVABLE);
            for (int pfn : list.pfns()) {
                int end = pfn + (1 << list.order());
                assertThat(pfn % (1 << list.order())).as("alignment").isZero();
                assertThat(pfn).isGreaterThanOrEqualTo(start);
                assertThat(end).isLessThanOrEqualTo(start + size);
                assertThat(taken.get(pfn, end).isEmpty()).as("no frame twice").isTrue();
                taken.set(pfn, end);
                found[list.order()]++;
            }
        }
        assertThat(found).isEqualTo(counts[MOVABLE]);
        assertThat(placed.free()).isEqualTo(taken);
        // no two buddies of an order below the last: the allocator would have merged them
        assertThat(merged(taken, start, start + size)).isEqualTo(counts[MOVABLE]);
    }

    /** The blocks of a set of free frames after all buddies have merged. */
    private static int[] merged(BitSet free, int start, int end) {
        int[] counts = new int[ORDERS];
        int pfn = start;
        while (pfn < end) {
            int order = 0;
            while (free.get(pfn)
                    && order + 1 < ORDERS
                    && pfn % (2 << order) == 0
                    && pfn + (2 << order) <= end
                    && free.get(pfn, pfn + (2 << order)).cardinality() == 2 << order) {
                order++;
            }
            if (free.get(pfn)) {
                counts[order]++;
                pfn += 1 << order;
            } else {
                pfn++;
            }
        }
        return counts;
    }
}
