package org.kmemscope.buddy;

import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.MigrateTypes;

/**
 * What differs between the buddy allocators of the kernel's eras.
 *
 * @param tailWhenMergeLikely a freed block goes to the tail of its list if the buddy of the block it could next be part of is
 *     free. Since 2.6.35 ("page allocator: reduce fragmentation in buddy allocator"); before, always to the head.
 * @param typeBarrier blocks of a pageblock's size and more only merge if their types are equal or both ordinary. Since 4.x, for
 *     isolation, CMA and HIGHATOMIC.
 * @param movesToTail blocks that change their type go to the tail of the new list. Since 4.16; before, to the head.
 * @param unmovable number of MIGRATE_UNMOVABLE
 * @param movable number of MIGRATE_MOVABLE
 * @param reclaimable number of MIGRATE_RECLAIMABLE
 * @param fallbacks by wanted type, the types to try in order; -1 where there is no further
 * @param reserve number of MIGRATE_RESERVE, taken from when every fallback failed; -1 where the kernel has none
 * @param cma number of MIGRATE_CMA, -1 where the kernel has none
 * @param cmaInFallback CMA is a fallback of movable requests like any other (3.5 to 3.15) and not a step of its own
 * @param highatomic number of MIGRATE_HIGHATOMIC, -1 where the kernel has none
 * @param mergeable highest number of an ordinary type
 * @param claims which blocks a fallback may take over
 */
record BuddyRules(
        boolean tailWhenMergeLikely,
        boolean typeBarrier,
        boolean movesToTail,
        int unmovable,
        int movable,
        int reclaimable,
        int[][] fallbacks,
        int reserve,
        int cma,
        boolean cmaInFallback,
        int highatomic,
        int mergeable,
        Claims claims) {

    /** How a fallback takes over pageblocks. */
    enum Claims {
        /** 2.6 and 3.x: the block that serves the request is taken at once, the pageblock's other free blocks follow it. */
        WITH_REQUEST,
        /** 4.x and later: free blocks change their type first, then the request is tried again; the watermarks are boosted. */
        BEFORE_RETRY
    }

    /** The rules of a kernel. */
    static BuddyRules of(KernelVersion version, MigrateTypes types) {
        int unmovable = types.indexOf(MigrateType.UNMOVABLE);
        int movable = types.indexOf(MigrateType.MOVABLE);
        int reclaimable = types.indexOf(MigrateType.RECLAIMABLE);
        int cma = types.indexOf(MigrateType.CMA);
        boolean modern = version.isAtLeast(4, 16);
        boolean cmaInFallback = !modern && cma >= 0;
        int[][] fallbacks = new int[types.count()][0];
        fallbacks[unmovable] = new int[] {reclaimable, movable};
        fallbacks[reclaimable] = new int[] {unmovable, movable};
        fallbacks[movable] =
                cmaInFallback ? new int[] {cma, reclaimable, unmovable} : new int[] {reclaimable, unmovable};
        return new BuddyRules(
                version.isAtLeast(2, 6, 35),
                modern,
                modern,
                unmovable,
                movable,
                reclaimable,
                fallbacks,
                types.indexOf(MigrateType.RESERVE),
                cma,
                cmaInFallback,
                types.indexOf(MigrateType.HIGHATOMIC),
                Math.max(unmovable, Math.max(movable, reclaimable)),
                modern ? Claims.BEFORE_RETRY : Claims.WITH_REQUEST);
    }
}
