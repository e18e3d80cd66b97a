package org.kmemscope.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.kmemscope.dma.SpanMap.Placement;

class SpanMapTest {
    /** Looks at every place. */
    private static int naive(boolean[] taken, int count, int align, boolean fromTop) {
        int found = SpanMap.NONE;
        for (int first = 0; first + count <= taken.length; first += align) {
            boolean free = true;
            for (int page = first; page < first + count; page++) {
                free &= !taken[page];
            }
            if (free && (fromTop || found == SpanMap.NONE)) {
                found = first;
            }
        }
        return found;
    }

    @Property(tries = 300)
    void placesLikeANaiveSearch(
            @ForAll Placement placement,
            @ForAll @IntRange(min = 1, max = 96) int pages,
            @ForAll @IntRange(min = 0, max = 7) int mostAlignOrder,
            @ForAll long seed) {
        SpanMap map = new SpanMap(pages, placement, 1 << mostAlignOrder);
        boolean[] taken = new boolean[pages];
        List<int[]> live = new ArrayList<>();
        Random random = new Random(seed);
        for (int step = 0; step < 120; step++) {
            if (live.isEmpty() || random.nextInt(100) < 60) {
                int count = 1 + random.nextInt(random.nextInt(100) < 80 ? 6 : pages + 2);
                int align = placement == Placement.LOWEST
                        ? 1
                        : Math.min(1 << mostAlignOrder, Integer.highestOneBit(2 * count - 1));
                int expected = naive(taken, count, align, placement == Placement.HIGHEST_ALIGNED);
                assertThat(map.take(count)).isEqualTo(expected);
                if (expected != SpanMap.NONE) {
                    live.add(new int[] {expected, count});
                    java.util.Arrays.fill(taken, expected, expected + count, true);
                }
            } else {
                int[] span = live.remove(random.nextInt(live.size()));
                map.give(span[0], span[1]);
                java.util.Arrays.fill(taken, span[0], span[0] + span[1], false);
            }
        }
        int count = 0;
        for (boolean page : taken) {
            count += page ? 1 : 0;
        }
        assertThat(map.takenPages()).isEqualTo(count);
    }

    /** The case that made the kernel turn around: 2 x 128 KiB and 640 KiB fit into 1 MiB only from the top. */
    @Test
    void theSameBuffersFitFromTheTopAndNotFromTheBottom() {
        SpanMap bottom = new SpanMap(256, Placement.LOWEST_ALIGNED, 256);
        SpanMap top = new SpanMap(256, Placement.HIGHEST_ALIGNED, 256);
        assertThat(bottom.take(32)).isZero();
        assertThat(bottom.take(32)).isEqualTo(32);
        assertThat(bottom.take(160)).isEqualTo(SpanMap.NONE);
        assertThat(top.take(32)).isEqualTo(224);
        assertThat(top.take(32)).isEqualTo(192);
        assertThat(top.take(160)).isZero();
    }

    @Test
    void nothingAndTooMuchGetNothing() {
        SpanMap map = new SpanMap(4, Placement.LOWEST_ALIGNED, 4);
        assertThat(map.take(0)).isEqualTo(SpanMap.NONE);
        assertThat(map.take(5)).isEqualTo(SpanMap.NONE);
        assertThat(map.take(4)).isZero();
        assertThat(map.isTaken(3)).isTrue();
    }
}
