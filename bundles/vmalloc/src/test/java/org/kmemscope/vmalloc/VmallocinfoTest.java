package org.kmemscope.vmalloc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.vmalloc.VmallocState;

/**
 * Kernels from 2.6.29 to 3.8 allocated 24 areas, freed some and allocated 6 more; each step was read from {@code /proc/vmallocinfo}.
 * The model starts from the first list and comes to the same lists.
 */
class VmallocinfoTest {
    private static Map<String, List<VmapAreaView>> capture(String name) throws IOException {
        Map<String, List<String>> sections = new LinkedHashMap<>();
        List<String> lines = new ArrayList<>();
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                VmallocinfoTest.class.getResourceAsStream("captures/" + name + ".txt"), StandardCharsets.UTF_8))) {
            for (String line : in.lines().toList()) {
                if (line.startsWith("== ")) {
                    lines = new ArrayList<>();
                    sections.put(line.substring(3), lines);
                } else if (!line.startsWith("#")) {
                    lines.add(line);
                }
            }
        }
        Map<String, List<VmapAreaView>> areas = new LinkedHashMap<>();
        sections.forEach((section, text) -> areas.put(section, AreaList.read(text)));
        return areas;
    }

    /**
     * These kernels do not list what is freed and not purged. Where the lowest area does not begin at VMALLOC_START, something must
     * have been there before: first fit would have put it at the start.
     */
    private static List<VmapAreaView> unlisted(Machine machine, List<VmapAreaView> areas) {
        long start = machine.layout().vmallocStart();
        long lowest = areas.stream()
                .mapToLong(VmapAreaView::start)
                .filter(address -> address >= start)
                .min()
                .orElse(start);
        return lowest == start
                ? List.of()
                : List.of(new VmapAreaView(start, lowest, VmapAreaView.Kind.UNPURGED, 0, -1, "", List.of()));
    }

    private static List<VmapAreaView> missing(List<VmapAreaView> from, List<VmapAreaView> in) {
        return from.stream().filter(area -> !in.contains(area)).toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "linux-2.6.29-goldfish,mem=512M | 2.6.29-goldfish-slub-512M",
                "linux-2.6.29-goldfish,mem=512M | 2.6.29-goldfish-slub-512M-slubdebug",
                "linux-2.6.29-vbox-pae | 2.6.29-vbox-pae-slab-1024M",
                "linux-2.6.29-vbox-pae,mem=512M | 2.6.29-vbox-pae-slab-512M",
                "linux-2.6.32-el6-pae | 2.6.32-642.el6.i686-pae-slab-1024M",
                "linux-2.6.32-el6-pae,mem=512M | 2.6.32-642.el6.i686-pae-slab-512M",
                "linux-2.6.38-mlinux | 2.6.38.5-mlinux-slab-1024M",
                "linux-2.6.38-mlinux,vmalloc=256M | 2.6.38.5-mlinux-slab-1024M-vmalloc256",
                "linux-2.6.38-mlinux,mem=32M | 2.6.38.5-mlinux-slab-32M",
                "linux-2.6.38-mlinux,mem=512M | 2.6.38.5-mlinux-slab-512M",
                "linux-3.0.3-tinycore | 3.0.3-tinycore-1024M",
                "linux-3.0.3-tinycore,mem=512M | 3.0.3-tinycore-512M",
                "linux-3.1.10-slacko | 3.1.10-slacko-slab-1024M",
                "linux-3.2-686-pae | 3.2.0-4-686-pae-slab-1024M",
                "linux-3.2-686-pae,mem=512M | 3.2.0-4-686-pae-slab-512M",
                "linux-3.4.67-goldfish,mem=512M | 3.4.67-goldfish-slub-512M",
                "linux-3.0.15-itop4412 | 3.0.15-itop4412-smdkc210-1024M",
                "linux-3.2-versatile | 3.2.0-4-versatilepb-256M",
                "linux-3.2-vexpress | 3.2.0-4-vexpress-a9-1024M",
                "linux-3.8.13-odroidx | 3.8.13-odroidx-smdkc210-1024M",
                "linux-3.8.13-odroidx,vmalloc=384M | 3.8.13-odroidx-smdkc210-1024M-vmalloc384M"
            })
    void areasComeWhereRealKernelsPutThem(String profile, String name) throws IOException {
        Map<String, List<VmapAreaView>> capture = capture(name);
        Machine machine = TestMachines.boot(profile);
        List<VmapAreaView> before = new ArrayList<>(capture.get("before"));
        before.addAll(unlisted(machine, before));
        machine.vmalloc().load(new VmallocState(before, List.of()));
        assertThat(AreaList.summary(machine.vmalloc().areas())).isEqualTo(AreaList.summary(capture.get("before")));

        allocate(machine, missing(capture.get("allocated"), capture.get("before")));
        assertThat(AreaList.summary(machine.vmalloc().areas())).isEqualTo(AreaList.summary(capture.get("allocated")));

        missing(capture.get("allocated"), capture.get("refilled"))
                .forEach(area -> machine.vmalloc().vfree(area.start()));
        allocate(machine, missing(capture.get("refilled"), capture.get("allocated")));
        assertThat(AreaList.summary(machine.vmalloc().areas())).isEqualTo(AreaList.summary(capture.get("refilled")));
        assertThat(machine.verify().problems()).isEmpty();
    }

    private static void allocate(Machine machine, List<VmapAreaView> areas) {
        areas.forEach(area -> assertThat(machine.vmalloc().vmalloc((long) area.pages() * Profile.PAGE_SIZE))
                .isPositive());
    }
}
