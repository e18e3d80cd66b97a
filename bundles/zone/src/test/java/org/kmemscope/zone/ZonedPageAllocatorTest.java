package org.kmemscope.zone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.ground.ZoneLimits;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.gfp.EraGfpProvider;

class ZonedPageAllocatorTest {
    private static final int DMA_END = 0x1000;
    private static final int LOW_END = 0x3800;
    private static final int HIGH_END = 0x5010;
    private static final String[] ERAS = {"2.6.24", "2.6.29", "2.6.32", "3.2", "6.1"};

    /** 16 MiB DMA, 40 MiB Normal, 24 MiB and a bit of HighMem. */
    private static TestGround ground(String version, int cpus) {
        Map<String, String> config =
                new HashMap<>(Map.of("HIGHMEM", "y", "HIGHMEM4G", "y", "ZONE_DMA", "y", "SMP", "y"));
        if (version.equals("6.1")) {
            config.put("MEMORY_ISOLATION", "y");
        }
        ZoneLimits limits = new ZoneLimits(
                11,
                10,
                List.of(
                        new ZoneLimits.Zone(ZoneType.DMA, 1, DMA_END),
                        new ZoneLimits.Zone(ZoneType.NORMAL, DMA_END, LOW_END),
                        new ZoneLimits.Zone(ZoneType.HIGHMEM, LOW_END, HIGH_END),
                        new ZoneLimits.Zone(ZoneType.MOVABLE, 0, 0)),
                List.of(new ZoneLimits.PfnRange(1, HIGH_END)));
        return new TestGround(version, config, cpus, limits, new EraGfpProvider());
    }

    private static ZonedPageAllocator allocator(TestGround ground) {
        return (ZonedPageAllocator) new ZoneProvider().create(ground, List.of(), new BuddyProvider());
    }

    private static final class Report implements Verification {
        final List<String> problems = new ArrayList<>();
        final BitSet claimed = new BitSet();

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
            if (!claimed.get(pfn, pfn + count).isEmpty()) {
                problem("0x%x is claimed twice, now as %s", pfn, state);
            }
            claimed.set(pfn, pfn + count);
        }
    }

    @Property(tries = 40)
    void everyFrameIsFreeOrHeldAndNeverBoth(@ForAll long seed) {
        Random random = new Random(seed);
        TestGround ground = ground(ERAS[random.nextInt(ERAS.length)], 2);
        ZonedPageAllocator pages = allocator(ground);
        int[] masks = {
            ground.gfp().parse("GFP_KERNEL"),
            ground.gfp().parse("GFP_ATOMIC"),
            ground.gfp().parse("GFP_DMA"),
            ground.gfp().parse("GFP_HIGHUSER"),
            ground.gfp().parse("GFP_HIGHUSER_MOVABLE"),
            ground.gfp().parse("GFP_NOWAIT|__GFP_RECLAIMABLE|__GFP_NOWARN")
        };
        BitSet held = new BitSet();
        List<int[]> live = new ArrayList<>();
        for (int step = 0; step < 1500; step++) {
            ground.context.cpu = random.nextInt(2);
            if (live.isEmpty() || random.nextInt(100) < 58) {
                int order = Math.min(10, (int) Math.abs(random.nextGaussian() * 2));
                int mask = masks[random.nextInt(masks.length)];
                int pfn = allocate(pages, mask, order);
                if (pfn >= 0) {
                    int end = pfn + (1 << order);
                    assertThat(held.get(pfn, end).isEmpty())
                            .as("0x%x handed out twice", pfn)
                            .isTrue();
                    held.set(pfn, end);
                    live.add(new int[] {pfn, order});
                    ZoneType highest = ground.gfp().zone(mask);
                    ZoneType got = pages.zoneType(ground.frames().zone(pfn));
                    assertThat(got.compareTo(highest))
                            .as("%s from %s", ground.gfp().format(mask), got)
                            .isLessThanOrEqualTo(0);
                }
            } else {
                int[] block = live.remove(random.nextInt(live.size()));
                held.clear(block[0], block[0] + (1 << block[1]));
                pages.freePages(block[0], block[1]);
            }
        }
        Report report = new Report();
        pages.verify(report);
        assertThat(report.problems).isEmpty();
        report.claimed.or(held);
        assertThat(report.claimed.cardinality())
                .as("free and held make up all frames")
                .isEqualTo(HIGH_END - 1);
    }

    /** 6.1 goes by {@code __GFP_ATOMIC} here: {@code __GFP_HIGH} alone may go below the min watermark, but not below a boost of it. */
    @Test
    void onlyAtomicRequestsIgnoreABoost() {
        TestGround ground = ground("6.1", 1);
        ZonedPageAllocator pages = allocator(ground);
        Zone normal = pages.zones[1];
        normal.boost = 4L * normal.min;
        normal.free = normal.min;
        pages.zones[0].free = 0;
        assertThat(pages.allocPages(ground.gfp().parse("__GFP_HIGH|__GFP_NOWARN"), 0))
                .isEqualTo(-1);
        assertThat(pages.allocPages(ground.gfp().parse("GFP_ATOMIC|__GFP_NOWARN"), 0))
                .isPositive();
        normal.boost = 0;
        normal.free = normal.min;
        assertThat(pages.allocPages(ground.gfp().parse("__GFP_HIGH|__GFP_NOWARN"), 0))
                .isPositive();
    }

    private static int allocate(ZonedPageAllocator pages, int mask, int order) {
        try {
            return pages.allocPages(mask, order);
        } catch (org.kmemscope.api.error.TaskKilled e) {
            return -1;
        }
    }

    @Test
    void requestsStopAtTheirWatermarkAndReserve() {
        for (String era : ERAS) {
            TestGround ground = ground(era, 1);
            ZonedPageAllocator pages = allocator(ground);
            int atomic = ground.gfp().parse("GFP_ATOMIC");
            while (pages.allocPages(atomic, 0) >= 0) {
                // until the reserves end
            }
            pages.drainAllPages();
            List<ZoneView> zones = pages.zones();
            ZoneView dma = zones.get(0);
            long min = dma.min() - dma.min() / 2;
            min -= min / 4;
            // the counter that is compared lags behind by up to the threshold of the CPU's difference
            long floor = min + dma.protection().get(1);
            assertThat(dma.free())
                    .as("DMA in %s keeps its lowmem_reserve against requests that could use Normal", era)
                    .isBetween(floor - dma.statThreshold(), floor + dma.statThreshold());
            assertThat(pages.explain(atomic, 0).zones()).noneMatch(zone -> zone.fits());
            assertThat(ground.logged).anyMatch(line -> line.contains("page allocation failure"));
            assertThat(pages.allocPages(ground.gfp().parse("GFP_HIGHUSER"), 0))
                    .as("high memory is left")
                    .isPositive();
        }
    }

    @Test
    void aStateThatIsLoadedIsTheStateThatWasSaved() {
        for (String era : ERAS) {
            TestGround ground = ground(era, 1);
            ZonedPageAllocator pages = allocator(ground);
            Random random = new Random(7);
            List<int[]> live = new ArrayList<>();
            int mask = ground.gfp().parse("GFP_HIGHUSER");
            for (int i = 0; i < 800; i++) {
                int order = random.nextInt(4);
                live.add(new int[] {pages.allocPages(mask, order), order});
            }
            for (int i = 0; i < 400; i++) {
                int[] block = live.remove(random.nextInt(live.size()));
                pages.freePages(block[0], block[1]);
            }
            PageState state = pages.state();
            ZonedPageAllocator other = allocator(ground(era, 1));
            other.load(state);
            for (int i = 0; i < 300; i++) {
                int order = random.nextInt(4);
                assertThat(other.allocPages(mask, order)).as(era).isEqualTo(pages.allocPages(mask, order));
            }
        }
    }

    @Test
    void compoundPagesKnowTheirHead() {
        TestGround ground = ground("6.1", 1);
        ZonedPageAllocator pages = allocator(ground);
        int pfn = pages.allocPages(ground.gfp().parse("GFP_KERNEL|__GFP_COMP"), 3);
        assertThat(ground.frames().compoundHead(pfn + 5)).isEqualTo(pfn);
        assertThat(ground.frames().compoundOrder(pfn)).isEqualTo(3);
        assertThatThrownBy(() -> pages.freePages(pfn + 1, 0))
                .isInstanceOf(KernelBug.class)
                .hasMessageContaining("tail");
        assertThatThrownBy(() -> pages.splitPage(pfn, 3)).isInstanceOf(KernelBug.class);
        pages.freePages(pfn, 3);
        assertThat(ground.frames().is(pfn + 5, PageFlag.TAIL)).isFalse();
    }

    @Test
    void splitPagesAreFreedOneByOne() {
        TestGround ground = ground("2.6.32", 1);
        ZonedPageAllocator pages = allocator(ground);
        long free = pages.freePageCount();
        int pfn = pages.allocPages(ground.gfp().parse("GFP_KERNEL"), 4);
        pages.splitPage(pfn, 4);
        for (int page = 15; page >= 0; page--) {
            pages.freePages(pfn + page, 0);
        }
        pages.drainAllPages();
        assertThat(pages.freePageCount()).isEqualTo(free);
    }

    @Test
    void pagesThatMustNotBeFreedAreKept() {
        TestGround ground = ground("2.6.24", 1);
        ZonedPageAllocator pages = allocator(ground);
        int gfp = ground.gfp().parse("GFP_KERNEL");
        int pfn = pages.allocPages(gfp, 2);
        assertThatThrownBy(() -> pages.freePages(pfn, 3)).hasMessageContaining("Bad page state");
        ground.frames().set(pfn, PageFlag.LOCKED);
        assertThatThrownBy(() -> pages.freePages(pfn, 2)).hasMessageContaining("LOCKED");
        ground.frames().clear(pfn, PageFlag.LOCKED);
        pages.freePages(pfn, 2);
        assertThatThrownBy(() -> pages.freePages(pfn, 2)).hasMessageContaining("free already");
    }

    @Test
    void contiguousAreasServeMovablePagesUntilTheyAreAskedFor() {
        Map<String, String> config =
                new HashMap<>(Map.of("HIGHMEM", "y", "SMP", "y", "CMA", "y", "MEMORY_ISOLATION", "y", "ZONE_DMA", "y"));
        ZoneLimits limits = new ZoneLimits(
                11,
                10,
                List.of(
                        new ZoneLimits.Zone(ZoneType.DMA, 0, 0x2000),
                        new ZoneLimits.Zone(ZoneType.NORMAL, 0, 0),
                        new ZoneLimits.Zone(ZoneType.HIGHMEM, 0, 0),
                        new ZoneLimits.Zone(ZoneType.MOVABLE, 0, 0)),
                List.of(new ZoneLimits.PfnRange(0, 0x2000)));
        TestGround ground = new TestGround("6.1", config, 1, limits, new EraGfpProvider());
        ZonedPageAllocator pages = (ZonedPageAllocator) new ZoneProvider()
                .create(
                        ground,
                        List.of(new org.kmemscope.api.phys.RamRange(0x1000L << 12, 0x1400L << 12)),
                        new BuddyProvider());
        pages.addCma(0x1000, 0x1400);
        assertThat(pages.zones().get(0).cmaFree()).isEqualTo(1024);
        int kernel = ground.gfp().parse("GFP_ATOMIC");
        int pfn = pages.allocPages(kernel, 9);
        while (pfn >= 0) {
            assertThat(pfn < 0x1000 || pfn >= 0x1400)
                    .as("an unmovable request got a CMA page")
                    .isTrue();
            pfn = pages.allocPages(kernel, 9);
        }
        int movable = pages.allocPages(ground.gfp().parse("GFP_ATOMIC|__GFP_MOVABLE"), 0);
        assertThat(movable).isBetween(0x1000, 0x13ff);
        int piece = pages.allocContiguous(0x1000, 0x1400, 100, 4);
        assertThat(piece).isNotNegative();
        assertThat(piece % 16).isZero();
        assertThat(movable < piece || movable >= piece + 100).isTrue();
        pages.freeContiguous(piece, 100);
        pages.freePages(movable, 0);
        pages.drainAllPages();
        assertThat(pages.zones().get(0).cmaFree()).isEqualTo(1024);
        Report report = new Report();
        pages.verify(report);
        assertThat(report.problems).isEmpty();
    }
}
