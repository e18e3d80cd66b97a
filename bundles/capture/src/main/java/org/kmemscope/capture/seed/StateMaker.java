package org.kmemscope.capture.seed;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.PageState.PerCpu;
import org.kmemscope.api.page.PageState.ZoneState;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.capture.view.BootLog;

/**
 * Makes a page allocator's state of what {@code zoneinfo}, {@code buddyinfo} and {@code pagetypeinfo} count.
 *
 * <p>In the zone that boot takes its memory from, a stretch of frames is kept out of the placement; if the free blocks have no room then,
 * it is given up in steps, rather a hard start for boot than a wrong {@code buddyinfo}.
 */
final class StateMaker {
    private final Profile profile;
    private final Hints hints;
    private final MigrateTypes types;
    private final int pageblockOrder;
    private final List<String> notes;
    private final BitSet kept;
    private final int cma;
    private final int movable;

    /**
     * @param kept ranges of RAM that the page allocator was not given
     */
    StateMaker(
            Profile profile,
            Hints hints,
            MigrateTypes types,
            int pageblockOrder,
            List<BootLog.Range> kept,
            List<String> notes) {
        this.profile = profile;
        this.hints = hints;
        this.types = types;
        this.pageblockOrder = pageblockOrder;
        this.notes = notes;
        this.kept = frames(kept);
        cma = types.indexOf(MigrateType.CMA);
        movable = types.indexOf(MigrateType.MOVABLE);
    }

    /** The state; empty if the free blocks are not known. */
    Optional<PageState> state() {
        List<ZoneView> zones = hints.zones();
        boolean known = zones.stream().filter(ZoneView::populated).noneMatch(zone -> zone.freeBlocks()
                .isEmpty());
        if (zones.isEmpty() || !known) {
            notes.add("free lists: not captured, the machine boots with those of its own");
            return Optional.empty();
        }
        if (zones.stream()
                .anyMatch(zone -> zone.populated() && zone.pageblocks().isEmpty())) {
            notes.add("migrate types: no pagetypeinfo, all free blocks are taken for movable ones");
        }
        notes.add("free lists: as many blocks as buddyinfo counts, their places are made up");
        ZoneView bootZone = bootZone(zones);
        List<ZoneState> states = new ArrayList<>();
        for (ZoneView zone : zones) {
            states.add(zone.populated() ? state(zone, zone == bootZone) : ZoneStates.empty(zone));
        }
        return Optional.of(new PageState(states));
    }

    /** Boot takes from the low zone in which most is in use. */
    private static ZoneView bootZone(List<ZoneView> zones) {
        ZoneView best = zones.get(0);
        for (ZoneView zone : zones) {
            boolean low = !zone.type().isHighmem() && zone.populated();
            if (low && zone.present() - zone.free() >= best.present() - best.free()) {
                best = zone;
            }
        }
        return best;
    }

    private ZoneState state(ZoneView zone, boolean withWindow) {
        BlockCounts counts = BlockCounts.of(zone, types, notes);
        PlacedBlocks placed = null;
        BitSet window = new BitSet();
        for (Attempt attempt : attempts(zone, withWindow)) {
            ZonePlacement placement =
                    new ZonePlacement(zone.startPfn(), end(zone), attempt.usable, pageblockOrder, counts, movable);
            PlacedBlocks found = placement.place(cma, contiguous());
            if (placed == null || found.missing() < placed.missing()) {
                placed = found;
                window = attempt.window;
            }
            if (placed.missing() == 0) {
                break;
            }
        }
        if (placed.missing() > 0) {
            notes.add(String.format(
                    "zone %s: no room for %d of its %d free pages beside what the kernel keeps",
                    zone.type().label(), placed.missing(), counts.pages()));
        }
        BitSet used = usable(UsableFrames.Image.WHOLE);
        used.andNot(placed.free());
        used.andNot(window);
        used.andNot(contiguous());
        return ZoneStates.of(zone, managed(zone), placed, perCpu(zone, used, placed), cma);
    }

    /** Frames that may be free, and frames that are kept in use for boot. */
    private record Attempt(BitSet usable, BitSet window) {}

    private List<Attempt> attempts(ZoneView zone, boolean withWindow) {
        List<Attempt> attempts = new ArrayList<>();
        BitSet whole = usable(UsableFrames.Image.WHOLE);
        BitSet sections = usable(UsableFrames.Image.SECTIONS);
        if (withWindow) {
            BitSet outside = (BitSet) whole.clone();
            outside.andNot(contiguous());
            int frames = BootWindow.frames(profile, hints.zones());
            BootWindow.find(profile, zone, outside, frames).ifPresent(first -> {
                BitSet window = new BitSet();
                window.set(first, first + frames);
                attempts.add(new Attempt(without(whole, window), window));
                attempts.add(new Attempt(without(sections, window), window));
            });
        }
        attempts.add(new Attempt(whole, new BitSet()));
        attempts.add(new Attempt(sections, new BitSet()));
        return attempts;
    }

    private static BitSet without(BitSet frames, BitSet window) {
        BitSet left = (BitSet) frames.clone();
        left.andNot(window);
        return left;
    }

    private BitSet contiguous() {
        return frames(hints.log().contiguous());
    }

    private static BitSet frames(List<BootLog.Range> ranges) {
        BitSet frames = new BitSet();
        for (BootLog.Range range : ranges) {
            frames.set(UsableFrames.up(range.start()), UsableFrames.down(range.end()));
        }
        return frames;
    }

    private BitSet usable(UsableFrames.Image image) {
        return without(UsableFrames.of(profile, image), kept);
    }

    private List<PerCpu> perCpu(ZoneView zone, BitSet used, PlacedBlocks placed) {
        boolean listsByType = profile.kernel().version().isAtLeast(2, 6, 32);
        PerCpuFrames frames = new PerCpuFrames(zone, used, placed.types(), pageblockOrder, movable, cma, listsByType);
        return zone.pageSets().stream().map(frames::lists).toList();
    }

    /** Kernels before 3.8 tell only how many pages are managed in all low and all high zones; the lowest is taken for fully managed. */
    private long managed(ZoneView zone) {
        boolean told = profile.kernel().version().isAtLeast(3, 8);
        Optional<Long> low = hints.pagesOf("LowTotal").or(() -> hints.pagesOf("MemTotal"));
        Optional<Long> high = hints.pagesOf("HighTotal");
        if (told || low.isEmpty()) {
            return zone.managed();
        }
        if (zone.type().isHighmem()) {
            return high.orElse(zone.managed());
        }
        long others = 0;
        for (ZoneView other : hints.zones()) {
            boolean lower = !other.type().isHighmem() && other.index() < zone.index();
            others += lower ? usableIn(other) : 0;
        }
        boolean last = hints.zones().stream()
                .noneMatch(other -> !other.type().isHighmem() && other.populated() && other.index() > zone.index());
        return last ? Math.max(0, low.get() - others) : usableIn(zone);
    }

    private long usableIn(ZoneView zone) {
        return usable(UsableFrames.Image.WHOLE).get(zone.startPfn(), end(zone)).cardinality();
    }

    private static int end(ZoneView zone) {
        return (int) (zone.startPfn() + zone.spanned());
    }
}
