package org.kmemscope.reclaim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.page.PageAllocator.Tunable;
import org.kmemscope.api.page.ZoneControl.Mark;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.reclaim.KswapdView;
import org.kmemscope.api.reclaim.OomTasks;
import org.kmemscope.api.reclaim.PageCache;
import org.kmemscope.api.reclaim.PageOwner;
import org.kmemscope.api.reclaim.Reclaim;
import org.kmemscope.api.reclaim.ReclaimHost;
import org.kmemscope.api.reclaim.Shrinker;
import org.kmemscope.api.reclaim.Swap;
import org.kmemscope.api.reclaim.UserTasks;
import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.CounterView;

/** Reclaim as a whole: its parts, wired, and what others see of them. */
final class KernelReclaim implements Reclaim {
    private static final String NAME = "reclaim";
    /** What {@code drop_caches} is told. */
    private static final int DROP_PAGES = 1;

    private static final int DROP_OBJECTS = 2;
    private static final int DROP_QUIETLY = 4;
    private static final String[] LIST_NAMES = {
        "inactive anon", "active anon", "inactive file", "active file", "unevictable"
    };

    private final Basis basis;
    private final Disk disk;
    private final DirtyPages dirty;
    private final Flusher flusher;
    private final SwapArea swap;
    private final NodeState node;
    private final LruPages lruPages;
    private final ListShrinker lists;
    private final ZoneShrinker zoneShrinker;
    private final Shrinkers slabs;
    private final Compaction compaction;
    private final Kcompactd kcompactd;
    private final Kswapd kswapd;
    private final OomKiller oom;
    private final FileCache files;
    private final AnonTasks tasks;
    private final OomAdjust adjust;
    private final Overcommit overcommit;
    private final Reclaimable reclaimable;
    private final int flusherPid;
    private boolean flusherRuns;

    KernelReclaim(ObjectFloor floor, ReclaimHost host) {
        basis = new Basis(floor, host);
        disk = new Disk(basis);
        dirty = new DirtyPages(basis, disk);
        flusher = new Flusher(basis, dirty);
        swap = new SwapArea(basis);
        node = new NodeState(basis);
        reclaimable = new Reclaimable(basis, swap);
        lruPages = new LruPages(basis, dirty, flusher);
        lists = new ListShrinker(basis, new PageShrinker(basis, dirty, disk, swap, node), node, swap);
        zoneShrinker = new ZoneShrinker(basis, lists, swap);
        slabs = new Shrinkers(basis);
        compaction = new Compaction(basis);
        Throttle throttle = new Throttle(basis, node, reclaimable, dirty, disk);
        NodeShrinker nodeShrinker = new NodeShrinker(basis, lists, slabs, swap, node, flusher, throttle, compaction);
        flusherPid = host.newPid();
        kcompactd = new Kcompactd(basis, compaction);
        kswapd = basis.rules.kswapd() == ReclaimRules.KswapdEra.ANY_ZONE
                ? new NodeKswapd(basis, node, nodeShrinker, lists, swap, disk, kcompactd)
                : new ZoneKswapd(basis, node, zoneShrinker, slabs, reclaimable);
        adjust = OomAdjust.of(basis.rules);
        overcommit = new Overcommit(basis, swap);
        oom = new OomKiller(basis, new OomScore(basis, adjust, swap), new OomReport(basis, adjust));
        Inodes inodes = new Inodes(basis);
        files = new FileCache(basis, lruPages, dirty, flusher, disk, inodes, this::runThreads);
        inodes.setFiles(files::all);
        tasks = new AnonTasks(basis, lruPages, swap, adjust, this::enoughMemory, this::runThreads);
        slabs.add(inodes);
        oom.add(tasks);
        DirectReclaim direct = new DirectReclaim(
                basis, zoneShrinker, nodeShrinker, slabs, node, flusher, disk, reclaimable, throttle, compaction);
        basis.pages.setReclaimer(new Shortage(
                basis, kswapd, direct, compaction, oom, reclaimable, dirty, node, zoneShrinker, swap, this::hasHope));
    }

    @Override
    public String name() {
        return NAME;
    }

    // ---- for owners

    @Override
    public int addOwner(PageOwner owner) {
        return basis.owners.add(owner);
    }

    @Override
    public void addShrinker(Shrinker shrinker) {
        slabs.add(shrinker);
    }

    @Override
    public void addTasks(OomTasks more) {
        oom.add(more);
    }

    @Override
    public void lruAdd(int pfn) {
        lruPages.add(pfn);
    }

    @Override
    public void lruAddAnon(int pfn) {
        int active = basis.rules.anonStartsActive() ? PageFlag.ACTIVE.bit() : 0;
        basis.frames.setFlags(
                pfn, basis.frames.flags(pfn) | PageFlag.SWAPBACKED.bit() | PageFlag.UPTODATE.bit() | active);
        lruPages.add(pfn);
    }

    @Override
    public boolean enoughMemory(long pages) {
        return overcommit.allows(pages, oom.committed());
    }

    @Override
    public void countFault(boolean major) {
        basis.counters.add(major ? VmCounters.Event.PGMAJFAULT : VmCounters.Event.PGFAULT, 1);
    }

    @Override
    public List<Integer> oomAdjustRange() {
        return List.of(adjust.least(), adjust.most());
    }

    @Override
    public void checkOomAdjust(int value) {
        adjust.check(value);
    }

    @Override
    public void lruRemove(int pfn) {
        lruPages.give(pfn);
    }

    @Override
    public void markAccessed(int pfn) {
        lruPages.markAccessed(pfn);
    }

    @Override
    public void setDirty(int pfn) {
        lruPages.setDirty(pfn);
    }

    @Override
    public void mlock(int pfn) {
        lruPages.mlock(pfn);
    }

    @Override
    public void munlock(int pfn) {
        lruPages.munlock(pfn);
    }

    @Override
    public Swap swap() {
        return swap;
    }

    @Override
    public PageCache pageCache() {
        return files;
    }

    @Override
    public UserTasks tasks() {
        return tasks;
    }

    // ---- threads

    @Override
    public void runThreads() {
        if (kswapd.canRun()) {
            kswapd.run();
        }
        if (flusher.hasWork() && !flusherRuns) {
            flusherRuns = true;
            try {
                basis.host.runAs(flusherPid, basis.rules.flusherName(), "writeback", flusher::run);
            } finally {
                flusherRuns = false;
            }
        }
        if (kcompactd.canRun()) {
            kcompactd.run();
        }
    }

    /** Whether somebody is left who could free memory. */
    private boolean hasHope() {
        return disk.inFlight() > 0 || flusher.hasWork() || kswapd.canRun() || dirty.count() > 0;
    }

    // ---- tunables

    @Override
    public List<Tunable> tunables() {
        return basis.settings.list();
    }

    @Override
    public void setTunable(String name, String text) {
        int value = basis.settings.parse(name, text);
        switch (name) {
            case Settings.DROP_CACHES -> dropCaches(value);
            case Settings.COMPACT_MEMORY -> compaction.compactAll();
            default -> basis.settings.set(name, value);
        }
    }

    private void dropCaches(int what) {
        // 4 only keeps the kernel quiet about it
        if (basis.rules.announcesDrop() && (what & DROP_QUIETLY) == 0) {
            ExecutionContext context = basis.floor.context();
            basis.floor
                    .log()
                    .printk(
                            KernelLog.INFO,
                            String.format("%s (%d): drop_caches: %d", context.comm(), context.pid(), what));
        }
        if ((what & DROP_PAGES) != 0) {
            files.dropAll();
            basis.counters.add(VmCounters.Event.DROP_PAGECACHE, 1);
        }
        if ((what & DROP_OBJECTS) != 0) {
            slabs.dropAll(kswapd.gfp);
            basis.counters.add(VmCounters.Event.DROP_SLAB, 1);
        }
    }

    // ---- looking

    @Override
    public KswapdView kswapd() {
        List<KswapdView.ZoneState> zones = new ArrayList<>();
        for (int zone = 0; zone < basis.zones.zoneCount(); zone++) {
            if (basis.zones.isManaged(zone)) {
                zones.add(new KswapdView.ZoneState(
                        basis.pages.zoneType(zone).label(),
                        basis.zones.exactFree(zone),
                        basis.zones.mark(zone, Mark.LOW),
                        basis.zones.mark(zone, Mark.HIGH),
                        byNode() ? -1 : node.pagesScanned(zone),
                        byNode() ? node.failures >= NodeKswapd.MOST_FAILURES : node.isUnreclaimable(zone)));
            }
        }
        return new KswapdView(
                kswapd.state.name().toLowerCase(Locale.ROOT),
                kswapd.pid,
                kswapd.order,
                kswapd.isAwake() ? kswapd.highestZone : -1,
                kswapd.isAwake() ? kswapd.priority : ScanControl.DEF_PRIORITY,
                node.failures,
                dirty.count(),
                disk.inFlight(),
                dirty.backgroundThreshold(),
                dirty.limit(),
                zones);
    }

    private boolean byNode() {
        return basis.rules.lists() == ReclaimRules.Lists.FOUR_BY_NODE;
    }

    @Override
    public List<CounterView> counters() {
        List<CounterView> views = basis.counters.views();
        views.add(new CounterView("nr_dirty_threshold", dirty.limit()));
        views.add(new CounterView("nr_dirty_background_threshold", dirty.backgroundThreshold()));
        views.add(new CounterView("swap_total", swap.total()));
        views.add(new CounterView("swap_free", swap.free()));
        views.add(new CounterView("committed", oom.committed()));
        return views;
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        long phys = basis.floor.mmu().lookup(virt);
        long pfn = phys >>> Profile.PAGE_SHIFT;
        if (phys >= 0 && basis.frames.isValid(pfn) && basis.owners.has((int) pfn)) {
            facts.add(new AddressFact("mapping", describePage((int) pfn)));
        }
    }

    private String describePage(int pfn) {
        String list = !basis.lru.contains(pfn) ? "on no LRU list" : LIST_NAMES[basis.lru.listOf(pfn)] + " list";
        return basis.owners.of(pfn).describe(pfn) + ", " + list;
    }

    // ---- state

    private List<Stateful> parts() {
        return List.of(
                basis.settings,
                basis.counters,
                basis.lru,
                disk,
                dirty,
                flusher,
                swap,
                node,
                lists,
                zoneShrinker,
                slabs,
                compaction,
                kcompactd,
                kswapd,
                files,
                tasks);
    }

    @Override
    public void verify(Verification report) {
        basis.lru.verify(report);
        long[] dirtyFound = new long[basis.zones.zoneCount()];
        long writeback = 0;
        for (int pfn = basis.frames.firstPfn(); pfn < basis.frames.endPfn(); pfn++) {
            int flags = basis.frames.flags(pfn);
            writeback += (flags & PageFlag.WRITEBACK.bit()) != 0 ? 1 : 0;
            if (!basis.owners.has(pfn)) {
                continue;
            }
            boolean file = (flags & PageFlag.SWAPBACKED.bit()) == 0;
            if (file && (flags & PageFlag.DIRTY.bit()) != 0) {
                dirtyFound[basis.frames.zone(pfn)]++;
            }
            report.check(
                    basis.lru.contains(pfn),
                    "page 0x%x has an owner (%s), but is on no LRU list",
                    pfn,
                    basis.owners.of(pfn).describe(pfn));
        }
        report.check(
                writeback == disk.inFlight(),
                "%d pages are being written, the disk has %d",
                writeback,
                disk.inFlight());
        for (int zone = 0; zone < dirtyFound.length; zone++) {
            report.check(
                    dirtyFound[zone] == dirty.count(zone),
                    "zone %d counts %d dirty pages, there are %d",
                    zone,
                    dirty.count(zone),
                    dirtyFound[zone]);
        }
    }

    @Override
    public void save(StateWriter out) {
        parts().forEach(part -> part.save(out));
    }

    @Override
    public void restore(StateReader in) {
        parts().forEach(part -> part.restore(in));
    }
}
