package org.kmemscope.machine.layout;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.MemoryRegion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.ZoneLimits.Zone;
import org.kmemscope.machine.profile.Profiles;

/** Every captured kernel has the layout that its profile computes. */
class CapturedLayoutTest {
    private static final Profiles PROFILES = new Profiles(Path.of("../../config/profiles"));
    private static final Pattern ZONE = Pattern.compile("(\\w+) start=(\\d+) spanned=(\\d+)(?: present=(\\d+))?");

    @ParameterizedTest
    @MethodSource("org.kmemscope.machine.layout.CaptureFile#all")
    void bootLogBlockIsTheSameLineByLine(CaptureFile capture) {
        Profile profile = PROFILES.load(capture.machine());
        List<String> expected = capture.told("layout");
        boolean image = expected.stream().anyMatch(line -> line.contains(" .text"));
        List<String> lines = LayoutBlock.lines(
                        Layouts.of(profile), profile.arch().arch())
                .stream()
                .filter(line -> image || !line.matches("\\s+\\..*"))
                .toList();
        if (profile.kernel().version().isAtLeast(6, 0)) {
            assertThat(expected).as("6.x prints no layout").isEmpty();
        } else {
            assertThat(lines).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("org.kmemscope.machine.layout.CaptureFile#all")
    void everyConstantHasTheCapturedValue(CaptureFile capture) {
        AddressLayout layout = Layouts.of(PROFILES.load(capture.machine()));
        for (String line : capture.told("const")) {
            int equals = line.indexOf('=');
            assertThat(layout.constants())
                    .containsEntry(line.substring(0, equals), Long.decode(line.substring(equals + 1)));
        }
        assertThat(layout.constants()).containsEntry("VMALLOC_START", layout.vmallocStart());
        assertThat(layout.constants()).containsEntry("high_memory", layout.highMemory());
        assertThat(layout.constants()).containsEntry("FIXADDR_START", layout.fixaddrStart());
        assertThat(layout.constants()).containsEntry("FIXADDR_TOP", layout.fixaddrTop());
        if (layout.lastPkmap() > 0) {
            assertThat(layout.constants()).containsEntry("PKMAP_BASE", layout.pkmapBase());
            assertThat(layout.constants()).containsEntry("fix_to_virt_FIX_KMAP_BEGIN", layout.kmapFixmap());
        }
    }

    @ParameterizedTest
    @MethodSource("org.kmemscope.machine.layout.CaptureFile#all")
    void zonesBeginAndSpanAndMissWhatTheyDo(CaptureFile capture) {
        Profile profile = PROFILES.load(capture.machine());
        AddressLayout layout = Layouts.of(profile);
        List<Zone> zones = layout.zones().zones();
        List<String> told = capture.told("zone");
        for (String line : told) {
            Matcher match = ZONE.matcher(line);
            assertThat(match.matches()).isTrue();
            Zone zone = zones.stream()
                    .filter(some -> some.type().label().equals(match.group(1)))
                    .findFirst()
                    .orElseThrow();
            assertThat(zone.startPfn()).as(line).isEqualTo(Integer.parseInt(match.group(2)));
            assertThat(zone.spanned()).as(line).isEqualTo(Integer.parseInt(match.group(3)));
            if (match.group(4) != null) {
                assertThat(present(profile, layout, zone)).as(line).isEqualTo(Integer.parseInt(match.group(4)));
            }
        }
        if (!told.isEmpty()) {
            List<String> others = zones.stream()
                    .filter(zone -> told.stream()
                            .noneMatch(line -> line.startsWith(zone.type().label())))
                    .filter(zone -> !zone.isEmpty())
                    .map(Zone::toString)
                    .toList();
            assertThat(others).as("zones that the kernel did not have").isEmpty();
        }
        capture.told("pageblock_order")
                .forEach(order -> assertThat(layout.zones().pageblockOrder()).isEqualTo(Integer.parseInt(order)));
        capture.told("orders")
                .forEach(orders -> assertThat(layout.zones().maxOrder()).isEqualTo(Integer.parseInt(orders)));
    }

    /** Kernels before 3.9 do not count the pages of {@code mem_map} itself; 2.6.24 rounds their number down, later ones up. */
    private static int present(Profile profile, AddressLayout layout, Zone zone) {
        int frames = layout.zones().presentIn(zone.startPfn(), zone.endPfn());
        KernelVersion version = profile.kernel().version();
        long memMap = (long) zone.spanned() * profile.kernel().structPageSize();
        long roundUp = version.isAtLeast(2, 6, 29) ? Profile.PAGE_SIZE - 1 : 0;
        return version.isAtLeast(3, 9) ? frames : frames - (int) ((memMap + roundUp) / Profile.PAGE_SIZE);
    }

    @ParameterizedTest
    @MethodSource("org.kmemscope.machine.layout.CaptureFile#all")
    void memoryMapHasTheCapturedLines(CaptureFile capture) {
        Profile profile = PROFILES.load(capture.machine());
        List<String> lines =
                profile.memory().stream().map(CapturedLayoutTest::iomem).toList();
        assertThat(lines).containsAll(capture.told("iomem"));
        if (!capture.told("iomem").isEmpty()) {
            assertThat(capture.told("iomem"))
                    .as("every piece of RAM was there, too")
                    .containsAll(lines.stream()
                            .filter(line -> line.endsWith("System RAM"))
                            .toList());
        }
    }

    private static String iomem(MemoryRegion region) {
        return String.format("%08x-%08x : %s", region.start(), region.end() - 1, region.name());
    }
}
