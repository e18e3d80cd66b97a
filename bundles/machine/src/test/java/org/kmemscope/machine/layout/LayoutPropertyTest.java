package org.kmemscope.machine.layout;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.AddressLayout.Region;
import org.kmemscope.api.ground.ArchSpec.Arch;
import org.kmemscope.api.ground.MemoryRegion.Kind;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.ZoneLimits.PfnRange;
import org.kmemscope.api.ground.ZoneLimits.Zone;
import org.kmemscope.machine.profile.Profiles;

/** What holds of every kernel and every size. */
class LayoutPropertyTest {
    private static final Profiles PROFILES = new Profiles(Path.of("../../config/profiles"));

    @Provide
    Arbitrary<String> kernels() {
        // a Versatile has its devices above 256 MiB
        return Arbitraries.of(PROFILES.list().stream()
                .map(info -> info.name())
                .filter(name -> !name.equals("linux-3.2-versatile"))
                .toList());
    }

    @Provide
    Arbitrary<String> options() {
        return Arbitraries.of("", ",vmalloc=64M", ",vmalloc=256M", ",vmalloc=512M", ",highmem=64M", ",highmem=512M");
    }

    @Property(tries = 400)
    void areasDoNotOverlap(
            @ForAll("kernels") String kernel,
            @ForAll @IntRange(min = 80, max = 3000) int mem,
            @ForAll("options") String options) {
        Profile profile = PROFILES.load(kernel + ",mem=" + mem + "M" + options);
        AddressLayout layout = Layouts.of(profile);
        List<Region> areas = layout.regions().stream()
                .filter(region -> !region.name().startsWith("."))
                // the DMA region of 3.0 is printed over the fixmap's neighbours, and lies apart from the rest
                .filter(region -> !region.name().equals("DMA"))
                .toList();
        for (Region one : areas) {
            assertThat(one.start()).as(one.name()).isLessThan(one.end());
            for (Region other : areas) {
                assertThat(one == other || one.end() <= other.start() || other.end() <= one.start())
                        .as(one + " " + other)
                        .isTrue();
            }
        }
        for (Region section : layout.regions()) {
            if (section.name().startsWith(".")) {
                assertThat(layout.isLinear(section.start())).isTrue();
                assertThat(layout.isLinear(section.end() - 1)).isTrue();
            }
        }
        assertThat(layout.vmallocStart() - layout.highMemory()).isBetween(4L << 10, 16L << 20);
        assertThat(layout.physToVirt((long) layout.maxLowPfn() << 12)).isEqualTo(layout.highMemory());
    }

    @Property(tries = 400)
    void zonesCoverExactlyTheFramesTheKernelUses(
            @ForAll("kernels") String kernel,
            @ForAll @IntRange(min = 80, max = 6000) int mem,
            @ForAll("options") String options) {
        Profile profile = PROFILES.load(kernel + ",mem=" + mem + "M" + options);
        AddressLayout layout = Layouts.of(profile);
        int at = layout.zones().present().get(0).startPfn();
        int counted = 0;
        assertThat(at).isEqualTo(layout.minLowPfn());
        for (Zone zone : layout.zones().zones()) {
            if (!zone.isEmpty()) {
                assertThat(zone.startPfn()).as(zone.toString()).isEqualTo(at);
                assertThat(zone.type().isHighmem()).isEqualTo(zone.startPfn() >= layout.maxLowPfn());
                at = zone.endPfn();
                counted += layout.zones().presentIn(zone.startPfn(), zone.endPfn());
            }
        }
        assertThat(at).isEqualTo(layout.maxPfn());
        assertThat(counted)
                .isEqualTo(layout.zones().present().stream()
                        .mapToInt(LayoutPropertyTest::frames)
                        .sum());
        long ram = profile.memory().stream()
                .filter(region -> region.kind() == Kind.RAM)
                .mapToLong(region -> (region.end() >> 12) - ((region.start() + 4095) >> 12))
                .sum();
        if (profile.kernel().version().isAtLeast(2, 6, 27)
                && layout.warnings().isEmpty()
                && mem < 2900
                && !options.startsWith(",highmem")) {
            assertThat(counted).as("no frame is lost without a word").isEqualTo((int) ram);
        }
    }

    @Property(tries = 200)
    void moreProcessorsChangeNothing(@ForAll("kernels") String kernel) {
        Profile one = PROFILES.load(kernel + ",cpus=1");
        boolean smp = one.kernel().config().is("SMP");
        Profile more = PROFILES.load(kernel + (smp ? ",cpus=4" : ",cpus=1"));
        assertThat(Layouts.of(more)).isEqualTo(Layouts.of(one));
    }

    @Property(tries = 200)
    void theBlockHasALineForEachRegion(@ForAll("kernels") String kernel) {
        Profile profile = PROFILES.load(kernel);
        AddressLayout layout = Layouts.of(profile);
        List<String> lines = LayoutBlock.lines(layout, profile.arch().arch());
        assertThat(lines).hasSize(layout.regions().size() + 1);
        assertThat(lines.get(0).startsWith("V")).isEqualTo(profile.arch().arch() == Arch.ARM);
        assertThat(lines.subList(1, lines.size())).allSatisfy(line -> assertThat(line)
                .matches("[ .\\w]{12}: 0x[0-9a-f]{8} - 0x[0-9a-f]{8}   \\([ \\d]{4,5} [kM]B\\)"));
    }

    private static int frames(PfnRange range) {
        return range.endPfn() - range.startPfn();
    }
}
