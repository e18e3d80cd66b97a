package org.kmemscope.machine.layout;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.MemoryRegion.Kind;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.ZoneLimits.Zone;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.machine.profile.Profiles;

/** The layout that textbooks draw, and the one of the Exynos board. */
class TextbookLayoutTest {
    private static final Profiles PROFILES = new Profiles(Path.of("../../config/profiles"));
    private static final int MB = 256;

    @Test
    void a32MibMachineIsAllLow() {
        AddressLayout layout = layout("i386-32m");
        assertThat(layout.pageOffset()).isEqualTo(0xc000_0000L);
        assertThat(layout.highMemory()).isEqualTo(0xc200_0000L);
        assertThat(layout.vmallocStart()).as("8 MiB hole").isEqualTo(0xc280_0000L);
        assertThat(layout.zones().zones())
                .containsExactly(
                        new Zone(ZoneType.DMA, 0, 16 * MB),
                        new Zone(ZoneType.NORMAL, 16 * MB, 32 * MB),
                        new Zone(ZoneType.HIGHMEM, 0, 0),
                        new Zone(ZoneType.MOVABLE, 0, 0));
    }

    @Test
    void lowMemoryEndsAt896Mib() {
        AddressLayout layout = layout("i386-1g");
        assertThat(layout.highMemory()).isEqualTo(0xf800_0000L);
        assertThat(layout.vmallocStart()).isEqualTo(0xf880_0000L);
        assertThat(layout.maxLowPfn()).isEqualTo(0x38000);
        assertThat(layout.zones().zones())
                .containsExactly(
                        new Zone(ZoneType.DMA, 0, 16 * MB),
                        new Zone(ZoneType.NORMAL, 16 * MB, 896 * MB),
                        new Zone(ZoneType.HIGHMEM, 896 * MB, 1024 * MB),
                        new Zone(ZoneType.MOVABLE, 0, 0));
        assertThat(layout.warnings()).isEmpty();
    }

    @Test
    void fourGibAreCutAt4GibAndHaveAHoleBelow() {
        Profile profile = PROFILES.load("i386-4g");
        AddressLayout layout = Layouts.of(profile);
        assertThat(layout.highMemory()).isEqualTo(0xf800_0000L);
        assertThat(layout.vmallocStart()).isEqualTo(0xf880_0000L);
        assertThat(layout.maxPfn()).isEqualTo(4096 * MB);
        assertThat(layout.zones().zones().get(2)).isEqualTo(new Zone(ZoneType.HIGHMEM, 896 * MB, 4096 * MB));
        assertThat(profile.memory())
                .filteredOn(region -> region.kind() == Kind.RAM)
                .extracting(region -> region.end())
                .containsExactly(0x9_fc00L, 0xe000_0000L, 0x1_2000_0000L);
        assertThat(layout.warnings())
                .extracting(AddressLayout.Warning::text)
                .containsExactly("Warning only 4GB will be used.", "Use a HIGHMEM64G enabled kernel.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-32m", "i386-1g", "i386-4g"})
    void vmallocIsFollowedByPersistentKmapAndThatByTheFixmap(String name) {
        AddressLayout layout = layout(name);
        assertThat(layout.lastPkmap()).isEqualTo(1024);
        assertThat(layout.pkmapBase()).isEqualTo(layout.vmallocEnd() + 2 * Profile.PAGE_SIZE);
        assertThat(layout.pkmapBase() + 1024L * Profile.PAGE_SIZE).isLessThanOrEqualTo(layout.fixaddrStart());
        assertThat(layout.fixaddrTop()).isEqualTo(0xffff_f000L);
        assertThat(layout.regions())
                .extracting(AddressLayout.Region::name)
                .containsExactly("fixmap", "pkmap", "vmalloc", "lowmem", ".init", ".data", ".text");
    }

    @Test
    void theBoardIsLaidOutAsItsBootLogSays() {
        AddressLayout layout = layout("arm-exynos4412");
        assertThat(layout.physOffset()).isEqualTo(0x4000_0000L);
        assertThat(layout.highMemory()).isEqualTo(0xef80_0000L);
        assertThat(layout.vmallocStart()).isEqualTo(0xf000_0000L);
        assertThat(layout.vmallocEnd()).isEqualTo(0xff00_0000L);
        assertThat(layout.pkmapBase()).isEqualTo(0xbfe0_0000L);
        assertThat(layout.fixaddrStart()).isEqualTo(0xfff0_0000L);
        assertThat(layout.fixaddrTop()).isEqualTo(0xfffe_0000L);
        assertThat(layout.kmapFixmap()).isEqualTo(0xfff0_0000L);
        assertThat(layout.kmapStep()).isEqualTo(4096);
        assertThat(layout.constants())
                .containsEntry("MODULES_VADDR", 0xbf00_0000L)
                .containsEntry("MODULES_END", 0xbfe0_0000L);
        assertThat(layout.zones().zones())
                .containsExactly(
                        new Zone(ZoneType.NORMAL, 0x40000, 0x6f800),
                        new Zone(ZoneType.HIGHMEM, 0x6f800, 0x80000),
                        new Zone(ZoneType.MOVABLE, 0, 0));
        assertThat(layout.zones().indexOf(ZoneType.HIGHMEM)).isEqualTo(1);
        assertThat(layout.zones().indexOf(ZoneType.DMA)).isEqualTo(-1);
    }

    @Test
    void firstFrameFollowsTheAge() {
        List<String> names = List.of(
                "i386-1g", "linux-2.6.29-goldfish", "linux-2.6.32-el6-pae", "linux-2.6.38-mlinux", "linux-6.1-686");
        assertThat(names.stream().map(name -> layout(name).minLowPfn())).containsExactly(0, 0, 1, 16, 1);
    }

    private static AddressLayout layout(String machine) {
        return Layouts.of(PROFILES.load(machine));
    }
}
