package org.kmemscope.slab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.slab.SlabinfoFile.Row;

/** Every cache of every captured {@code /proc/slabinfo} of a SLAB kernel. */
class CapturedSlabinfoTest {
    private static final int OFF_SLAB_SIZE = 512;
    private static final int WORD = 4;

    static Stream<SlabinfoFile> captures() {
        return SlabinfoFile.all();
    }

    @ParameterizedTest
    @MethodSource("captures")
    void theBootCachesAreThoseOfTheRealKernelInItsOrder(SlabinfoFile capture) {
        List<Row> general = capture.rows().stream().filter(Row::isGeneral).toList();
        for (String machine : capture.machines()) {
            assertThat(rows(TestMachines.boot(machine))).as(machine).isEqualTo(general);
        }
    }

    /**
     * Of other caches only the size after rounding is known: created with that size and with one of the flags that matter, oldest
     * first, all columns come out alike.
     */
    @ParameterizedTest
    @MethodSource("captures")
    void everyOtherCacheComesOutAsInTheRealKernel(SlabinfoFile capture) {
        for (String specification : capture.machines()) {
            Machine machine = TestMachines.boot(specification);
            Kernel kernel = TestMachines.kernel(machine);
            SlabRules rules = SlabRules.of(machine);
            List<Row> oldestFirst = new ArrayList<>(capture.rows());
            Collections.reverse(oldestFirst);
            for (Row row : oldestFirst) {
                if (!row.isGeneral()) {
                    CacheSpec spec = spec(row, rules);
                    assertThat(kernel.kmemCacheCreate(spec).id()).as(row.name()).isPositive();
                }
            }
            assertThat(rows(machine)).as(specification).isEqualTo(capture.rows());
            assertThat(machine.verify().problems()).isEmpty();
        }
    }

    private static List<Row> rows(Machine machine) {
        return machine.views().slabCaches().stream()
                .map(view -> new Row(
                        view.name(),
                        view.objectSize(),
                        view.objectsPerSlab(),
                        view.pagesPerSlab(),
                        view.limit(),
                        view.batchCount(),
                        view.sharedFactor()))
                .toList();
    }

    private static CacheSpec spec(Row row, SlabRules rules) {
        int aligned = SlabFlag.SLAB_HWCACHE_ALIGN.bit();
        return Stream.of(trial(row, row.size(), 0, rules), trial(row, row.size(), aligned, rules))
                .flatMap(Optional::stream)
                .findFirst()
                .or(() -> roundedUp(row, rules))
                .orElseThrow(() -> new AssertionError("no flags give " + row));
    }

    /**
     * Objects that only lines make 512 bytes long have their management on the slab, as that is decided by the size before. Only
     * there the size after rounding does not tell all.
     */
    private static Optional<CacheSpec> roundedUp(Row row, SlabRules rules) {
        return row.size() == OFF_SLAB_SIZE
                ? trial(row, OFF_SLAB_SIZE - WORD, SlabFlag.SLAB_HWCACHE_ALIGN.bit(), rules)
                : Optional.empty();
    }

    private static Optional<CacheSpec> trial(Row row, int size, int flags, SlabRules rules) {
        CacheGeometry geometry = CacheGeometry.of(size, 0, flags, false, rules.geometry());
        boolean same =
                geometry.size() == row.size() && geometry.objects() == row.objects() && geometry.pages() == row.pages();
        return same ? Optional.of(new CacheSpec(row.name(), size, 0, flags, ObjectConstructor.NONE)) : Optional.empty();
    }
}
