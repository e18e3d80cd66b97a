package org.kmemscope.reclaim;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.kmemscope.api.page.Compacted;
import org.kmemscope.api.page.Reclaimer;

/** What the page allocator asks when memory is short. */
final class Shortage implements Reclaimer {
    private final Basis basis;
    private final Kswapd kswapd;
    private final DirectReclaim direct;
    private final Compaction compaction;
    private final OomKiller oom;
    private final Reclaimable reclaimable;
    private final DirtyPages dirty;
    private final NodeState node;
    private final ZoneShrinker zoneShrinker;
    private final SwapArea swap;
    private final BooleanSupplier hasHope;

    Shortage(
            Basis basis,
            Kswapd kswapd,
            DirectReclaim direct,
            Compaction compaction,
            OomKiller oom,
            Reclaimable reclaimable,
            DirtyPages dirty,
            NodeState node,
            ZoneShrinker zoneShrinker,
            SwapArea swap,
            BooleanSupplier hasHope) {
        this.basis = basis;
        this.kswapd = kswapd;
        this.direct = direct;
        this.compaction = compaction;
        this.oom = oom;
        this.reclaimable = reclaimable;
        this.dirty = dirty;
        this.node = node;
        this.zoneShrinker = zoneShrinker;
        this.swap = swap;
        this.hasHope = hasHope;
    }

    @Override
    public void wakeKswapd(int zone, int order, int highestZone, int gfp) {
        kswapd.wake(zone, order, highestZone, gfp);
    }

    @Override
    public long reclaim(int gfp, int order, int highestZone) {
        return direct.run(gfp, order, highestZone);
    }

    @Override
    public Compacted compact(int gfp, int order, int highestZone, int priority, int allocFlags) {
        return compaction.run(gfp, order, highestZone, priority, allocFlags);
    }

    @Override
    public void compactionTried(int order, int highestZone, int priority, boolean served) {
        compaction.tried(order, highestZone, priority, served);
    }

    @Override
    public boolean compactionSuitable(int zone, int order, int highestZone, int allocFlags, long available) {
        return basis.rules.compaction()
                && compaction.withoutIndex(zone, order, allocFlags, highestZone, available) != Compaction.Start.SKIPPED;
    }

    @Override
    public long reclaimable(int zone) {
        return reclaimable.of(zone);
    }

    @Override
    public boolean dirtyOk(int zone) {
        return dirty.ok(zone);
    }

    @Override
    public boolean waitForMemory(long ticks) {
        boolean hope = hasHope.getAsBoolean();
        basis.host.sleep(ticks);
        return hope || hasHope.getAsBoolean();
    }

    @Override
    public Kill outOfMemory(int gfp, int order, int highestZone) {
        return oom.run(gfp, order);
    }

    @Override
    public Map<String, Long> numbers(int zone) {
        return zone == NODE ? ofNode() : ofZone(zone);
    }

    private Map<String, Long> ofNode() {
        Map<String, Long> numbers = new LinkedHashMap<>();
        numbers.put("all_unreclaimable", node.failures >= NodeKswapd.MOST_FAILURES ? 1L : 0L);
        numbers.put("swap_total", swap.total());
        numbers.put("swap_free", swap.free());
        numbers.put("swap_cache_add", swap.added());
        numbers.put("swap_cache_delete", swap.deleted());
        numbers.put("swap_cache_find_success", swap.found());
        numbers.put("swap_cache_find", swap.looked());
        return numbers;
    }

    private Map<String, Long> ofZone(int zone) {
        Map<String, Long> numbers = new LinkedHashMap<>();
        if (basis.rules.lists() == ReclaimRules.Lists.FOUR_BY_NODE) {
            numbers.put("node_unreclaimable", node.failures >= NodeKswapd.MOST_FAILURES ? 1L : 0L);
            return numbers;
        }
        numbers.put("pages_scanned", node.pagesScanned(zone));
        numbers.put("all_unreclaimable", node.isUnreclaimable(zone) ? 1L : 0L);
        numbers.put("scan_active", zoneShrinker.savedScan(zone, LruLists.ACTIVE_ANON));
        numbers.put("scan_inactive", zoneShrinker.savedScan(zone, LruLists.INACTIVE_ANON));
        numbers.put("scan_active_file", zoneShrinker.savedScan(zone, LruLists.ACTIVE_FILE));
        numbers.put("scan_inactive_file", zoneShrinker.savedScan(zone, LruLists.INACTIVE_FILE));
        return numbers;
    }
}
