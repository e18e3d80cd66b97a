package org.kmemscope.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.capture.Capture;
import org.kmemscope.api.capture.Captures;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.PageState.FreeList;
import org.kmemscope.api.page.PageState.ZoneState;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.dma.EraDmaProvider;
import org.kmemscope.gfp.EraGfpProvider;
import org.kmemscope.highmem.KernelHighmemProvider;
import org.kmemscope.machine.MachineFactory;
import org.kmemscope.machine.Providers;
import org.kmemscope.mmu.PageTableMmuProvider;
import org.kmemscope.physmem.SparseMemoryProvider;
import org.kmemscope.slab.SlabProvider;
import org.kmemscope.vmalloc.KernelVmallocProvider;
import org.kmemscope.zone.ZoneProvider;

/** Captures opened as the service does, and machines booted from them. */
final class Clones {
    static final MachineFactory FACTORY = new MachineFactory(Path.of("../../config/profiles"));

    /** With the shipped profiles. */
    static final Captures CAPTURES = new CaptureService(new EraGfpProvider(), FACTORY::byRelease);

    /** Without any profile: everything is concluded from the capture. */
    static final Captures BARE = new CaptureService(new EraGfpProvider(), release -> Optional.empty());

    private Clones() {}

    static Machine boot(MachineSeed seed) {
        return FACTORY.boot("clone", seed, providers());
    }

    static Providers providers() {
        return new Providers(
                new SparseMemoryProvider(),
                new PageTableMmuProvider(),
                new EraGfpProvider(),
                new BuddyProvider(),
                new ZoneProvider(),
                Optional.of(new SlabProvider()),
                Optional.of(new KernelVmallocProvider()),
                Optional.of(new KernelHighmemProvider()),
                Optional.of(new EraDmaProvider()));
    }

    /** A machine of the seed shows what was captured, and nothing in it contradicts anything. */
    static void check(Capture capture, MachineSeed seed) {
        Machine machine = boot(seed);
        assertThat(machine.verify().problems()).as(capture.name()).isEmpty();
        List<ZoneView> captured = ((org.kmemscope.capture.view.CapturedViews) capture.views()).knownZones();
        List<ZoneView> cloned = machine.views().zones();
        assertThat(cloned).hasSameSizeAs(captured.isEmpty() ? cloned : captured);
        for (ZoneView zone : captured) {
            ZoneView clone = cloned.get(zone.index());
            String name = capture.name() + " zone " + zone.type().label();
            assertThat(clone.type()).as(name).isEqualTo(zone.type());
            assertThat(List.of(clone.startPfn(), clone.spanned(), clone.present()))
                    .as(name + ": start, spanned, present")
                    .isEqualTo(List.of(zone.startPfn(), zone.spanned(), zone.present()));
            seed.pages().ifPresent(state -> checkState(name, zone, clone, state, seed.exactLists()));
        }
        checkAreas(capture.name(), seed, machine);
    }

    /** Every area is where it was, as the same kind and with as many pages. */
    private static void checkAreas(String name, MachineSeed seed, Machine machine) {
        if (!seed.vmalloc().areas().isEmpty()) {
            assertThat(words(machine.views().vmapAreas()))
                    .as(name + ": areas")
                    .isEqualTo(words(seed.vmalloc().areas()));
        }
    }

    private static List<String> words(List<VmapAreaView> areas) {
        return areas.stream()
                .map(area -> String.format(
                        "%08x-%08x %s pages=%d phys=%x %s",
                        area.start(), area.end(), area.kind(), area.pages(), area.phys(), area.caller()))
                .toList();
    }

    private static void checkState(String name, ZoneView zone, ZoneView clone, PageState state, boolean exact) {
        ZoneState recorded = state.zones().get(zone.index());
        assertThat(List.of(clone.min(), clone.low(), clone.high(), clone.boost()))
                .as(name + ": watermarks")
                .isEqualTo(List.of(zone.min(), zone.low(), zone.high(), zone.boost()));
        assertThat(clone.freeByType()).as(name + ": lists of the state").isEqualTo(listed(clone, recorded));
        if (exact) {
            return;
        }
        assertThat(clone.protection()).as(name + ": protection").isEqualTo(zone.protection());
        assertThat(clone.freeBlocks()).as(name + ": buddyinfo").isEqualTo(zonedBlocks(zone, clone));
        boolean agree = zone.freeByType().isEmpty() || sums(zone).equals(zone.freeBlocks());
        if (agree && !zone.freeByType().isEmpty()) {
            assertThat(clone.freeByType()).as(name + ": pagetypeinfo").containsAllEntriesOf(zone.freeByType());
            assertThat(clone.pageblocks()).as(name + ": pageblocks").containsAllEntriesOf(zone.pageblocks());
        }
        assertThat(clone.pageSets().stream().map(set -> set.lists().stream()
                        .map(ZoneView.PerCpuList::count)
                        .toList()))
                .as(name + ": per-CPU lists")
                .isEqualTo(zone.pageSets().stream()
                        .map(set -> set.lists().stream()
                                .map(ZoneView.PerCpuList::count)
                                .toList())
                        .toList());
    }

    private static List<Long> zonedBlocks(ZoneView zone, ZoneView clone) {
        return zone.populated()
                ? zone.freeBlocks()
                : java.util.Collections.nCopies(clone.freeBlocks().size(), 0L);
    }

    private static List<Long> sums(ZoneView zone) {
        List<Long> sums = new java.util.ArrayList<>();
        for (int order = 0; order < zone.freeBlocks().size(); order++) {
            int at = order;
            sums.add(zone.freeByType().values().stream()
                    .mapToLong(row -> row.get(at))
                    .sum());
        }
        return sums;
    }

    private static java.util.Map<String, List<Long>> listed(ZoneView clone, ZoneState recorded) {
        java.util.Map<String, List<Long>> lists = new java.util.LinkedHashMap<>();
        int type = 0;
        for (String label : clone.freeByType().keySet()) {
            List<Long> counts = new java.util.ArrayList<>();
            for (int order = 0; order < clone.freeBlocks().size(); order++) {
                int wantedType = type;
                int wantedOrder = order;
                counts.add(recorded.freeLists().stream()
                        .filter(list -> list.order() == wantedOrder && list.migratetype() == wantedType)
                        .mapToLong((FreeList list) -> list.pfns().length)
                        .sum());
            }
            lists.put(label, counts);
            type++;
        }
        return lists;
    }
}
