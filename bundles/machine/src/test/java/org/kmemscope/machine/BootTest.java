package org.kmemscope.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machines.ProfileInfo;
import org.kmemscope.api.view.ZoneView;

class BootTest {
    static Stream<String> profiles() {
        return TestMachines.FACTORY.profiles().stream().map(ProfileInfo::name);
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void everyProfileBootsAndVerifies(String profile) {
        Machine machine = TestMachines.boot(profile);
        assertThat(machine.verify().problems()).isEmpty();
        assertThat(machine.pages().freePageCount()).isPositive();
    }

    /** Zones, watermarks, reserves and per-CPU lists of real kernels, from the zoneinfo of captures of these machines. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "linux-2.6.24.3-atv | DMA 4096/4064 17/21/25 [0, 873, 1000, 1000]; Normal 225280/223520 936/1170/1404 [0, 0, 1015, 1015];"
                        + " HighMem 32736/32481 32/66/100 [0, 0, 0, 0]",
                "linux-2.6.38-mlinux | DMA 4080/3951 16/20/24 [0, 865, 1000, 1000]; Normal 223230/221486 932/1165/1398 [0, 0, 1078, 1078];"
                        + " HighMem 34786/34514 33/69/105 [0, 0, 0, 0]",
                "linux-3.8.13-odroidx | Normal 194560/193040 878/1097/1317 [0, 2095, 2095]; HighMem 67584/67056 65/141/217 [0, 0, 0]",
                "linux-3.0.15-itop4412 | Normal 188416/186944 864/1080/1296 [0, 2286, 2286]; HighMem 73728/73152 71/155/240 [0, 0, 0]"
            })
    void zonesAreSizedAsARealKernelSizesThem(String profile, String expected) {
        String zones = TestMachines.boot(profile).views().zones().stream()
                .filter(ZoneView::populated)
                .map(zone -> zone.type().label() + " " + zone.spanned() + "/" + zone.present() + " " + zone.min() + "/"
                        + zone.low() + "/" + zone.high() + " " + zone.protection())
                .collect(Collectors.joining("; "));
        assertThat(zones).isEqualTo(expected);
    }
}
