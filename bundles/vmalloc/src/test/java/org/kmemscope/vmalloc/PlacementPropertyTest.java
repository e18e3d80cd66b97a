package org.kmemscope.vmalloc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.vmalloc.VmallocState.FreeRange;

/** Where areas go, against a map of pages that is searched from its start. */
class PlacementPropertyTest {
    private static final int PAGE = 4096;
    private static final long START = 0xf100_3000L;
    private static final int PAGES = 600;
    private static final long END = START + (long) PAGES * PAGE;

    /** Pages in use, counted from START. */
    private static final class Model {
        private final BitSet used = new BitSet();
        private final int gap;

        Model(int gap) {
            this.gap = gap;
        }

        /** The lowest place, looked for page by page; a range ends where the pages before it are used, plus the gap. */
        long lowest(long size, long align) {
            int pages = (int) (size / PAGE);
            for (long at = Placement.align(START, align); at + size <= END; at += align) {
                int first = (int) ((at - START) / PAGE);
                int busy = used.nextSetBit(Math.max(0, first - gap));
                if (busy < 0 || busy >= first + pages) {
                    return at;
                }
            }
            return Placement.NONE;
        }

        boolean isFree(long start, long size) {
            int busy = used.nextSetBit((int) ((start - START) / PAGE));
            return start >= START && start + size <= END && (busy < 0 || busy >= (start + size - START) / PAGE);
        }

        void set(long start, long end, boolean value) {
            used.set((int) ((start - START) / PAGE), (int) ((end - START) / PAGE), value);
        }
    }

    private static final class Collected implements Verification {
        private final List<String> problems = new ArrayList<>();

        @Override
        public void checked(long count) {
            // only problems count
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
            throw new UnsupportedOperationException("addresses claim no frames");
        }
    }

    /** What a run of random requests expects of each answer. */
    private interface Expectation {
        void check(Model model, long answer, long size, long align);
    }

    private static void run(Placement placement, Model model, long seed, boolean aligned, Expectation expectation) {
        Random random = new Random(seed);
        TreeMap<Long, Long> live = new TreeMap<>();
        for (int step = 0; step < 400; step++) {
            if (live.isEmpty() || random.nextInt(100) < 60) {
                long size = (long) (1 + random.nextInt(random.nextInt(5) == 0 ? 60 : 8)) * PAGE;
                long align = aligned && random.nextBoolean() ? (long) PAGE << random.nextInt(6) : 1;
                long at = placement.take(size, align, START, END);
                expectation.check(model, at, size, Math.max(align, PAGE));
                if (at != Placement.NONE) {
                    assertThat(at % align).isZero();
                    assertThat(model.isFree(at, size)).isTrue();
                    model.set(at, at + size, true);
                    live.put(at, at + size);
                }
            } else {
                int batch = 1 + random.nextInt(4);
                TreeMap<Long, Long> freed = new TreeMap<>();
                for (int i = 0; i < batch && !live.isEmpty(); i++) {
                    Long key = new ArrayList<>(live.keySet()).get(random.nextInt(live.size()));
                    freed.put(key, live.remove(key));
                }
                freed.forEach((start, end) -> {
                    placement.give(start, end);
                    model.set(start, end, false);
                });
            }
            if (step % 20 == 0) {
                verify(placement, live);
            }
        }
        verify(placement, live);
    }

    private static void verify(Placement placement, Map<Long, Long> live) {
        RangeList taken = new RangeList();
        live.forEach((start, end) -> taken.add(start, end, 0));
        Collected report = new Collected();
        placement.verify(report, taken);
        assertThat(report.problems).isEmpty();
    }

    private static void lowestFit(Model model, long answer, long size, long align) {
        assertThat(answer).isEqualTo(model.lowest(size, align));
    }

    @Property(tries = 60)
    void before2628TheLowestPlaceIsTaken(@ForAll long seed) {
        run(new FirstFit(0), new Model(0), seed, true, PlacementPropertyTest::lowestFit);
    }

    @Property(tries = 60)
    void until2638APageIsLeftBehindEachRange(@ForAll long seed) {
        run(new FirstFit(PAGE), new Model(1), seed, true, PlacementPropertyTest::lowestFit);
    }

    /** The cache only ever makes the search start later: never below the lowest place, and in vain only if the rest is full. */
    @Property(tries = 60)
    void theCachedSearchFindsFreePlaces(@ForAll long seed) {
        run(new CachedFit(), new Model(0), seed, true, (model, answer, size, align) -> {
            long lowest = model.lowest(size, align);
            if (answer == Placement.NONE) {
                return;
            }
            assertThat(lowest).isNotEqualTo(Placement.NONE);
            assertThat(answer).isGreaterThanOrEqualTo(lowest);
        });
    }

    @Property(tries = 60)
    void theTreeGivesPageAlignedRequestsTheLowestPlace(@ForAll long seed) {
        run(new FreeTree(), new Model(0), seed, false, PlacementPropertyTest::lowestFit);
    }

    @Property(tries = 60)
    void theTreeGivesAlignedRequestsAFreePlace(@ForAll long seed) {
        run(new FreeTree(), new Model(0), seed, true, (model, answer, size, align) -> {
            if (answer != Placement.NONE) {
                assertThat(answer).isGreaterThanOrEqualTo(model.lowest(size, align));
            }
        });
    }

    /** A hole of exactly the wanted size below the cache is passed over until a smaller or less aligned request comes. */
    @Example
    void theCachePassesOverAHoleThatFitsExactly() {
        CachedFit placement = new CachedFit();
        long first = placement.take(4 * PAGE, 1, START, END);
        long wall = placement.take(PAGE, 1, START, END);
        placement.give(first, first + 4 * PAGE);
        // giving it back moved the cache away: this search starts at the beginning and passes over the hole
        assertThat(placement.take(5 * PAGE, 1, START, END)).isEqualTo(wall + PAGE);
        assertThat(placement.take(4 * PAGE, 1, START, END)).isEqualTo(wall + 6 * PAGE);
        assertThat(placement.take(3 * PAGE, 1, START, END)).isEqualTo(first);
    }

    /**
     * The lower range fits by chance, its address being aligned, but is shorter than size + align - 1: it is found only if the search
     * comes by.
     */
    @Example
    void whatAnAlignedRequestGetsDependsOnTheShapeOfTheTree() {
        RangeList taken = new RangeList();
        taken.add(0xf000_0000L, 0xf100_0000L, 0);
        taken.add(0xf100_2000L, 0xf200_0000L, 0);
        FreeRange low = new FreeRange("L", 1, 0xf000_0000L, false);
        FreeRange small = new FreeRange("", 0xf100_0000L, 0xf100_2000L, false);
        FreeRange high = new FreeRange("R", 0xf200_0000L, 0xffff_ffffL, false);
        FreeTree smallAtRoot = new FreeTree();
        smallAtRoot.load(taken, List.of(small, low, high));
        assertThat(smallAtRoot.take(0x2000, 0x2000, 0xf000_0000L, 0xff00_0000L)).isEqualTo(0xf100_0000L);

        FreeTree smallAtLeaf = new FreeTree();
        smallAtLeaf.load(
                taken,
                List.of(
                        new FreeRange("", 0xf200_0000L, 0xffff_ffffL, false),
                        new FreeRange("L", 1, 0xf000_0000L, false),
                        new FreeRange("LR", 0xf100_0000L, 0xf100_2000L, true),
                        // a free range above keeps both sides equally deep
                        new FreeRange("R", 0xffff_ffffL, 0x1_0000_0000L, false)));
        assertThat(smallAtLeaf.take(0x2000, 0x2000, 0xf000_0000L, 0xff00_0000L)).isEqualTo(0xf200_0000L);
    }
}
