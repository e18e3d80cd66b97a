package org.kmemscope.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.ground.BootPages;
import org.kmemscope.api.ground.MemoryRegion;
import org.kmemscope.api.ground.MemoryRegion.Kind;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.view.ZoneView;

class BootPagesTest {
    private static final long MIB = 1 << 20;

    private static Machine boot(String specification, BootPages pages) {
        Profile profile = TestMachines.FACTORY.load(specification).withBootPages(pages);
        Machine machine = TestMachines.boot(profile);
        machine.verify().orThrow();
        return machine;
    }

    private static BootPages told(long atStart, long later) {
        return new BootPages(atStart, later, List.of(), List.of());
    }

    private static ZoneView zone(Machine machine, ZoneType type) {
        return machine.pages().zones().stream()
                .filter(zone -> zone.type() == type)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void bootKeepsWhatTheLogSays() {
        Machine machine = boot("linux-6.1-686-pae", told(254_895, 536));
        assertThat(machine.pages().totalPages()).isEqualTo(254_895 + 536);
        assertThat(zone(machine, ZoneType.DMA).managed()).isEqualTo(3840);
        assertThat(zone(machine, ZoneType.NORMAL).managed()).isEqualTo(214_757);
    }

    @Test
    void watermarksAreOfThePagesBeforeAnythingComesBack() {
        Machine all = boot("linux-6.1-686-pae", told(254_000 + 536, 0));
        Machine fewer = boot("linux-6.1-686-pae", told(254_000, 536));
        assertThat(fewer.pages().totalPages()).isEqualTo(all.pages().totalPages());
        assertThat(zone(fewer, ZoneType.NORMAL).min())
                .isLessThan(zone(all, ZoneType.NORMAL).min());
    }

    @Test
    void kernelsThatFixManagedDoNotCountWhatComesBack() {
        Machine machine = boot("linux-3.8.13-odroidx", told(221_294, 40));
        long managed =
                machine.pages().zones().stream().mapToLong(ZoneView::managed).sum();
        assertThat(machine.pages().totalPages()).isGreaterThan(managed);
    }

    @Test
    void memoryOfDevicesIsNotGivenToTheAllocator() {
        MemoryRegion kept = new MemoryRegion(0x7f80_0000L, 0x8000_0000L, Kind.RESERVED, "device");
        Machine machine = boot("linux-6.1-armmp", new BootPages(-1, 0, List.of(kept), List.of()));
        ZoneView high = zone(machine, ZoneType.HIGHMEM);
        assertThat(high.managed()).isEqualTo(high.present() - (kept.size() >> Profile.PAGE_SHIFT));
    }

    @Test
    void areasOfTheBoardAreContiguousMemoryToo() {
        MemoryRegion area = new MemoryRegion(0x4300_0000L, 0x4300_0000L + 8 * MIB, Kind.RESERVED, "cma");
        long own =
                zone(TestMachines.boot("linux-3.8.13-odroidx"), ZoneType.NORMAL).cma();
        Machine machine = boot("linux-3.8.13-odroidx", new BootPages(-1, 0, List.of(), List.of(area)));
        assertThat(zone(machine, ZoneType.NORMAL).cma()).isEqualTo(own + (area.size() >> Profile.PAGE_SHIFT));
    }

    @Test
    void moreThanTheModelNeedsCannotBeGiven() {
        long own = TestMachines.boot("linux-6.1-686-pae").pages().totalPages();
        Machine machine = boot("linux-6.1-686-pae", told(1L << 30, 0));
        assertThat(machine.pages().totalPages()).isEqualTo(own);
    }
}
