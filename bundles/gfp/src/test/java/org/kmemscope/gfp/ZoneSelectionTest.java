package org.kmemscope.gfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.kmemscope.api.page.ZoneType.DMA;
import static org.kmemscope.api.page.ZoneType.DMA32;
import static org.kmemscope.api.page.ZoneType.HIGHMEM;
import static org.kmemscope.api.page.ZoneType.MOVABLE;
import static org.kmemscope.api.page.ZoneType.NORMAL;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.ZoneType;

/** Zones and migrate types that a mask selects, where no kernel was asked directly: each combination by hand. */
class ZoneSelectionTest {
    /** The zone of each combination of MOVABLE, DMA32, HIGHMEM, DMA (8, 4, 2, 1), in counting order. */
    private static List<ZoneType> zones(GfpTable table) {
        return IntStream.range(0, 16)
                .mapToObj(bits -> table.zone(mask(table, bits)))
                .toList();
    }

    private static int mask(GfpTable table, int bits) {
        return bits & 7 | ((bits & 8) != 0 ? table.of(Gfp.__GFP_MOVABLE) : 0) | table.of(Gfp.GFP_KERNEL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.6.31", "2.6.32", "2.6.38.5", "3.2", "4.4", "6.1"})
    void i386TakesTheLowestZoneForACombinationWithoutMeaning(String release) {
        assertThat(zones(Kernels.i386(release)))
                .containsExactly(
                        NORMAL, DMA, HIGHMEM, DMA, NORMAL, DMA, DMA, DMA, NORMAL, DMA, MOVABLE, DMA, NORMAL, DMA, DMA,
                        DMA);
    }

    @Test
    void before2631NoCombinationIsRefused() {
        assertThat(zones(Kernels.i386("2.6.24.3")))
                .containsExactly(
                        NORMAL, DMA, HIGHMEM, DMA, NORMAL, DMA, HIGHMEM, DMA, NORMAL, DMA, MOVABLE, DMA, NORMAL, DMA,
                        MOVABLE, DMA);
        assertThat(zones(Kernels.table("2.6.30", "HIGHMEM")))
                .containsExactly(
                        NORMAL, NORMAL, HIGHMEM, HIGHMEM, NORMAL, NORMAL, HIGHMEM, HIGHMEM, NORMAL, NORMAL, MOVABLE,
                        MOVABLE, NORMAL, NORMAL, MOVABLE, MOVABLE);
    }

    @Test
    void withoutZoneDmaTheLowestZoneIsNormal() {
        // 3.8 on Exynos: HIGHMEM, but no ZONE_DMA
        GfpTable arm = Kernels.table("3.8.13", "HIGHMEM");
        assertThat(zones(arm))
                .containsExactly(
                        NORMAL, NORMAL, HIGHMEM, NORMAL, NORMAL, NORMAL, NORMAL, NORMAL, NORMAL, NORMAL, MOVABLE,
                        NORMAL, NORMAL, NORMAL, NORMAL, NORMAL);
        assertThat(arm.zone(arm.parse("GFP_KERNEL|GFP_DMA"))).isEqualTo(NORMAL);
        assertThat(arm.isBadZone(arm.parse("GFP_HIGHUSER|GFP_DMA"))).isTrue();
    }

    @Test
    void withoutHighMemoryOnlyMovablePagesLeaveNormal() {
        assertThat(zones(Kernels.table("3.4.67", "ZONE_DMA")))
                .containsExactly(
                        NORMAL, DMA, NORMAL, DMA, NORMAL, DMA, DMA, DMA, NORMAL, DMA, MOVABLE, DMA, NORMAL, DMA, DMA,
                        DMA);
        assertThat(zones(Kernels.table("2.6.29", "ZONE_DMA")))
                .containsExactly(
                        NORMAL, DMA, NORMAL, DMA, NORMAL, DMA, NORMAL, DMA, NORMAL, DMA, MOVABLE, DMA, NORMAL, DMA,
                        MOVABLE, DMA);
    }

    @Test
    void aKernelOf64BitsHasDma32() {
        assertThat(zones(Kernels.table("2.6.32", "ZONE_DMA", "ZONE_DMA32")))
                .containsExactly(
                        NORMAL, DMA, NORMAL, DMA, DMA32, DMA, DMA, DMA, NORMAL, DMA, MOVABLE, DMA, DMA32, DMA, DMA,
                        DMA);
        assertThat(zones(Kernels.table("6.1", "ZONE_DMA32")))
                .containsExactly(
                        NORMAL, NORMAL, NORMAL, DMA32, DMA32, DMA32, DMA32, DMA32, NORMAL, NORMAL, MOVABLE, DMA32,
                        DMA32, DMA32, DMA32, DMA32);
        assertThat(zones(Kernels.table("2.6.24", "ZONE_DMA", "ZONE_DMA32")))
                .containsExactly(
                        NORMAL, DMA, NORMAL, DMA, DMA32, DMA, DMA32, DMA, NORMAL, DMA, MOVABLE, DMA, DMA32, DMA, DMA32,
                        DMA);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.6.24", "2.6.32", "3.8", "6.1"})
    void moreThanOneOfThreeZonesContradicts(String release) {
        GfpTable table = Kernels.i386(release);
        for (int bits = 0; bits < 16; bits++) {
            boolean bad = List.of(3, 5, 6, 7, 0xb, 0xd, 0xe, 0xf).contains(bits);
            assertThat(table.isBadZone(mask(table, bits))).as("0x%x", bits).isEqualTo(bad);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.6.24", "2.6.30", "2.6.31", "2.6.32", "3.8", "4.3", "4.4", "5.1", "6.1"})
    void bothFlagsOfMobilitySelectTheirType(String release) {
        GfpTable table = Kernels.i386(release);
        assertThat(type(table, "GFP_KERNEL")).isEqualTo(MigrateType.UNMOVABLE);
        assertThat(type(table, "GFP_KERNEL|__GFP_RECLAIMABLE")).isEqualTo(MigrateType.RECLAIMABLE);
        assertThat(type(table, "GFP_HIGHUSER_MOVABLE")).isEqualTo(MigrateType.MOVABLE);
        assertThat(table.migrateType(table.parse("__GFP_MOVABLE|__GFP_RECLAIMABLE")))
                .isEqualTo(3);
    }

    private static MigrateType type(GfpTable table, String mask) {
        return table.migrateTypes().type(table.migrateType(table.parse(mask)));
    }

    @Test
    void numbersOfMigrateTypesFollowTheKernel() {
        assertThat(Kernels.i386("2.6.32").migrateType(0x8)).isEqualTo(2);
        assertThat(Kernels.i386("2.6.32").migrateType(0x80000)).isEqualTo(1);
        assertThat(Kernels.i386("2.6.24").migrateType(0x8)).isZero();
        assertThat(Kernels.i386("2.6.24").migrateType(0x100000)).isEqualTo(2);
        assertThat(Kernels.i386("6.1").migrateType(0x8)).isEqualTo(1);
        assertThat(Kernels.i386("6.1").migrateType(0x10)).isEqualTo(2);
    }

    @Test
    void cmaAndIsolationComeWithTheirOptions() {
        assertThat(types("3.4", "CMA")).doesNotContain(MigrateType.CMA);
        assertThat(types("3.5")).endsWith(MigrateType.RESERVE, MigrateType.ISOLATE);
        assertThat(types("3.10")).endsWith(MigrateType.RESERVE);
        assertThat(types("4.3", "CMA")).endsWith(MigrateType.RESERVE, MigrateType.CMA, MigrateType.ISOLATE);
        assertThat(types("6.1")).endsWith(MigrateType.HIGHATOMIC);
    }

    private static List<MigrateType> types(String release, String... options) {
        return Kernels.table(release, options).migrateTypes().byIndex();
    }
}
