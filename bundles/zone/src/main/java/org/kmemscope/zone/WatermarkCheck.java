package org.kmemscope.zone;

import org.kmemscope.api.page.MigrateTypes;

/** {@code zone_watermark_ok()}: whether a zone may serve a request without going below a watermark. */
interface WatermarkCheck {
    /**
     * Whether the zone may serve it.
     *
     * @param mark the watermark, boost included
     * @param highest index of the highest zone the request allows
     */
    default boolean ok(Zone zone, int order, long mark, int highest, int allocFlags) {
        return ok(zone, order, mark, highest, allocFlags, zone.free);
    }

    /** The same, if so many pages were free. */
    boolean ok(Zone zone, int order, long mark, int highest, int allocFlags, long freePages);

    /** The same for the common case, with what the kernel adds around it. */
    default boolean fast(Zone zone, int order, int highest, int allocFlags) {
        return ok(zone, order, zone.mark(allocFlags), highest, allocFlags);
    }

    /** Free pages that count for such a request. */
    default long usable(Zone zone, int order, int allocFlags) {
        return usable(zone, order, allocFlags, zone.free);
    }

    /** The same, if so many pages were free. */
    long usable(Zone zone, int order, int allocFlags, long freePages);

    /** The mark after the reductions a request is entitled to. */
    long reduced(long mark, int allocFlags);

    /**
     * 2.6 and 3.x: what is free in blocks below the wanted order does not count, and the mark is halved with each order.
     *
     * <p>The lowmem reserve is part of the first comparison only. From 2.6.37 to 3.2 two pages too many are taken off ({@code (1 << order) +
     * 1}). Source: {@code zone_watermark_ok()} of 2.6.24.
     */
    final class Halving implements WatermarkCheck {
        private final int excess;

        /**
         * @param excess pages that are taken off by mistake
         */
        Halving(int excess) {
            this.excess = excess;
        }

        @Override
        public boolean ok(Zone zone, int order, long mark, int highest, int allocFlags, long freePages) {
            long min = reduced(mark, allocFlags);
            long free = usable(zone, order, allocFlags, freePages);
            if (free <= min + zone.reserve[highest]) {
                return false;
            }
            for (int o = 0; o < order; o++) {
                free -= (long) zone.areas.count(o) << o;
                min >>= 1;
                if (free <= min) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public long usable(Zone zone, int order, int allocFlags, long freePages) {
            long free = freePages - (1L << order) + 1 - excess;
            return (allocFlags & AllocFlags.CMA) == 0 ? free - zone.cmaFree : free;
        }

        @Override
        public long reduced(long mark, int allocFlags) {
            long min = mark;
            if ((allocFlags & AllocFlags.MIN_RESERVE) != 0) {
                min -= min / 2;
            }
            if ((allocFlags & AllocFlags.NON_BLOCK) != 0) {
                min -= min / 4;
            }
            return min;
        }
    }

    /**
     * 4.4 and later: one comparison, then a look whether a block that is large enough lies on a list the request may use.
     *
     * <p>Source: {@code __zone_watermark_ok()} and {@code zone_watermark_fast()} of 6.1, checked against vectors.
     */
    final class BlockSearch implements WatermarkCheck {
        private static final int RESERVES = AllocFlags.MIN_RESERVE | AllocFlags.NON_BLOCK | AllocFlags.OOM;
        private final int highatomicType;
        private final int cmaType;
        private final int maxOrder;

        BlockSearch(int highatomicType, int cmaType, int maxOrder) {
            this.highatomicType = highatomicType;
            this.cmaType = cmaType;
            this.maxOrder = maxOrder;
        }

        @Override
        public boolean fast(Zone zone, int order, int highest, int allocFlags) {
            if (ok(zone, order, zone.mark(allocFlags), highest, allocFlags)) {
                return true;
            }
            // an atomic request for a single page need not suffer from a boost, which is there against fragmentation
            return order == 0
                    && zone.boost > 0
                    && (allocFlags & AllocFlags.IGNORE_BOOST) != 0
                    && (allocFlags & AllocFlags.WMARK_MASK) == AllocFlags.WMARK_MIN
                    && ok(zone, 0, zone.min, highest, allocFlags);
        }

        @Override
        public boolean ok(Zone zone, int order, long mark, int highest, int allocFlags, long freePages) {
            if (usable(zone, order, allocFlags, freePages) <= reduced(mark, allocFlags) + zone.reserve[highest]) {
                return false;
            }
            return order == 0 || hasBlock(zone, order, allocFlags);
        }

        private boolean hasBlock(Zone zone, int order, int allocFlags) {
            for (int o = order; o < maxOrder; o++) {
                if (zone.areas.count(o) == 0) {
                    continue;
                }
                for (int type = 0; type < MigrateTypes.PCPTYPES; type++) {
                    if (zone.areas.first(o, type) != PageList.NONE) {
                        return true;
                    }
                }
                if ((allocFlags & AllocFlags.CMA) != 0
                        && cmaType >= 0
                        && zone.areas.first(o, cmaType) != PageList.NONE) {
                    return true;
                }
                if ((allocFlags & (AllocFlags.HIGHATOMIC | AllocFlags.OOM)) != 0
                        && zone.areas.first(o, highatomicType) != PageList.NONE) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public long usable(Zone zone, int order, int allocFlags, long freePages) {
            long free = freePages - ((1L << order) - 1);
            if ((allocFlags & RESERVES) == 0) {
                free -= zone.highatomic;
            }
            if ((allocFlags & AllocFlags.CMA) == 0 && cmaType >= 0) {
                free -= zone.cmaFree;
            }
            return free;
        }

        @Override
        public long reduced(long mark, int allocFlags) {
            long min = mark;
            if ((allocFlags & AllocFlags.MIN_RESERVE) != 0) {
                min -= min / 2;
                if ((allocFlags & AllocFlags.NON_BLOCK) != 0) {
                    min -= min / 4;
                }
            }
            if ((allocFlags & AllocFlags.OOM) != 0) {
                min -= min / 2;
            }
            return min;
        }
    }
}
