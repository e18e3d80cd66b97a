package org.kmemscope.reclaim;

import org.kmemscope.api.page.ZoneControl.Mark;

/**
 * Whether a task may map more ({@code __vm_enough_memory}).
 *
 * <ul>
 *   <li>{@code vm.overcommit_memory} 0: what could be made free at once is enough for it: free pages, files, swap; from 5.2 on, all memory
 *       there is.
 *   <li>1: always.
 *   <li>2: what all tasks have mapped stays below swap and {@code overcommit_ratio} hundredths of memory.
 * </ul>
 */
final class Overcommit {
    private static final int ALWAYS = 1;
    private static final int NEVER = 2;
    private static final int HUNDRED = 100;

    private final Basis basis;
    private final SwapArea swap;

    Overcommit(Basis basis, SwapArea swap) {
        this.basis = basis;
        this.swap = swap;
    }

    boolean allows(long pages, long committed) {
        int mode = basis.settings.get(Settings.OVERCOMMIT_MEMORY);
        if (mode == ALWAYS) {
            return true;
        }
        if (mode == NEVER) {
            return committed + pages <= limit();
        }
        if (basis.rules.overcommitsByTotal()) {
            return pages <= basis.pages.totalPages() + swap.total();
        }
        long free = swap.free() + files();
        if (free > pages) {
            return true;
        }
        long unused = basis.pages.freePageCount() - reserve();
        return free + Math.max(0, unused) > pages;
    }

    private long limit() {
        return basis.pages.totalPages() * basis.settings.get(Settings.OVERCOMMIT_RATIO) / HUNDRED + swap.total();
    }

    private long files() {
        long pages = 0;
        for (int zone = 0; zone < basis.zones.zoneCount(); zone++) {
            pages += basis.lru.countOfZone(zone, LruLists.INACTIVE_FILE)
                    + basis.lru.countOfZone(zone, LruLists.ACTIVE_FILE);
        }
        return pages;
    }

    /** {@code totalreserve_pages}. */
    private long reserve() {
        long sum = 0;
        for (int zone = 0; zone < basis.zones.zoneCount(); zone++) {
            long most = 0;
            for (int above = zone; above < basis.zones.zoneCount(); above++) {
                most = Math.max(most, basis.zones.reserve(zone, above));
            }
            long high = basis.zones.mark(zone, Mark.HIGH) - basis.zones.boost(zone);
            sum += Math.min(most + high, basis.zones.managed(zone));
        }
        return sum;
    }
}
