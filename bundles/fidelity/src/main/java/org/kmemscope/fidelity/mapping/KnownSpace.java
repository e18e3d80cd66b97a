package org.kmemscope.fidelity.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.view.VmapAreaView.Kind;
import org.kmemscope.api.vmalloc.VmallocState;
import org.kmemscope.fidelity.Subject;

/**
 * What is known of the free ranges of a vmalloc space whose areas the kernel hides: since 4.15 {@code /proc/vmallocinfo} shows hashes in
 * place of addresses. Ranges that were handed out were free before; all else counts as taken.
 *
 * <pre>
 *   taken | free: handed out one after the other | taken | free | taken ...
 *           ^ where it begins is learnt from the first answer in it, so that one answer is no fact
 * </pre>
 *
 * <p>A gap of one page between two of them was free, too: an area has at least one page and its guard page.
 */
final class KnownSpace {
    private static final int PAGE_SIZE = Profile.PAGE_SIZE;

    /** Free ranges: start to end. */
    private final TreeMap<Long, Long> free = new TreeMap<>();

    /** A range that was handed out. */
    void handedOut(long start, long end) {
        long from = start;
        long to = end;
        Map.Entry<Long, Long> before = free.floorEntry(start);
        if (before != null && before.getValue() + PAGE_SIZE >= start) {
            from = before.getKey();
            to = Math.max(to, before.getValue());
            free.remove(before.getKey());
        }
        Map.Entry<Long, Long> behind = free.ceilingEntry(from);
        while (behind != null && behind.getKey() <= to + PAGE_SIZE) {
            to = Math.max(to, behind.getValue());
            free.remove(behind.getKey());
            behind = free.ceilingEntry(from);
        }
        free.put(from, to);
    }

    /** The same free ranges, to be added to. */
    KnownSpace copy() {
        KnownSpace other = new KnownSpace();
        other.free.putAll(free);
        return other;
    }

    /** Whether an address is known to be free. */
    boolean has(long address) {
        Map.Entry<Long, Long> range = free.floorEntry(address);
        return range != null && address < range.getValue();
    }

    /** Whether a free range begins at an address: what is handed out there first could not be known. */
    boolean beginsAt(long address) {
        return free.containsKey(address);
    }

    /** A machine whose space has the free ranges that are known, and room for what its own parts map at boot. */
    Machine boot(Subject subject) {
        Machine plain = subject.booted();
        return subject.cloned(state(plain.layout(), owned(plain)));
    }

    /** Pages of the areas that a machine's own parts map at boot. */
    static List<Integer> owned(Machine plain) {
        return plain.locked(() -> plain.vmalloc().areas().stream()
                .filter(area -> area.kind() == Kind.DMA_COHERENT)
                .map(VmapAreaView::pages)
                .toList());
    }

    /**
     * The state of the space.
     *
     * @param owned areas that the model's own parts need while it boots, by their pages; they are laid into what counts as taken
     */
    VmallocState state(AddressLayout layout, List<Integer> owned) {
        List<VmapAreaView> areas = new ArrayList<>();
        List<Integer> waiting = new ArrayList<>(owned);
        long at = layout.vmallocStart();
        for (Map.Entry<Long, Long> hole : free.entrySet()) {
            taken(at, hole.getKey(), waiting, areas);
            at = hole.getValue();
        }
        taken(at, layout.vmallocEnd(), waiting, areas);
        return new VmallocState(areas, List.of());
    }

    private static void taken(long start, long end, List<Integer> waiting, List<VmapAreaView> areas) {
        long at = start;
        while (!waiting.isEmpty() && at + (waiting.get(0) + 1L) * PAGE_SIZE <= end) {
            int pages = waiting.remove(0);
            long to = at + (pages + 1L) * PAGE_SIZE;
            areas.add(new VmapAreaView(at, to, Kind.DMA_COHERENT, pages, -1, "boot", List.of()));
            at = to;
        }
        if (at < end) {
            areas.add(new VmapAreaView(at, end, Kind.VMAP, 0, -1, "unknown", List.of()));
        }
    }
}
