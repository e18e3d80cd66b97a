package org.kmemscope.zone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kmemscope.api.ground.ZoneLimits;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.PageState.FreeList;
import org.kmemscope.api.page.PageState.PcpList;
import org.kmemscope.api.page.PageState.PerCpu;
import org.kmemscope.api.page.PageState.ZoneState;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.gfp.EraGfpProvider;

/** Recorded states: the counters alone, and states that are refused. */
class RecordedPagesTest {
    private static final int END = 0x3000;
    private static final int NORMAL = 1;

    private static ZonedPageAllocator allocator() {
        Map<String, String> config = Map.of("ZONE_DMA", "y", "SMP", "y", "MEMORY_ISOLATION", "y");
        ZoneLimits limits = new ZoneLimits(
                11,
                10,
                List.of(
                        new ZoneLimits.Zone(ZoneType.DMA, 1, 0x1000),
                        new ZoneLimits.Zone(ZoneType.NORMAL, 0x1000, END),
                        new ZoneLimits.Zone(ZoneType.MOVABLE, 0, 0)),
                List.of(new ZoneLimits.PfnRange(1, END)));
        TestGround ground = new TestGround("6.1", config, 1, limits, new EraGfpProvider());
        return (ZonedPageAllocator) new ZoneProvider().create(ground, List.of(), new BuddyProvider());
    }

    private static ZoneState with(ZoneState zone, List<FreeList> free, List<PcpList> perCpu, int[] types) {
        PerCpu cpu = zone.perCpu().get(0);
        return new ZoneState(
                zone.index(),
                zone.startPfn(),
                zone.spanned(),
                zone.present(),
                zone.managed(),
                zone.marks(),
                zone.boost(),
                zone.boosted(),
                zone.reclaimActive(),
                zone.highatomic(),
                zone.free(),
                zone.freeDiff(),
                zone.threshold(),
                zone.cma(),
                zone.cmaFree(),
                zone.cmaDiff(),
                zone.reserve(),
                List.of(new PerCpu(cpu.count(), cpu.high(), cpu.batch(), cpu.freeFactor(), perCpu)),
                free,
                types,
                zone.movable());
    }

    private static Arguments lists(List<FreeList> free, List<PcpList> perCpu, String message) {
        UnaryOperator<ZoneState> change = zone -> with(zone, free, perCpu, zone.blockTypes());
        return Arguments.of(change, message);
    }

    static Stream<Arguments> refused() {
        FreeList block = new FreeList(3, 0, new int[] {0x1008});
        UnaryOperator<ZoneState> type = zone -> with(zone, List.of(), List.of(), new int[] {0, 9});
        return Stream.of(
                lists(
                        List.of(block, new FreeList(0, 0, new int[] {0x100f})),
                        List.of(),
                        "zone Normal has a free block of order 0 at pfn 0x100f in the state, which is free already"),
                lists(
                        List.of(block),
                        List.of(new PcpList(0, new int[] {0x1008}, new int[] {0})),
                        "zone Normal has a free block of order 0 at pfn 0x1008 in the state, which is free already"),
                lists(
                        List.of(new FreeList(3, 0, new int[] {0x1004})),
                        List.of(),
                        "zone Normal has a free block of order 3 at pfn 0x1004 in the state, which is not aligned"),
                lists(
                        List.of(new FreeList(3, 0, new int[] {END})),
                        List.of(),
                        "zone Normal has a free block of order 3 at pfn 0x3000 in the state, which is not in it"),
                lists(
                        List.of(new FreeList(11, 0, new int[] {0x1000})),
                        List.of(),
                        "zone Normal has blocks of order 11 in the state, the largest order here is 10"),
                lists(
                        List.of(new FreeList(3, 7, new int[] {0x1008})),
                        List.of(),
                        "zone Normal has a migrate type 7 in the state, this kernel has 5 types"),
                lists(
                        List.of(),
                        List.of(new PcpList(14, new int[] {0x1008}, new int[] {0})),
                        "zone Normal has a per-CPU list 14 in the state, here there are 12"),
                Arguments.of(type, "zone Normal has a migrate type 9 in the state, this kernel has 5 types"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatContradictsItselfIsRefusedAndNothingChanges(UnaryOperator<ZoneState> change, String message) {
        ZonedPageAllocator pages = allocator();
        List<ZoneState> zones = new ArrayList<>(pages.state().zones());
        zones.set(NORMAL, change.apply(zones.get(NORMAL)));
        int first = pages.allocPages(0, 0);
        assertThatThrownBy(() -> pages.load(new PageState(zones)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        pages.freePages(first, 0);
        assertThat(pages.allocPages(0, 0)).isEqualTo(first);
    }

    @Test
    void theCountersAreThoseOfTheState() {
        ZonedPageAllocator pages = allocator();
        for (int i = 0; i < 100; i++) {
            pages.allocPages(0, i % 5);
        }
        ZoneState state = pages.state().zones().get(NORMAL);
        ZoneState counters = pages.counters().zones().get(NORMAL);
        assertThat(counters.freeLists()).isEmpty();
        assertThat(counters.blockTypes()).isEmpty();
        assertThat(counters.perCpu().get(0).lists()).isEmpty();
        assertThat(counters)
                .usingRecursiveComparison()
                .ignoringFields("freeLists", "blockTypes", "movable", "perCpu.lists")
                .isEqualTo(state);
    }
}
