package org.kmemscope.zone;

import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.trace.Tracepoints;

/** The page allocator's rules of one kernel: the only place in this bundle that looks at a version. */
final class ZoneRules {
    private final KernelVersion version;
    private final int movableType;
    private final int cmaType;
    private final int highatomicType;
    private final int reserveType;
    private final int isolateType;
    private final int maxOrder;
    private final boolean smp;
    private final boolean hugePages;
    private final boolean hugePagesEnabled;
    private final boolean countsManaged;
    private final boolean modern;
    private final boolean countsTwoTooMany;
    private final boolean compaction;
    private final ReportStyle reportStyle;
    private final Tunables tunables;

    ZoneRules(Ground ground, int maxOrder) {
        KernelConfig config = ground.profile().kernel().config();
        MigrateTypes types = ground.gfp().migrateTypes();
        version = ground.profile().kernel().version();
        movableType = types.indexOf(MigrateType.MOVABLE);
        cmaType = types.indexOf(MigrateType.CMA);
        highatomicType = types.indexOf(MigrateType.HIGHATOMIC);
        reserveType = types.indexOf(MigrateType.RESERVE);
        isolateType = types.indexOf(MigrateType.ISOLATE);
        this.maxOrder = maxOrder;
        smp = config.is("SMP");
        hugePages = config.is("TRANSPARENT_HUGEPAGE");
        hugePagesEnabled = hugePages
                && !ground.profile()
                        .kernel()
                        .options()
                        .get("transparent_hugepage")
                        .orElse("always")
                        .equals("never");
        // watermarks and reserves are computed from managed pages since 3.10, from present pages before
        countsManaged = version.isAtLeast(3, 10);
        modern = version.isAtLeast(4, 4);
        boolean between = version.isAtLeast(2, 6, 37) && !version.isAtLeast(3, 3);
        // Red Hat carried it back, as the zones of its kernels show when memory is gone
        countsTwoTooMany = between || ground.profile().kernel().release().contains(".el6");
        compaction = config.is("COMPACTION");
        reportStyle = ReportStyle.of(ground.profile());
        tunables = new Tunables(Tunables.Rules.of(version));
    }

    int movableType() {
        return movableType;
    }

    int cmaType() {
        return cmaType;
    }

    int highatomicType() {
        return highatomicType;
    }

    int reserveType() {
        return reserveType;
    }

    /** Whether pageblocks of a type keep it, whatever lies in them. */
    boolean isSpecialType(int type) {
        return type == cmaType || type == highatomicType || type == isolateType;
    }

    int maxOrder() {
        return maxOrder;
    }

    boolean hugePages() {
        return hugePages;
    }

    /** khugepaged raises min_free_kbytes: since 2.6.38, where transparent huge pages are built in. */
    boolean raisesForHugePages() {
        return hugePages;
    }

    boolean hugePagesEnabled() {
        return hugePagesEnabled;
    }

    /** Free memory goes to the tail of its list at boot (5.10 and later). */
    boolean bootFreesToTail() {
        return version.isAtLeast(5, 10);
    }

    /** {@code pageblock_is_reserved()}: a block with a reserved page does not become MIGRATE_RESERVE (3.0). */
    boolean reserveLooksAtAllPages() {
        return version.isAtLeast(3, 0);
    }

    Tunables tunables() {
        return tunables;
    }

    long boostFactor() {
        return tunables.boostFactor();
    }

    /** Pages of a zone that watermarks, reserves and batches are computed from. */
    long pages(Zone zone) {
        return countsManaged ? zone.managed : zone.present;
    }

    boolean countsManaged() {
        return countsManaged;
    }

    /** Since 4.4: watermarks look for a block, high-order atomic requests have pages of their own. */
    boolean modern() {
        return modern;
    }

    /** 3.8 and 3.9 set {@code managed_pages} when the allocator comes up, and do not change it when boot gives memory back. */
    boolean adjustsManaged() {
        return countsManaged || !version.isAtLeast(3, 8);
    }

    Policy policy(GfpTable gfp) {
        return modern
                ? new Policy.Modern(gfp, movableType)
                : new Policy.Classic(gfp, movableType, version.isAtLeast(2, 6, 38));
    }

    SlowPath slowPath(ZonedPageAllocator allocator) {
        return modern
                ? new ModernSlowPath(allocator)
                : new ClassicSlowPath(
                        allocator,
                        new ClassicSlowPath.Rules(
                                version.isAtLeast(2, 6, 26),
                                version.isAtLeast(2, 6, 36),
                                version.isAtLeast(2, 6, 36),
                                compaction,
                                version.isAtLeast(3, 6)));
    }

    ReportStyle reportStyle() {
        return reportStyle;
    }

    /** What the function is called that serves requests. */
    String allocPagesName() {
        if (version.isAtLeast(5, 13)) {
            return "__alloc_pages";
        }
        if (version.isAtLeast(2, 6, 31)) {
            return "__alloc_pages_nodemask";
        }
        return version.isAtLeast(2, 6, 26) ? "__alloc_pages_internal" : "__alloc_pages";
    }

    /** {@code WARN_ON_ONCE()} for NOFAIL with an order above 1. */
    boolean warnsOfNoFail() {
        return version.isAtLeast(2, 6, 31);
    }

    PerCpuLists perCpuLists(Zone zone, PageFrames frames, Tracepoints trace, int cpus) {
        if (version.isAtLeast(5, 14)) {
            return new OrderedLists(zone, frames, trace, this, cpus);
        }
        if (version.isAtLeast(2, 6, 32)) {
            return new TypedLists(zone, frames, trace, this, cpus);
        }
        return new SearchedLists(zone, frames, trace, this, cpus, !version.isAtLeast(2, 6, 25));
    }

    WatermarkCheck watermarkCheck() {
        return modern
                ? new WatermarkCheck.BlockSearch(highatomicType, cmaType, maxOrder)
                : new WatermarkCheck.Halving(countsTwoTooMany ? 2 : 0);
    }

    /**
     * {@code calculate_threshold()}: by how much a CPU's difference of a counter may be off. A uniprocessor kernel keeps none.
     */
    int statThreshold(Zone zone, int cpus) {
        if (!smp) {
            return 0;
        }
        int chunks = (int) (pages(zone) >> 15);
        return Math.min(125, 2 * fls(cpus) * (1 + fls(chunks)));
    }

    /** Distance of the low watermark from the min watermark. */
    long lowStep(Zone zone, long share) {
        return modern ? modernStep(zone, share) : share / 4;
    }

    /** Distance of the high watermark from the min watermark: 2.6 rounds once, later kernels twice. */
    long highStep(Zone zone, long share) {
        return modern ? 2 * modernStep(zone, share) : share / 2;
    }

    private long modernStep(Zone zone, long share) {
        return Math.max(share / 4, pages(zone) * tunables.scaleFactor() / 10000);
    }

    private static int fls(int value) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(value);
    }
}
