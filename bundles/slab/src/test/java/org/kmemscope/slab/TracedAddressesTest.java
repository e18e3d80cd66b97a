package org.kmemscope.slab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.ObjectView;

/** Addresses that kmalloc returned on real kernels, as their tracepoints told. */
class TracedAddressesTest {
    private static final long PAGE_OFFSET = 0xc000_0000L;

    private record Event(String point, List<String> fields) {
        static List<Event> of(String machine) {
            return TestResources.lines("kmalloc-trace.txt").stream()
                    .filter(line -> line.startsWith(machine + " | "))
                    .map(line -> List.of(line.substring(machine.length() + 3).split(" ")))
                    .map(words -> new Event(words.get(0), words.subList(1, words.size())))
                    .toList();
        }

        boolean isKmalloc() {
            return point.equals("kmalloc");
        }

        long address() {
            return Long.parseLong(fields.get(0), 16);
        }

        int asked() {
            return Integer.parseInt(fields.get(1));
        }

        int given() {
            return Integer.parseInt(fields.get(2));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux-2.6.32-el6-pae", "linux-3.2-686-pae"})
    void everyAddressIsThatOfAnObjectInTheGeometryOfItsCache(String profile) {
        Machine machine = TestMachines.boot(profile);
        SlabRules rules = SlabRules.of(machine);
        List<Event> events = Event.of(profile).stream().filter(Event::isKmalloc).toList();
        assertThat(events).hasSizeGreaterThan(30);
        for (Event event : events) {
            long mine = machine.objects().kmalloc(event.asked(), machine.gfp().of(Gfp.GFP_KERNEL));
            ObjectView object = machine.objects().objectAt(mine).orElseThrow();
            assertThat(object.size()).as(event.toString()).isEqualTo(event.given());
            CacheGeometry geometry =
                    CacheGeometry.of(event.given(), 0, SlabFlag.SLAB_HWCACHE_ALIGN.bit(), false, rules.geometry());
            long management = geometry.offSlab() ? 0 : geometry.managementSize();
            long offset = event.address() % geometry.bytes() - management;
            List<Long> indexes = new ArrayList<>();
            for (int colour = 0; colour < Math.max(1, geometry.colours()); colour++) {
                long inObjects = offset - (long) colour * geometry.colourStep();
                if (inObjects >= 0 && inObjects % geometry.size() == 0) {
                    indexes.add(inObjects / geometry.size());
                }
            }
            assertThat(indexes).as(event.toString()).anyMatch(index -> index < geometry.objects());
        }
    }

    @Test
    void aFreshSlabIsHandedOutFromItsLastObjectDownAsOnTheRealKernel() {
        String profile = "linux-2.6.32-el6-pae";
        List<Event> events = Event.of(profile);
        int grown = 0;
        while (events.get(grown).isKmalloc()) {
            grown++;
        }
        long page = PAGE_OFFSET
                + ((long) Integer.parseInt(events.get(grown).fields().get(0)) << Profile.PAGE_SHIFT);
        List<Long> real = events.subList(grown, events.size()).stream()
                .filter(event ->
                        event.isKmalloc() && event.address() - page < Profile.PAGE_SIZE && event.address() > page)
                .map(event -> event.address() - page)
                .toList();
        assertThat(real).hasSize(6);

        Machine machine = TestMachines.boot(profile);
        Kernel kernel = TestMachines.kernel(machine);
        long slabs = TestMachines.cache(machine, "size-64").slabs();
        long object = kernel.kmalloc(64, Gfp.GFP_KERNEL);
        while (TestMachines.cache(machine, "size-64").slabs() == slabs) {
            object = kernel.kmalloc(64, Gfp.GFP_KERNEL);
        }
        List<Long> model = new ArrayList<>();
        for (int i = 0; i < real.size(); i++) {
            model.add(object % Profile.PAGE_SIZE);
            object = kernel.kmalloc(64, Gfp.GFP_KERNEL);
        }
        assertThat(model).isEqualTo(real);
    }
}
