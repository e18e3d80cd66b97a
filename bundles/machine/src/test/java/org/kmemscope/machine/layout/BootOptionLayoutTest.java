package org.kmemscope.machine.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.AddressLayout.Warning;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.machine.profile.Profiles;

/** {@code vmalloc=}, {@code highmem=} and odd sizes move the borders as those kernels do, and say what those kernels say. */
class BootOptionLayoutTest {
    private static final Profiles PROFILES = new Profiles(Path.of("../../config/profiles"));

    @ParameterizedTest
    @CsvSource({
        // machine with options; high_memory; VMALLOC_START; VMALLOC_END
        "i386-1g;vmalloc=256M, 0xf0000000, 0xf0800000",
        "linux-2.6.38-mlinux;vmalloc=256M, 0xeeffe000, 0xef7fe000",
        "linux-6.1-686;vmalloc=256M, 0xee3fe000, 0xeebfe000",
        "linux-6.1-686-pae;vmalloc=256M, 0xee7fe000, 0xeeffe000",
        "linux-3.0.15-itop4412;vmalloc=256M, 0xe6000000, 0xe6800000",
        "linux-3.8.13-odroidx;vmalloc=384M, 0xe7000000, 0xe7800000",
        "linux-3.8.13-odroidx;vmalloc=240M, 0xf0000000, 0xf0800000",
        "linux-3.8.13-odroidx;mem=512M, 0xe0000000, 0xe0800000",
        "linux-6.1-armmp;vmalloc=256M, 0xef000000, 0xef800000",
        "linux-6.1-armmp;mem=512M, 0xe0000000, 0xe0800000",
    })
    void lowMemoryEndsWhereVmallocLetsIt(String machine, String highMemory, String vmallocStart) {
        AddressLayout layout = layout(machine);
        assertThat(Long.toHexString(layout.highMemory())).isEqualTo(highMemory.substring(2));
        assertThat(Long.toHexString(layout.vmallocStart())).isEqualTo(vmallocStart.substring(2));
        assertThat(layout.warnings()).isEmpty();
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of(
                        "i386-1g;highmem=512M",
                        "4 only 128MB highmem pages available, ignoring highmem size of 512MB."),
                Arguments.of(
                        "i386-32m;highmem=64M",
                        "3 highmem size specified (64MB) is bigger than pages available (32MB)!."),
                Arguments.of(
                        "i386-32m;highmem=16M",
                        "3 highmem size 16MB results in smaller than 64MB lowmem, ignoring it."),
                Arguments.of(
                        "linux-6.1-686-pae;highmem=512M",
                        "4 only 143MB highmem pages available, ignoring highmem size of 512MB!"),
                Arguments.of(
                        "linux-6.1-686;mem=512M;highmem=512M",
                        "3 highmem size (512MB) is bigger than pages available (511MB)!"),
                Arguments.of(
                        "linux-6.1-686;mem=128M;highmem=96M",
                        "3 highmem size (96MB) results in <64MB lowmem, ignoring it!"),
                Arguments.of("linux-3.4.67-goldfish;highmem=64M", "3 ignoring highmem size on non-highmem kernel!"),
                Arguments.of("linux-3.8.13-odroidx;vmalloc=8M", "4 vmalloc area too small, limiting to 16MB"),
                Arguments.of("linux-3.8.13-odroidx;vmalloc=2G", "4 vmalloc area is too big, limiting to 976MB"),
                Arguments.of("linux-6.1-armmp;vmalloc=8M", "4 vmalloc area is too small, limiting to 16MiB"),
                Arguments.of("linux-6.1-armmp;vmalloc=2G", "4 vmalloc area is too big, limiting to 976MiB"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void whatIsRefusedIsToldInTheKernelsWords(String machine, String text) {
        assertThat(layout(machine).warnings())
                .extracting(warning -> warning.level() + " " + warning.text())
                .containsExactly(text);
    }

    @Test
    void highmemMovesTheTopOfLowMemory() {
        AddressLayout layout = layout("linux-6.1-686;mem=512M;highmem=128M");
        assertThat(layout.maxPfn()).isEqualTo(0x1ffe0);
        assertThat(layout.maxLowPfn()).isEqualTo(0x1ffe0 - 0x8000);
        assertThat(layout.zones().zones().get(2).type()).isEqualTo(ZoneType.HIGHMEM);
        assertThat(layout.zones().zones().get(2).spanned()).isEqualTo(0x8000);
    }

    @Test
    void aSmallHighmemCutsRam() {
        AddressLayout layout = layout("linux-2.6.38-mlinux;highmem=64M");
        assertThat(layout.maxLowPfn()).isEqualTo(0x377fe);
        assertThat(layout.maxPfn()).isEqualTo(0x377fe + 0x4000);
        assertThat(layout.zones().zones().get(2).spanned()).isEqualTo(0x4000);
    }

    @Test
    void withoutHighMemoryTheRestIsLost() {
        AddressLayout i386 = layout("linux-2.6.29-goldfish;mem=1024M");
        assertThat(i386.maxPfn()).isEqualTo(i386.maxLowPfn()).isEqualTo(0x37feb);
        assertThat(i386.warnings())
                .extracting(Warning::text)
                .containsExactly("Warning only 895MB will be used.", "Use a HIGHMEM enabled kernel.");
        AddressLayout arm = layout("linux-3.2-vexpress;mem=2048M");
        assertThat(arm.highMemory()).isEqualTo(0xf000_0000L);
        assertThat(arm.maxPfn()).isEqualTo(0xd0000);
        assertThat(arm.warnings())
                .extracting(Warning::text)
                .containsExactly("Ignoring RAM at d0000000-dfffffff (vmalloc region overlap).");
    }

    @Test
    void withPaeRamGoesOnAbove4Gib() {
        AddressLayout layout = layout("linux-6.1-686-pae;mem=4096M");
        assertThat(layout.maxPfn()).isEqualTo(0x140000);
        assertThat(layout.zones().present())
                .extracting(range -> Integer.toHexString(range.startPfn()) + "-" + Integer.toHexString(range.endPfn()))
                .containsExactly("1-9f", "100-bffe0", "100000-140000");
        assertThat(layout.warnings()).isEmpty();
    }

    @Test
    void withoutPaeWhatLiesAbove4GibIsCut() {
        AddressLayout layout = layout("linux-6.1-686;mem=4096M");
        assertThat(layout.maxPfn()).isEqualTo(0xbffe0);
        assertThat(layout.warnings())
                .extracting(Warning::text)
                .containsExactly("kmemscope: RAM above 4 GiB is not used, this kernel's page tables cannot address it");
        assertThat(layout("linux-6.1-686;mem=3072M").warnings()).isEmpty();
        assertThat(layout("linux-6.1-686;mem=3072M").maxPfn()).isEqualTo(0xbffe0);
    }

    @Test
    void shortDescriptorsLoseTheLastPageBelow4Gib() {
        assertThat(layout("linux-6.1-armmp;mem=3072M").maxPfn()).isEqualTo(0xfffff);
        assertThat(layout("linux-6.1-armmp;mem=3072M").warnings()).isEmpty();
        assertThat(layout("linux-6.1-armmp;mem=4096M").warnings())
                .extracting(Warning::text)
                .containsExactly("Ignoring memory range 0x100000000 - 0x140000000");
        assertThat(layout("linux-3.8.13-odroidx;mem=3072M").warnings())
                .extracting(Warning::text)
                .containsExactly("Truncating memory at 0x40000000 to fit in 32-bit physical address space");
        assertThat(layout("linux-6.1-armmp-lpae;mem=4096M").maxPfn()).isEqualTo(0x140000);
    }

    @Test
    void aVmallocAreaThatLeavesNothingIsRefused() {
        assertThatThrownBy(() -> layout("linux-6.1-686;vmalloc=1000M"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching(
                        "vmalloc=1000M leaves 0 MiB of low memory, too little to boot; at most \\d+M is possible");
        assertThat(layout("linux-6.1-686;vmalloc=900M").highMemory()).isLessThan(0xc800_0000L);
    }

    @Test
    void aLimitThatIsNamedIsTheLimit() {
        String message = "";
        try {
            layout("linux-6.1-686;vmalloc=1000M");
        } catch (IllegalArgumentException e) {
            message = e.getMessage();
        }
        int most = Integer.parseInt(message.replaceAll(".*at most (\\d+)M.*", "$1"));
        assertThat(layout("linux-6.1-686;vmalloc=" + most + "M").maxLowPfn()).isPositive();
        assertThatThrownBy(() -> layout("linux-6.1-686;vmalloc=" + (most + 1) + "M"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void boardsBefore33HaveARegionForCoherentMemory() {
        AddressLayout layout = layout("linux-3.0.15-itop4412");
        assertThat(layout.constants()).containsEntry("CONSISTENT_BASE", 0xfea0_0000L);
        assertThat(layout("linux-3.2-versatile").constants()).doesNotContainKey("CONSISTENT_BASE");
    }

    private static AddressLayout layout(String machine) {
        return Layouts.of(PROFILES.load(machine.replace(';', ',')));
    }
}
