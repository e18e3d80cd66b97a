package org.kmemscope.machine.layout;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.ground.ZoneLimits;
import org.kmemscope.api.ground.ZoneLimits.Zone;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.machine.MachineFactory;

class MovableZoneTest {
    private static final MachineFactory FACTORY = new MachineFactory(Path.of("../../config/profiles"));

    private static ZoneLimits zones(String specification) {
        return Layouts.of(FACTORY.load(specification)).zones();
    }

    private static Zone zone(ZoneLimits zones, ZoneType type) {
        return zones.zones().get(zones.indexOf(type));
    }

    @Test
    void withoutAnOptionItIsEmpty() {
        assertThat(zone(zones("linux-6.1-686-pae,mem=2048M"), ZoneType.MOVABLE).isEmpty())
                .isTrue();
    }

    @Test
    void movablecoreTakesTheEndOfHighMemory() {
        ZoneLimits zones = zones("linux-6.1-686-pae,mem=2048M,movablecore=200M");
        Zone movable = zone(zones, ZoneType.MOVABLE);
        // 261 frames are left over above the last whole block of 4 MiB
        assertThat(movable.startPfn()).isEqualTo(473_088);
        assertThat(movable.endPfn()).isEqualTo(zones.present().get(1).endPfn());
        assertThat(zone(zones, ZoneType.HIGHMEM).endPfn()).isEqualTo(473_088);
        assertThat(movable.spanned()).isLessThanOrEqualTo(200 << 8);
    }

    @Test
    void whatDoesNotFitIntoHighMemoryIsNotTakenFromBelow() {
        ZoneLimits zones = zones("linux-6.1-686-pae,mem=1024M,movablecore=200M");
        // high memory is smaller than 200 MiB; two frames of it lie before the first whole block
        assertThat(zone(zones, ZoneType.HIGHMEM).spanned()).isEqualTo(2);
        assertThat(zone(zones, ZoneType.NORMAL).endPfn())
                .isEqualTo(zone(zones, ZoneType.HIGHMEM).startPfn());
    }

    @Test
    void withoutHighMemoryItIsCutOffNormal() {
        ZoneLimits zones = zones("linux-6.1-686-pae,mem=512M,movablecore=200M");
        assertThat(zone(zones, ZoneType.HIGHMEM).isEmpty()).isTrue();
        assertThat(zone(zones, ZoneType.NORMAL).endPfn())
                .isEqualTo(zone(zones, ZoneType.MOVABLE).startPfn())
                .isEqualTo(79_872);
    }

    @Test
    void holesDoNotCountAsMemory() {
        ZoneLimits zones = zones("linux-6.1-686-pae,mem=4096M,movablecore=200M");
        Zone movable = zone(zones, ZoneType.MOVABLE);
        assertThat(zones.presentIn(movable.startPfn(), movable.endPfn())).isEqualTo(200 << 8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"kernelcore=1G", "kernelcore=50%"})
    void kernelcoreLeavesTheRest(String option) {
        ZoneLimits zones = zones("linux-6.1-686-pae,mem=2048M," + option);
        Zone movable = zone(zones, ZoneType.MOVABLE);
        int movablePages = zones.presentIn(movable.startPfn(), movable.endPfn());
        int all = zones.presentIn(0, Integer.MAX_VALUE);
        assertThat(all - movablePages).isBetween(1 << 18 - 1, (1 << 18) + 1024);
    }

    @ParameterizedTest
    @ValueSource(strings = {"movablecore=0", "kernelcore=4G"})
    void nothingOrAllOfMemoryIsNoZone(String option) {
        assertThat(zone(zones("linux-6.1-686-pae," + option), ZoneType.MOVABLE).isEmpty())
                .isTrue();
    }
}
