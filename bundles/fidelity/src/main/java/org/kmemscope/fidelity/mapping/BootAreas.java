package org.kmemscope.fidelity.mapping;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.view.VmapAreaView.Kind;
import org.kmemscope.api.vmalloc.VmallocState;
import org.kmemscope.fidelity.file.AreaLine;

/**
 * Listed areas as a state that a machine goes on from.
 *
 * <p>The list does not show addresses that were given back and are kept from use until the next purge. Some of them can be told all the
 * same, as an area lies in the lowest room there is: where one lies above a hole that it would have fitted into, that hole was taken at
 * the time. Whoever had it has given it back since, and it counts as not purged: a purge comes after 32 MiB, which no boot gives back. On
 * i386 nothing is kept back any more: the end of boot frees the kernel's init pages, which changes page attributes
 * ({@code set_memory_nx()}), and {@code change_page_attr_set_clr()} purges first.
 *
 * <pre>
 *   start |  hole of 16 KiB  | ioremap of 8 KiB | ...
 *            was not free when this ^ was mapped
 * </pre>
 */
final class BootAreas {
    private static final List<String> PLACED_ELSEWISE = List.of("iotable_init", "pcpu_get_vm_areas");

    private final List<AreaLine> lines;

    BootAreas(Collection<AreaLine> lines) {
        this.lines =
                lines.stream().sorted(Comparator.comparingLong(AreaLine::start)).toList();
    }

    /**
     * The state.
     *
     * @param from where the space begins
     * @param keeps whether the kernel keeps addresses back
     * @param gap bytes that it leaves between areas
     */
    VmallocState state(long from, boolean keeps, long gap) {
        List<VmapAreaView> areas = new ArrayList<>();
        long end = from;
        for (int i = 0; i < lines.size(); i++) {
            AreaLine line = lines.get(i);
            if (keeps
                    && line.start() > end
                    && line.start() >= from
                    && wasTaken(end == from ? end : end + gap, line.start() - gap, i)) {
                // side by side with the areas around it
                areas.add(new VmapAreaView(end, line.start(), Kind.UNPURGED, 0, -1, "", List.of()));
            }
            areas.add(new VmapAreaView(line.start(), line.end(), kind(line), line.pages(), line.phys(), "", List.of()));
            end = Math.max(end, line.end());
        }
        return new VmallocState(areas, List.of());
    }

    /** Whether an area from this one on would have fitted into a hole. */
    private boolean wasTaken(long start, long end, int from) {
        for (AreaLine line : lines.subList(from, lines.size())) {
            long size = line.end() - line.start();
            // an ioremap is aligned to a power of two of at least its size
            long align = line.kind().equals(Kind.IOREMAP.label()) ? Long.highestOneBit(2 * size - 1) : 1;
            if (PLACED_ELSEWISE.stream().noneMatch(line.caller()::startsWith)
                    && (start + align - 1) / align * align + size <= end) {
                return true;
            }
        }
        return false;
    }

    private static Kind kind(AreaLine line) {
        for (Kind kind : Kind.values()) {
            if (kind.label().equals(line.kind())) {
                return kind;
            }
        }
        return Kind.VMAP;
    }
}
