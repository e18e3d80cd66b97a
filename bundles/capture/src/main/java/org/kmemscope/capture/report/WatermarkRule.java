package org.kmemscope.capture.report;

import org.kmemscope.api.ground.KernelVersion;

/**
 * Whether a zone of a report could have served a request: the sums that the kernel makes, with the numbers it printed. Terms are those of
 * the kernel: the mark is the min watermark after the reductions a request is entitled to, the reserve is {@code lowmem_reserve[]}.
 */
interface WatermarkRule {
    /** Types that every request may have, by their letters. */
    String ORDINARY = "UMER";

    /** What kernels in between take off too much. */
    int OFF_BY_TWO = 2;

    /** What stands against a request. */
    enum Obstacle {
        /** Nothing. */
        NONE,
        /** Too few free pages above the watermark. */
        WATERMARK,
        /** The zone keeps its pages from requests that could have used a higher one. */
        RESERVE,
        /** Most of what is free is set aside for contiguous memory. */
        CMA,
        /** Enough is free, but in blocks that are too small. */
        FRAGMENTED
    }

    /**
     * A zone's answer.
     *
     * @param free free pages that count
     * @param mark the watermark it is compared with
     * @param reserve what is kept from this request
     * @param obstacle what stands against it
     */
    record Answer(long free, long mark, long reserve, Obstacle obstacle) {
        boolean fits() {
            return obstacle == Obstacle.NONE;
        }

        /** Pages that are missing to pass the first comparison; 0 if it is passed. */
        long shortage() {
            return Math.max(0, mark + reserve + 1 - free);
        }
    }

    /**
     * Asks a zone.
     *
     * @param highest index of the highest zone the request allows
     */
    Answer ask(ReportedZone zone, Request request, int highest);

    /** Whether the report lists free blocks, without which the second question stays open. */
    static boolean hasLists(ReportedZone zone) {
        return !zone.blocks().isEmpty();
    }

    /**
     * The rule of a kernel. From 2.6.37 to 3.2 two pages too many are taken off ({@code (1 << order) + 1}), so that a zone does not give its
     * last large block; Red Hat carried that back to 2.6.32, as reports of its kernels show.
     *
     * @param release release of the kernel, empty if it is not known
     */
    static WatermarkRule of(KernelVersion version, String release) {
        if (version.isAtLeast(4, 4)) {
            return new BlockSearch();
        }
        boolean between = version.isAtLeast(2, 6, 37) && !version.isAtLeast(3, 3);
        return new Halving(between || release.contains(".el6") ? OFF_BY_TWO : 0);
    }

    /** Why the first comparison fails: told by what would let it pass. */
    private static Obstacle shortOf(ReportedZone zone, long free, long mark, long cma) {
        if (free > mark) {
            return Obstacle.RESERVE;
        }
        return free + cma > mark ? Obstacle.CMA : Obstacle.WATERMARK;
    }

    /**
     * Up to 4.3: {@code free - 2^order + 1 > mark + reserve}; then, for each order below the wanted one, its blocks do not count and the
     * mark is halved. Source: {@code zone_watermark_ok()} of 2.6.24, checked against the reports of the captured kernels.
     */
    final class Halving implements WatermarkRule {
        private final int excess;

        /**
         * @param excess pages that are taken off by mistake
         */
        Halving(int excess) {
            this.excess = excess;
        }

        @Override
        public Answer ask(ReportedZone zone, Request request, int highest) {
            long mark = zone.min();
            mark -= request.high() ? mark / 2 : 0;
            mark -= request.nonBlocking() ? mark / 4 : 0;
            long cma = request.movable() ? 0 : zone.freeCma();
            long free = zone.pages("free") - cma - request.pages() + 1 - excess;
            long reserve = zone.reserve(highest);
            if (free <= mark + reserve) {
                return new Answer(free, mark, reserve, shortOf(zone, free, mark, cma));
            }
            return new Answer(free, mark, reserve, inLargeBlocks(zone, request, free, mark));
        }

        private static Obstacle inLargeBlocks(ReportedZone zone, Request request, long firstFree, long firstMark) {
            long free = firstFree;
            long mark = firstMark;
            for (int order = 0; order < Math.min(request.order(), zone.blocks().size()); order++) {
                free -= zone.blocks().get(order) << order;
                mark >>= 1;
                if (free <= mark) {
                    return Obstacle.FRAGMENTED;
                }
            }
            return Obstacle.NONE;
        }
    }

    /**
     * 4.4 and later: {@code free - (2^order - 1)}, less pages reserved for high-order atomic requests and free CMA pages that the request
     * may not have, must exceed mark + reserve; then a block that is large enough must lie on a list it may use. Source: {@code
     * __zone_watermark_ok()} of 6.1.
     */
    final class BlockSearch implements WatermarkRule {
        @Override
        public Answer ask(ReportedZone zone, Request request, int highest) {
            long mark = zone.min();
            if (request.high()) {
                mark -= mark / 2;
                mark -= request.nonBlocking() ? mark / 4 : 0;
            }
            boolean reserves = request.high() || request.nonBlocking();
            long cma = request.movable() ? 0 : zone.freeCma();
            long free = zone.pages("free") - (request.pages() - 1) - cma;
            free -= reserves ? 0 : zone.pages("reserved_highatomic");
            long reserve = zone.reserve(highest);
            if (free <= mark + reserve) {
                return new Answer(free, mark, reserve, shortOf(zone, free, mark, cma));
            }
            boolean found =
                    request.order() == 0 || !hasLists(zone) || zone.largest(allowed(request)) >= request.order();
            return new Answer(free, mark, reserve, found ? Obstacle.NONE : Obstacle.FRAGMENTED);
        }

        private static String allowed(Request request) {
            boolean highatomic = request.order() > 0 && request.high() && request.nonBlocking();
            return ORDINARY + (request.movable() ? "C" : "") + (highatomic ? "H" : "");
        }
    }
}
