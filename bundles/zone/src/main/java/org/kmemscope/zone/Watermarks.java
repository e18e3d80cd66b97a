package org.kmemscope.zone;

import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.api.page.ZoneType;

/**
 * Watermarks, lowmem reserve and list sizes: everything that follows from the sizes of the zones and the tunables.
 *
 * <p>Terms: {@code z} pages of a zone (present before 3.10, managed since), {@code L} their sum over zones that are no high memory,
 * {@code M} = min_free_kbytes / 4 pages, share = M * z / L.
 *
 * <pre>
 *              lowmem zone    high memory                 step to low     step to high
 *   min        share          clamp(z / 1024, 32, 128)
 *   2.6, 3.x                                              share / 4       share / 2
 *   4.6 on                                                d               2d,  d = max(share / 4, z * scale / 10000)
 * </pre>
 *
 * <p>{@code lowmem_reserve[i][j]}: what zone i keeps from requests that could have used zones up to j: the pages of the zones above
 * i up to j, divided by the ratio of i. Source: {@code __setup_per_zone_wmarks}, {@code setup_per_zone_lowmem_reserve}; checked against
 * captures of every era.
 */
final class Watermarks {
    private static final int HIGHMEM_MIN_LEAST = 32;
    private static final int HIGHMEM_MIN_MOST = 128;
    private static final int MIN_FREE_LEAST = 128;
    private static final int KB_PER_PAGE = 4;
    /** Huge pages are off by themselves on machines with less than 512 MiB. */
    private static final long HUGE_PAGES_FROM = 512L << 20 - 12;

    private final Zone[] zones;
    private final ZoneRules rules;
    private final int cpus;

    Watermarks(Zone[] zones, ZoneRules rules, int cpus) {
        this.zones = zones;
        this.rules = rules;
        this.cpus = cpus;
    }

    /** {@code init_per_zone_wmark_min()}: min_free_kbytes from the size of low memory, then all the rest. */
    void initialise(long totalPages, int pageblockOrder) {
        for (Zone zone : zones) {
            // boot computes them once, when there are none yet to be left out of the sum
            zone.high = 0;
        }
        rules.tunables().setMinFreeKbytes(defaultMinFreeKbytes());
        update();
        updateReserve();
        if (rules.raisesForHugePages() && totalPages >= HUGE_PAGES_FROM) {
            raiseForHugePages(pageblockOrder);
        }
    }

    /**
     * {@code set_recommended_min_free_kbytes()}: khugepaged wants room for two pageblocks in each zone, and for each mixture of migrate
     * types in a pageblock, but no more than a twentieth of low memory. Where huge pages are built in but off, the default is computed
     * once more (5.x and later), now from what lies above the watermarks.
     */
    private void raiseForHugePages(int pageblockOrder) {
        if (!rules.hugePagesEnabled()) {
            if (rules.modern()) {
                rules.tunables().setMinFreeKbytes(defaultMinFreeKbytes());
                update();
            }
            return;
        }
        long zonesCounted = 0;
        for (Zone zone : zones) {
            // later kernels leave zones out that an ordinary allocation for user space cannot use
            zonesCounted += zone.populated() && !(rules.modern() && !forUsers(zone)) ? 1 : 0;
        }
        long perZone = 2 + MigrateTypes.PCPTYPES * MigrateTypes.PCPTYPES;
        long recommended = Math.min((zonesCounted * perZone) << pageblockOrder, bufferPages() / 20) * KB_PER_PAGE;
        if (recommended > rules.tunables().minFreeKbytes()) {
            rules.tunables().setMinFreeKbytes(recommended);
        }
        update();
    }

    /** Square root of 16 times low memory, in kB. */
    private long defaultMinFreeKbytes() {
        long most = rules.modern() ? 262144 : 65536;
        long root = (long) Math.sqrt((double) bufferPages() * KB_PER_PAGE * 16);
        return Math.max(MIN_FREE_LEAST, Math.min(root, most));
    }

    /** {@code nr_free_buffer_pages()}: pages of low memory above the high watermarks. */
    private long bufferPages() {
        long pages = 0;
        for (Zone zone : zones) {
            if (forUsers(zone)) {
                pages += Math.max(0, rules.pages(zone) - zone.high);
            }
        }
        return pages;
    }

    /** Whether a request with GFP_USER may have pages of the zone. */
    private static boolean forUsers(Zone zone) {
        return !zone.highmem && zone.type != ZoneType.MOVABLE;
    }

    /** What follows from a tunable is computed again at once. */
    void tunableWritten(String name) {
        switch (name) {
            case "lowmem_reserve_ratio" -> updateReserve();
            case "min_free_kbytes", "watermark_scale_factor" -> update();
            // a fraction for the per-CPU lists; the boost factor counts with the next boost
            default -> {
                for (Zone zone : zones) {
                    zone.perCpu.resize();
                }
            }
        }
    }

    /** {@code setup_per_zone_wmarks()}. */
    void update() {
        long lowmem = 0;
        for (Zone zone : zones) {
            lowmem += zone.highmem ? 0 : rules.pages(zone);
        }
        long pagesMin = rules.tunables().minFreeKbytes() / KB_PER_PAGE;
        for (Zone zone : zones) {
            long z = rules.pages(zone);
            long share = lowmem == 0 ? 0 : pagesMin * z / lowmem;
            zone.min = zone.highmem ? Math.max(HIGHMEM_MIN_LEAST, Math.min(z / 1024, HIGHMEM_MIN_MOST)) : share;
            zone.low = zone.min + rules.lowStep(zone, share);
            zone.high = zone.min + rules.highStep(zone, share);
            zone.boost = 0;
            zone.threshold = rules.statThreshold(zone, cpus);
            zone.perCpu.resize();
        }
    }

    /** {@code setup_per_zone_lowmem_reserve()}. */
    void updateReserve() {
        for (int i = 0; i < zones.length; i++) {
            long ratio = rules.tunables().reserveRatio(i);
            if (!rules.modern()) {
                ratio = Math.max(1, ratio);
            }
            long above = 0;
            for (int j = i + 1; j < zones.length; j++) {
                above += rules.pages(zones[j]);
                boolean none = ratio == 0 || rules.modern() && zones[i].managed == 0;
                zones[i].reserve[j] = none ? 0 : above / ratio;
            }
        }
    }
}
