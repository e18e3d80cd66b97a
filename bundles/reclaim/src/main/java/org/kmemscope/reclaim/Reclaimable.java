package org.kmemscope.reclaim;

import org.kmemscope.api.reclaim.Swap;

/** {@code zone_reclaimable_pages()}: pages of files, and anonymous ones while there is room in swap. */
final class Reclaimable {
    private final Basis basis;
    private final Swap swap;

    Reclaimable(Basis basis, Swap swap) {
        this.basis = basis;
        this.swap = swap;
    }

    long of(int zone) {
        LruLists lru = basis.lru;
        long anon = lru.countOfZone(zone, LruLists.INACTIVE_ANON) + lru.countOfZone(zone, LruLists.ACTIVE_ANON);
        long file = lru.countOfZone(zone, LruLists.INACTIVE_FILE) + lru.countOfZone(zone, LruLists.ACTIVE_FILE);
        boolean mixed = basis.rules.lists() == ReclaimRules.Lists.TWO_BY_ZONE;
        return file + (mixed || swap.free() > 0 ? anon : 0);
    }

    /** Of the whole node. */
    long all() {
        long pages = 0;
        for (int zone = 0; zone < basis.zones.zoneCount(); zone++) {
            pages += of(zone);
        }
        return pages;
    }
}
