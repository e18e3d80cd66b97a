package org.kmemscope.machine.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.ArchSpec.Arch;
import org.kmemscope.api.ground.KernelBuild;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.MemoryRegion;
import org.kmemscope.api.ground.MemoryRegion.Kind;

/**
 * What {@code /proc/iomem} calls things, which changed: the PC writes {@code Reserved} since 4.12, ARM called the code
 * {@code Kernel text} up to 3.4 and counts the bss as data.
 */
final class IomemNames {
    private IomemNames() {}

    /** The map with the names of a kernel. */
    static List<MemoryRegion> apply(List<MemoryRegion> map, KernelVersion version) {
        String reserved = version.isAtLeast(4, 12) ? "Reserved" : "reserved";
        return map.stream()
                .map(region -> region.kind() == Kind.RESERVED && region.name().equalsIgnoreCase("reserved")
                        ? new MemoryRegion(region.start(), region.end(), region.kind(), reserved)
                        : region)
                .toList();
    }

    /** The parts of a kernel image that are listed, ascending. */
    static List<MemoryRegion> image(KernelBuild build, Arch arch, KernelVersion version) {
        List<MemoryRegion> parts = new ArrayList<>();
        String code = arch == Arch.ARM && !version.isAtLeast(3, 5) ? "Kernel text" : "Kernel code";
        build.section(".text").ifPresent(text -> parts.add(part(text.start(), text.end(), code)));
        build.section(".rodata").ifPresent(rodata -> parts.add(part(rodata.start(), rodata.end(), "Kernel rodata")));
        Optional<KernelBuild.Section> bss = build.section(".bss");
        build.section(".data").ifPresent(data -> {
            long end = arch == Arch.ARM ? bss.map(KernelBuild.Section::end).orElse(data.end()) : data.end();
            parts.add(part(data.start(), end, "Kernel data"));
        });
        if (arch == Arch.I386) {
            bss.ifPresent(section -> parts.add(part(section.start(), section.end(), "Kernel bss")));
        }
        return parts;
    }

    private static MemoryRegion part(long start, long end, String name) {
        return new MemoryRegion(start, end, Kind.KERNEL, name);
    }
}
