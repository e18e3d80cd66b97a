package org.kmemscope.machine.layout;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.AddressLayout.Region;
import org.kmemscope.api.ground.ArchSpec.Arch;

/**
 * Prints a layout as the boot log of 2.6 and 3.x does. Kernels of 6.x print nothing of the kind any more; for them it is what they
 * would have printed.
 * <pre>
 * virtual kernel memory layout:
 *     fixmap  : 0xfffa8000 - 0xfffff000   ( 348 kB)
 *       .init : 0xc04b2000 - 0xc04f4000   ( 264 kB)
 * </pre>
 * Sizes are rounded down, but ARM rounds those of the image up ({@code MLK_ROUNDUP}).
 */
public final class LayoutBlock {
    private static final Set<String> I386_MB = Set.of("vmalloc", "lowmem");
    private static final Set<String> ARM_MB = Set.of("DMA", "vmalloc", "lowmem", "pkmap", "modules");
    private static final int KB_SHIFT = 10;
    private static final int MB_SHIFT = 20;

    private LayoutBlock() {}

    /** The lines of the block. */
    public static List<String> lines(AddressLayout layout, Arch arch) {
        List<String> lines = new ArrayList<>();
        lines.add((arch == Arch.ARM ? "Virtual" : "virtual") + " kernel memory layout:");
        for (Region region : layout.regions()) {
            lines.add(line(region, arch));
        }
        return lines;
    }

    private static String line(Region region, Arch arch) {
        boolean image = region.name().startsWith(".");
        boolean mb = (arch == Arch.ARM ? ARM_MB : I386_MB).contains(region.name());
        int shift = mb ? MB_SHIFT : KB_SHIFT;
        long roundUp = image && arch == Arch.ARM ? (1L << shift) - 1 : 0;
        return String.format(
                image ? "%11s : 0x%08x - 0x%08x   (%4d %s)" : "    %-7s : 0x%08x - 0x%08x   (%4d %s)",
                region.name(),
                region.start(),
                region.end(),
                (region.end() - region.start() + roundUp) >> shift,
                mb ? "MB" : "kB");
    }
}
