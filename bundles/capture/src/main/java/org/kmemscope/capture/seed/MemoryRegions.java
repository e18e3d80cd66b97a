package org.kmemscope.capture.seed;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.kmemscope.api.ground.KernelBuild.Section;
import org.kmemscope.api.ground.MemoryRegion;
import org.kmemscope.api.ground.MemoryRegion.Kind;
import org.kmemscope.api.view.ResourceView;
import org.kmemscope.capture.view.BootLog;

/**
 * The memory map of a profile: RAM as it was found, parts of the kernel image behind the RAM they lie in, and whatever else {@code iomem}
 * lists. A bus that lies around RAM (as on 2.6.38) is stepped into.
 */
final class MemoryRegions {
    private static final String SYSTEM_RAM = "System RAM";

    private MemoryRegions() {}

    /**
     * The map, ascending.
     *
     * @param ram where RAM is
     * @param iomem lines of {@code iomem}; empty if they are not known
     * @param image parts of the kernel image
     */
    static List<MemoryRegion> of(List<BootLog.Range> ram, List<ResourceView> iomem, List<Section> image) {
        List<MemoryRegion> map = new ArrayList<>();
        for (BootLog.Range range : ram) {
            map.add(new MemoryRegion(range.start(), range.end(), Kind.RAM, SYSTEM_RAM));
        }
        for (int i = 0; i < iomem.size(); i++) {
            ResourceView line = iomem.get(i);
            MemoryRegion region = new MemoryRegion(line.start(), line.end() + 1, kind(line), line.name());
            boolean free = map.stream().noneMatch(other -> overlap(other, region));
            if (free && !aroundRam(iomem, i)) {
                map.add(region);
            }
        }
        List<MemoryRegion> parts = new ArrayList<>();
        for (ResourceView line : iomem) {
            if (line.name().startsWith("Kernel ") && line.end() > line.start()) {
                parts.add(new MemoryRegion(line.start(), line.end() + 1, Kind.KERNEL, line.name()));
            }
        }
        if (parts.isEmpty()) {
            image.stream()
                    .filter(section -> !section.name().equals(".init"))
                    .forEach(section -> parts.add(new MemoryRegion(
                            section.start(),
                            section.end(),
                            Kind.KERNEL,
                            "Kernel " + section.name().substring(1))));
        }
        parts.removeIf(part -> map.stream()
                .noneMatch(region ->
                        region.kind() == Kind.RAM && region.start() <= part.start() && part.end() <= region.end()));
        map.addAll(parts);
        map.sort(Comparator.comparingLong(MemoryRegion::start)
                .thenComparing(region -> region.kind() == Kind.KERNEL ? 1 : 0));
        return map;
    }

    private static Kind kind(ResourceView line) {
        boolean reserved =
                line.name().equalsIgnoreCase("reserved") || line.name().startsWith("ACPI ");
        return reserved ? Kind.RESERVED : Kind.DEVICE;
    }

    private static boolean overlap(MemoryRegion one, MemoryRegion other) {
        return one.start() < other.end() && other.start() < one.end();
    }

    private static boolean aroundRam(List<ResourceView> iomem, int at) {
        int depth = iomem.get(at).depth();
        for (int i = at + 1; i < iomem.size() && iomem.get(i).depth() > depth; i++) {
            if (iomem.get(i).name().equals(SYSTEM_RAM)) {
                return true;
            }
        }
        return false;
    }
}
