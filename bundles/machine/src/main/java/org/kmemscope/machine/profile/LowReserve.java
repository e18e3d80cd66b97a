package org.kmemscope.machine.profile;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.MemoryRegion;
import org.kmemscope.api.ground.MemoryRegion.Kind;

/**
 * RAM at address 0 that a kernel for the PC keeps to itself, because firmware scribbles there. It turns from {@code System RAM} to
 * {@code reserved}, and the first zone begins behind it.
 *
 * <p>Nothing up to 2.6.32; the first page from 2.6.33 ({@code trim_bios_range()}); {@code CONFIG_X86_RESERVE_LOW} from 2.6.37; from 3.9
 * the first page again, as the rest is only taken from the boot allocator ({@code memblock}) and counts as present. Vendors took this
 * back into older kernels: the key {@code reserveLow} of a profile tells.
 */
final class LowReserve {
    private static final long PAGE = 4096;
    private static final int DEFAULT_RESERVE_KIB = 64;

    private LowReserve() {}

    /** Bytes kept by rule. */
    static long byRule(KernelVersion version, KernelConfig config) {
        if (!version.isAtLeast(2, 6, 33)) {
            return 0;
        }
        boolean optionDecides = version.isAtLeast(2, 6, 37) && !version.isAtLeast(3, 9);
        return optionDecides ? config.integer("X86_RESERVE_LOW", DEFAULT_RESERVE_KIB) * 1024L : PAGE;
    }

    /** The map as the kernel leaves it. */
    static List<MemoryRegion> apply(List<MemoryRegion> firmware, long bytes) {
        List<MemoryRegion> map = new ArrayList<>();
        for (MemoryRegion region : firmware) {
            if (region.kind() == Kind.RAM && region.start() < bytes) {
                long cut = Math.min(bytes, region.end());
                map.add(new MemoryRegion(region.start(), cut, Kind.RESERVED, "reserved"));
                if (cut < region.end()) {
                    map.add(new MemoryRegion(cut, region.end(), Kind.RAM, region.name()));
                }
            } else {
                map.add(region);
            }
        }
        return map;
    }
}
