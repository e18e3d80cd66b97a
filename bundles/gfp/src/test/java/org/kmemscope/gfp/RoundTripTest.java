package org.kmemscope.gfp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;

/** Printing and reading are each other's inverse, in every era. */
class RoundTripTest {
    @Provide
    Arbitrary<String> releases() {
        return Arbitraries.of(Kernels.RELEASES);
    }

    @Provide
    Arbitrary<Set<String>> options() {
        return Arbitraries.of(Kernels.FLAG_OPTIONS).set();
    }

    @Property(tries = 5000)
    void whatIsPrintedReadsBackAsTheSameMask(
            @ForAll("releases") String release, @ForAll("options") Set<String> options, @ForAll int bits) {
        GfpTable table = Kernels.table(release, options.toArray(String[]::new));
        int known = allFlags(table);
        assertThat(table.parse(table.format(bits & known))).isEqualTo(bits & known);
        // bits that are not known to the kernel are printed as a number and survive too
        assertThat(table.parse(table.format(bits))).isEqualTo(bits);
    }

    @Property(tries = 2000)
    void partsAreSingleKnownBitsThatMakeUpTheMask(
            @ForAll("releases") String release, @ForAll("options") Set<String> options, @ForAll int bits) {
        GfpTable table = Kernels.table(release, options.toArray(String[]::new));
        List<GfpTable.Part> parts = table.parts(bits);
        int sum = 0;
        int previous = 0;
        for (GfpTable.Part part : parts) {
            assertThat(part.value() & sum).isZero();
            sum |= part.value();
            if (part.flag().equals("unknown")) {
                assertThat(part).isSameAs(parts.get(parts.size() - 1));
                assertThat(part.value()).isEqualTo(bits & ~allFlags(table));
            } else {
                assertThat(Integer.bitCount(part.value())).isEqualTo(1);
                assertThat(Integer.compareUnsigned(part.value(), previous)).isPositive();
                assertThat(table.of(Gfp.valueOf(part.flag()))).isEqualTo(part.value());
                previous = part.value();
            }
        }
        assertThat(sum).isEqualTo(bits);
    }

    @Property(tries = 500)
    void everyNameReadsAsItsNumberWithAndWithoutUnderscores(
            @ForAll("releases") String release, @ForAll("options") Set<String> options) {
        GfpTable table = Kernels.table(release, options.toArray(String[]::new));
        for (Gfp flag : table.names()) {
            assertThat(table.parse(flag.name())).isEqualTo(table.of(flag)).isEqualTo(table.orZero(flag));
            String bare = flag.name().replaceFirst("^__", "");
            boolean isAnother = !bare.equals(flag.name())
                    && Set.of("GFP_DMA", "GFP_DMA32", "GFP_ATOMIC").contains(bare);
            assertThat(table.parse(bare)).isEqualTo(table.of(isAnother ? Gfp.valueOf(bare) : flag));
        }
    }

    private static int allFlags(GfpTable table) {
        return table.names().stream().mapToInt(table::of).reduce(0, (a, b) -> a | b);
    }
}
