package org.kmemscope.capture.seed;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.ground.AddressLayout.Region;
import org.kmemscope.api.ground.KernelBuild.Section;
import org.kmemscope.api.view.ResourceView;
import org.kmemscope.capture.view.BootLog;

/** Where the kernel image lies: by {@code iomem}, with the init section from the boot log, or all of it from the boot log. */
final class ImageSections {
    private static final String INIT = ".init";
    private static final Map<String, String> NAMES = Map.of(
            "Kernel code", ".text",
            "Kernel text", ".text",
            "Kernel rodata", ".rodata",
            "Kernel data", ".data",
            "Kernel bss", ".bss");

    private ImageSections() {}

    /**
     * The sections, ascending; none if nothing tells.
     *
     * @param iomem lines of {@code iomem}; empty if they are not known
     * @param physOffset physical address behind the begin of the linear mapping
     */
    static List<Section> of(List<ResourceView> iomem, BootLog log, long physOffset) {
        List<Section> sections = new ArrayList<>();
        for (ResourceView line : iomem) {
            String name = NAMES.get(line.name());
            if (name != null && line.end() > line.start()) {
                sections.add(new Section(name, line.start(), line.end() + 1));
            }
        }
        boolean known = !sections.isEmpty();
        Optional<Region> lowmem = log.region("lowmem");
        for (Region row : log.layout()) {
            if (row.name().startsWith(".") && lowmem.isPresent() && (row.name().equals(INIT) || !known)) {
                long start = row.start() - lowmem.get().start() + physOffset;
                Section section = new Section(row.name(), start, start + row.end() - row.start());
                if (section.end() > section.start() && sections.stream().noneMatch(other -> overlap(other, section))) {
                    sections.add(section);
                }
            }
        }
        sections.sort(Comparator.comparingLong(Section::start));
        return sections;
    }

    private static boolean overlap(Section one, Section other) {
        return one.start() < other.end() && other.start() < one.end();
    }
}
