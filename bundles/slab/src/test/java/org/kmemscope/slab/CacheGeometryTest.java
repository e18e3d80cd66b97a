package org.kmemscope.slab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.slab.SlabFlag;

/** Geometry by arithmetic: the general caches on CPUs with lines of 32 and 64 bytes, and the rules one by one. */
class CacheGeometryTest {
    private static final int ALIGNED = SlabFlag.SLAB_HWCACHE_ALIGN.bit();
    private static final int RECLAIMABLE = SlabFlag.SLAB_RECLAIM_ACCOUNT.bit();

    private static CacheGeometry.Rules lines(int bytes) {
        return new CacheGeometry.Rules(bytes, 0, 1, 10);
    }

    private static long leftOver(CacheGeometry geometry) {
        return geometry.bytes()
                - (long) geometry.objects() * geometry.size()
                - (geometry.offSlab() ? 0 : geometry.managementSize());
    }

    @ParameterizedTest
    @CsvSource({
        // size, off slab, order, objects, left over and colours with lines of 32, colours with lines of 64
        "32, false, 0, 113, 0, 0, 0",
        "64, false, 0, 59, 32, 1, 0",
        "96, false, 0, 40, 64, 2, -1",
        "128, false, 0, 30, 96, 3, 1",
        "192, false, 0, 20, 128, 4, 2",
        "256, false, 0, 15, 160, 5, 2",
        "512, true, 0, 8, 0, 0, 0",
        "1024, true, 0, 4, 0, 0, 0",
        "2048, true, 0, 2, 0, 0, 0",
        "4096, true, 0, 1, 0, 0, 0",
        "8192, true, 1, 1, 0, 0, 0",
        "131072, true, 5, 1, 0, 0, 0",
        "4194304, true, 10, 1, 0, 0, 0"
    })
    void generalCachesAreLaidOutAsComputedByHand(
            int size, boolean off, int order, int objects, long left, int colours32, int colours64) {
        CacheGeometry short32 = CacheGeometry.of(size, 0, ALIGNED, false, lines(32));
        assertThat(short32.offSlab()).isEqualTo(off);
        assertThat(short32.order()).isEqualTo(order);
        assertThat(short32.objects()).isEqualTo(objects);
        assertThat(short32.colours()).isEqualTo(colours32);
        assertThat(leftOver(short32)).isEqualTo(left);
        if (colours64 >= 0) {
            CacheGeometry long64 = CacheGeometry.of(size, 0, ALIGNED, false, lines(64));
            assertThat(long64.objects()).isEqualTo(objects);
            assertThat(long64.colours()).isEqualTo(colours64);
        }
    }

    @ParameterizedTest
    @CsvSource({"32, 0", "64, 0", "192, 128"})
    void linesOf64LeaveLessOverInSomeGeneralCaches(int size, long left) {
        assertThat(leftOver(CacheGeometry.of(size, 0, ALIGNED, false, lines(64))))
                .isEqualTo(left);
    }

    @Test
    void sizesOf96AreRoundedUpWhereLinesAre64Bytes() {
        assertThat(CacheGeometry.of(96, 0, ALIGNED, false, lines(64)).size()).isEqualTo(128);
        assertThat(CacheGeometry.of(96, 0, ALIGNED, false, lines(32)).size()).isEqualTo(96);
    }

    @ParameterizedTest
    @CsvSource({"4, 4", "8, 8", "12, 16", "16, 16", "20, 32", "33, 64", "100, 64"})
    void alignmentToLinesHalvesAsLongAsTwoObjectsFit(int size, int align) {
        assertThat(CacheGeometry.of(size, 0, ALIGNED, false, lines(64)).align()).isEqualTo(align);
    }

    @Test
    void theLargestAlignmentWins() {
        assertThat(CacheGeometry.of(20, 128, ALIGNED, false, lines(64)).align()).isEqualTo(128);
        assertThat(CacheGeometry.of(20, 2, 0, false, lines(64)).align()).isEqualTo(4);
        CacheGeometry.Rules eabi = new CacheGeometry.Rules(32, 8, 1, 10);
        assertThat(CacheGeometry.of(20, 0, 0, false, eabi).size()).isEqualTo(24);
    }

    @Test
    void managementMovesBackOntoTheSlabWhereItFits() {
        CacheGeometry spacious = CacheGeometry.of(768, 0, ALIGNED, false, lines(64));
        assertThat(spacious.objects()).isEqualTo(5);
        assertThat(spacious.offSlab()).isFalse();
        assertThat(spacious.managementSize()).isEqualTo(64);
        CacheGeometry tight = CacheGeometry.of(1024, 0, ALIGNED, false, lines(64));
        assertThat(tight.offSlab()).isTrue();
        assertThat(tight.managementSize())
                .as("no padding where no object follows")
                .isEqualTo(28 + 4 * 4);
    }

    @Test
    void reclaimableCachesAndSmallMachinesKeepToOnePage() {
        assertThat(CacheGeometry.of(1088, 0, ALIGNED, false, lines(64)).order()).isEqualTo(1);
        assertThat(CacheGeometry.of(1088, 0, ALIGNED | RECLAIMABLE, false, lines(64))
                        .order())
                .isZero();
        CacheGeometry.Rules small = new CacheGeometry.Rules(64, 0, 0, 10);
        assertThat(CacheGeometry.of(1088, 0, ALIGNED, false, small).order()).isZero();
        assertThat(CacheGeometry.of(8192, 0, ALIGNED, false, small).order())
                .as("what does not fit gets more all the same")
                .isEqualTo(1);
    }

    @Test
    void aSizeThatFitsNoSlabHasNoObjects() {
        assertThat(CacheGeometry.of(8192, 0, 0, false, new CacheGeometry.Rules(32, 0, 0, 0))
                        .fits())
                .isFalse();
    }
}
