package org.kmemscope.reclaim;

import org.kmemscope.api.page.ZoneControl.Mark;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * Dirty pages of files ({@code mm/page-writeback.c}): how many there are, how many there may be, and writing them.
 *
 * <pre>
 *   dirtyable   free pages and pages of files in low memory; from 3.3 on less what the zones keep in reserve
 *   background  dirty_background_ratio hundredths of it: above, the flusher writes
 *   limit       dirty_ratio hundredths of it: above, whoever writes waits
 * </pre>
 */
final class DirtyPages implements Stateful {
    private static final int HUNDRED = 100;

    private final Basis basis;
    private final PageFrames frames;
    private final Disk disk;
    private final long[] byZone;

    DirtyPages(Basis basis, Disk disk) {
        this.basis = basis;
        this.disk = disk;
        frames = basis.frames;
        byZone = new long[basis.zones.zoneCount()];
    }

    /** Marks a page of a file; whether it was clean before. */
    boolean set(int pfn) {
        if (frames.is(pfn, PageFlag.DIRTY)) {
            return false;
        }
        frames.set(pfn, PageFlag.DIRTY);
        byZone[frames.zone(pfn)]++;
        basis.counters.add(VmCounters.Event.NR_DIRTIED, 1);
        return true;
    }

    /** {@code clear_page_dirty_for_io()}, {@code cancel_dirty_page()}. */
    void clear(int pfn) {
        if (frames.is(pfn, PageFlag.DIRTY)) {
            frames.clear(pfn, PageFlag.DIRTY);
            byZone[frames.zone(pfn)]--;
        }
    }

    /** Starts to write a page of a file. */
    void write(int pfn) {
        clear(pfn);
        basis.owners.of(pfn).write(pfn);
        disk.submit(pfn);
    }

    long count() {
        long sum = 0;
        for (long pages : byZone) {
            sum += pages;
        }
        return sum;
    }

    long count(int zone) {
        return byZone[zone];
    }

    // ---- limits

    private long dirtyable() {
        long pages = 0;
        for (int zone = 0; zone < basis.zones.zoneCount(); zone++) {
            if (basis.zones.isManaged(zone) && !basis.isHighmem(zone)) {
                pages += dirtyable(zone);
            }
        }
        return pages;
    }

    private long dirtyable(int zone) {
        long free = basis.zones.exactFree(zone);
        if (basis.rules.dirtyExcludesReserve()) {
            free -= Math.min(free, reserve(zone));
        }
        return free + filePages(zone);
    }

    /** {@code zone->totalreserve_pages}. */
    private long reserve(int zone) {
        long most = 0;
        for (int above = zone; above < basis.zones.zoneCount(); above++) {
            most = Math.max(most, basis.zones.reserve(zone, above));
        }
        long high = basis.zones.mark(zone, Mark.HIGH) - basis.zones.boost(zone);
        return Math.min(most + high, basis.zones.managed(zone));
    }

    private long filePages(int zone) {
        LruLists lru = basis.lru;
        long pages = lru.countOfZone(zone, LruLists.INACTIVE_FILE) + lru.countOfZone(zone, LruLists.ACTIVE_FILE);
        if (basis.rules.lists() == ReclaimRules.Lists.TWO_BY_ZONE) {
            // both kinds are on the same lists, and both count
            pages = lru.countOfZone(zone, LruLists.INACTIVE_ANON) + lru.countOfZone(zone, LruLists.ACTIVE_ANON);
        }
        return pages;
    }

    long backgroundThreshold() {
        long ratio = basis.settings.get(Settings.DIRTY_BACKGROUND_RATIO);
        long limit = basis.settings.get(Settings.DIRTY_RATIO);
        // a background limit that is not below the other counts as half of it
        long used = ratio >= limit ? limit / 2 : ratio;
        return dirtyable() * used / HUNDRED;
    }

    long limit() {
        return dirtyable() * basis.settings.get(Settings.DIRTY_RATIO) / HUNDRED;
    }

    /** {@code zone_dirty_ok()}, {@code node_dirty_ok()}: a zone, or the node, keeps within its share of the limit. */
    boolean ok(int zone) {
        return switch (basis.rules.dirtyByZone()) {
            case NONE -> true;
            case ZONE -> count(zone) + disk.inFlight(zone) <= share(dirtyable(zone));
            case NODE -> count() + disk.inFlight() <= share(allDirtyable());
        };
    }

    private long allDirtyable() {
        long pages = 0;
        for (int zone = 0; zone < basis.zones.zoneCount(); zone++) {
            pages += basis.zones.isManaged(zone) ? dirtyable(zone) : 0;
        }
        return pages;
    }

    private long share(long dirtyable) {
        return dirtyable * basis.settings.get(Settings.DIRTY_RATIO) / HUNDRED;
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(byZone);
    }

    @Override
    public void restore(StateReader in) {
        System.arraycopy(in.getLongs(), 0, byZone, 0, byZone.length);
    }
}
