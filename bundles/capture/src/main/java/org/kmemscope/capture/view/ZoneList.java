package org.kmemscope.capture.view;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.kmemscope.api.page.ZoneType;

/**
 * Which zones a kernel has. Kernels before 4.14 print only zones with memory, but their arrays of reserves have an entry for each zone:
 * from how many there are, and from those that are printed, follows which are missing.
 *
 * <pre>
 *   printed DMA, Normal        4 entries, 32 bit   DMA  Normal  HighMem  Movable
 *   printed DMA, DMA32         4 entries, 64 bit   DMA  DMA32   Normal   Movable
 *   printed Normal             2 entries           Normal  Movable
 * </pre>
 */
public final class ZoneList {
    /** In the order in which zones are most likely to be configured but empty. */
    private static final List<ZoneType> MISSING_32 =
            List.of(ZoneType.MOVABLE, ZoneType.NORMAL, ZoneType.HIGHMEM, ZoneType.DMA, ZoneType.DMA32);

    private static final List<ZoneType> MISSING_64 =
            List.of(ZoneType.MOVABLE, ZoneType.NORMAL, ZoneType.DMA32, ZoneType.DMA);

    private ZoneList() {}

    /** The zone with a name; empty for one without pages of its own ({@code Device}). */
    public static Optional<ZoneType> named(String name) {
        return Arrays.stream(ZoneType.values())
                .filter(type -> type.label().equals(name))
                .findFirst();
    }

    /**
     * All zones of a kernel, by index.
     *
     * @param printed those that are printed
     * @param count how many there are
     * @param wide whether the kernel is a 64-bit one
     */
    public static List<ZoneType> complete(Set<ZoneType> printed, int count, boolean wide) {
        EnumSet<ZoneType> all = printed.isEmpty() ? EnumSet.noneOf(ZoneType.class) : EnumSet.copyOf(printed);
        for (ZoneType type : wide || all.contains(ZoneType.DMA32) ? MISSING_64 : MISSING_32) {
            if (all.size() < count) {
                all.add(type);
            }
        }
        return new ArrayList<>(all);
    }
}
