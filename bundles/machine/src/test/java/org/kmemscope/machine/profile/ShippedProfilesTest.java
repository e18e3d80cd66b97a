package org.kmemscope.machine.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kmemscope.api.ground.ArchSpec.Arch;
import org.kmemscope.api.ground.ArchSpec.Tables;
import org.kmemscope.api.ground.MemoryRegion;
import org.kmemscope.api.ground.MemoryRegion.Kind;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machines.ProfileInfo;

/** The profiles of the distribution, and the example of the manual. */
class ShippedProfilesTest {
    private static final Profiles PROFILES = new Profiles(Path.of("../../config/profiles"));

    static Stream<String> names() {
        return PROFILES.list().stream().map(ProfileInfo::name);
    }

    @Test
    void everyKernelThereIsACaptureOfHasOne() {
        assertThat(names())
                .containsExactlyInAnyOrder(
                        "i386-32m",
                        "i386-1g",
                        "i386-4g",
                        "arm-exynos4412",
                        "arm-board28",
                        "arm-2.6.35",
                        "linux-2.6.24.3-atv",
                        "linux-2.6.29-goldfish",
                        "linux-2.6.29-vbox-pae",
                        "linux-2.6.32-el6-pae",
                        "linux-2.6.38-mlinux",
                        "linux-3.0.3-tinycore",
                        "linux-3.0.15-itop4412",
                        "linux-3.1.10-slacko",
                        "linux-3.2-686-pae",
                        "linux-3.2-versatile",
                        "linux-3.2-vexpress",
                        "linux-3.4.67-goldfish",
                        "linux-3.8.13-odroidx",
                        "linux-6.1-686",
                        "linux-6.1-686-pae",
                        "linux-6.1-armmp",
                        "linux-6.1-armmp-lpae");
    }

    @ParameterizedTest
    @MethodSource("names")
    void eachCanBeBuilt(String name) {
        Profile profile = PROFILES.load(name);
        assertThat(profile.title()).isNotBlank().hasSizeLessThan(100);
        assertThat(profile.devices())
                .filteredOn(device -> device.kind().equals("dma-controller"))
                .singleElement()
                .satisfies(device -> {
                    assertThat(device.size()).isEqualTo(4096);
                    assertThat(device.irq()).isPositive();
                    assertThat(profile.memory())
                            .filteredOn(region -> region.name().equals(device.name()))
                            .singleElement()
                            .satisfies(region -> assertThat(region.start()).isEqualTo(device.base()));
                });
        assertThat(profile.providers()).containsEntry("page", List.of("buddy")).containsKey("object");
        assertThat(profile.cpus()).isLessThanOrEqualTo(profile.kernel().config().integer("NR_CPUS", 1));
        assertThat(profile.arch().coherentDma()).isEqualTo(profile.arch().arch() == Arch.I386);
    }

    @ParameterizedTest
    @MethodSource("names")
    void regionsAscendAndOnlyTheImageLiesInside(String name) {
        MemoryRegion last = null;
        for (MemoryRegion region : PROFILES.load(name).memory()) {
            assertThat(region.size()).isPositive();
            if (last != null && region.kind() == Kind.KERNEL) {
                assertThat(region.start()).isGreaterThanOrEqualTo(last.start());
            } else if (last != null) {
                assertThat(region.start()).isGreaterThanOrEqualTo(last.end());
            }
            last = region.kind() == Kind.KERNEL ? last : region;
        }
    }

    @Test
    void objectAllocatorsAreListedInOrderOfPreference() {
        assertThat(PROFILES.load("i386-1g").providers()).containsEntry("object", List.of("slab"));
        assertThat(PROFILES.load("linux-6.1-686").providers()).containsEntry("object", List.of("slub", "slab"));
        assertThat(PROFILES.load("arm-exynos4412").providers()).containsEntry("object", List.of("slub", "slab"));
    }

    @Test
    void optionsDecideTheTables() {
        assertThat(PROFILES.load("i386-1g").arch().tables()).isEqualTo(Tables.I386_2LEVEL);
        assertThat(PROFILES.load("linux-6.1-686-pae").arch().tables()).isEqualTo(Tables.I386_PAE);
        assertThat(PROFILES.load("linux-6.1-armmp").arch().tables()).isEqualTo(Tables.ARM_SHORT);
        assertThat(PROFILES.load("linux-6.1-armmp-lpae").arch().tables()).isEqualTo(Tables.ARM_LPAE);
        assertThat(PROFILES.load("linux-3.2-vexpress").arch().pageOffset()).isEqualTo(0x8000_0000L);
        assertThat(PROFILES.load("linux-3.2-vexpress").arch().physOffset()).isEqualTo(0x6000_0000L);
    }

    @Test
    void textbookKernelsEndAt128KiB() {
        assertThat(PROFILES.load("i386-32m").kernel().kmallocMax()).isEqualTo(128 << 10);
        assertThat(PROFILES.load("linux-2.6.24.3-atv").kernel().kmallocMax()).isZero();
    }

    @Test
    void aBrokenFileIsListedWithItsProblem(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("odd.json"), "{ \"titel\": 3 }");
        assertThat(new Profiles(folder).list()).singleElement().satisfies(info -> assertThat(info.title())
                .contains("odd.json:1:3: titel: unknown key"));
    }

    @Test
    void theExampleOfTheManualIsAProfile() throws IOException {
        String manual = Files.readString(Path.of("../../docs/profiles.md"));
        Matcher example =
                Pattern.compile("(?s)```json\\n(\\{\\n.*?\\n\\})\\n```").matcher(manual);
        assertThat(example.find()).isTrue();
        Profile profile = ProfileProblemsTest.load(example.group(1), "x,mem=256M,cpus=2");
        assertThat(profile.cpus()).isEqualTo(2);
        assertThat(profile.memory())
                .filteredOn(region -> region.kind() == Kind.RAM)
                .hasSize(2);
    }

    @Test
    void everyKeyAndEveryOptionIsInTheManual() throws IOException {
        String manual = Files.readString(Path.of("../../docs/profiles.md"));
        Files.readAllLines(Path.of("src/main/resources/org/kmemscope/machine/profile/config-options.txt")).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .forEach(line -> assertThat(manual).contains("`" + line.split(" ")[0] + "`"));
        for (String key : List.of(
                "title",
                "notes",
                "reserveLow",
                "fixmapEntries",
                "vmallocEnd",
                "consistentDma",
                "structPage",
                "kmallocMax",
                "commandLine",
                "image",
                "dmaZone",
                "physOffset",
                "tlbEntries",
                "cacheLine",
                "coherentDma",
                "coherentDmaMask",
                "providers")) {
            assertThat(manual).contains("`" + key + "`");
        }
    }
}
