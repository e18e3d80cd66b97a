package org.kmemscope.bitmap;

import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.MigrateTypes;

/**
 * The migrate types of a kernel, and from which others a request may be served.
 *
 * @param count how many there are
 * @param cma number of MIGRATE_CMA, -1 where the kernel has none
 * @param reserve number of MIGRATE_RESERVE, -1 where the kernel has none
 * @param others by wanted type, the types whose frames it may have, best first
 */
record TypeOrder(int count, int cma, int reserve, int[][] others) {
    static TypeOrder of(MigrateTypes types) {
        int unmovable = types.indexOf(MigrateType.UNMOVABLE);
        int movable = types.indexOf(MigrateType.MOVABLE);
        int reclaimable = types.indexOf(MigrateType.RECLAIMABLE);
        int[][] others = new int[types.count()][0];
        others[unmovable] = new int[] {reclaimable, movable};
        others[reclaimable] = new int[] {unmovable, movable};
        others[movable] = new int[] {reclaimable, unmovable};
        return new TypeOrder(types.count(), types.indexOf(MigrateType.CMA), types.indexOf(MigrateType.RESERVE), others);
    }
}
