package org.kmemscope.zone;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.kmemscope.api.page.Reclaimer;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.view.ZoneView;

/**
 * The "Mem-Info" block ({@code show_mem()}, {@code show_free_areas()}) in the layout of the machine's kernel.
 *
 * <pre>
 *   Mem-Info:                                        title
 *   Normal per-cpu:                                  per-CPU lists, before 4.2
 *   active_anon:531 inactive_anon:97 ...             sums, in pages
 *   Node 0 active_anon:2124kB ...                    the node, from 4.8 on
 *   DMA free:4104kB min:760kB ...                    zones, and what each keeps from higher requests
 *   DMA: 0*4kB 1*8kB ... = 4104kB                    free blocks
 *   605 total pagecache pages ...                    page cache, swap, RAM
 * </pre>
 *
 * <p>Free pages of sums and zones are what the counters say, without what each CPU has not added yet; the lists of free blocks are exact.
 * Checked line by line against reports of captured kernels.
 */
final class MemInfo {
    private final ZonedPageAllocator allocator;
    private final ReportStyle style;
    private final PageFrames frames;
    private final List<String> lines = new ArrayList<>();
    private final Map<String, Long> node;
    private final FrameCensus sums = new FrameCensus();

    MemInfo(ZonedPageAllocator allocator, ReportStyle style) {
        this.allocator = allocator;
        this.style = style;
        frames = allocator.frames;
        node = allocator.reclaimer.numbers(Reclaimer.NODE);
    }

    /** The lines of the block; zones above the highest that the request may use are left out where the kernel does so. */
    List<String> lines(int highestZone) {
        for (Zone zone : allocator.zones) {
            sums.add(frames, zone.startPfn, zone.endPfn);
        }
        List<Zone> told = new ArrayList<>();
        for (Zone zone : allocator.zones) {
            if (zone.populated() && !(style.limitedToRequest() && zone.index > highestZone)) {
                told.add(zone);
            }
        }
        line(style.title());
        told.forEach(this::perCpu);
        totals();
        ZoneLines zoneLines = new ZoneLines(allocator, style);
        told.forEach(zone -> lines.addAll(zoneLines.zone(zone)));
        told.forEach(zone -> lines.add(zoneLines.freeBlocks(zone)));
        if (style.hugePages()) {
            line(
                    "Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=%dkB",
                    ZoneLines.KB_PER_PAGE << Math.min(frames.pageblockOrder(), allocator.rules.maxOrder() - 1));
        }
        if (style.pagecacheLine()) {
            line("%d total pagecache pages", sums.filePages);
        }
        swap();
        ram();
        return lines;
    }

    private void line(String format, Object... values) {
        lines.add(String.format(Locale.ROOT, format, values));
    }

    private long node(String name) {
        return node.getOrDefault(name, 0L);
    }

    // ---- per-CPU lists

    private void perCpu(Zone zone) {
        if (style.perCpu() == ReportStyle.PerCpu.NONE) {
            return;
        }
        line("%s per-cpu:", zone.type.label());
        for (int cpu = 0; cpu < zone.freeDiff.length; cpu++) {
            List<ZoneView.PerCpuList> lists = zone.perCpu.view(cpu).lists();
            ZoneView.PerCpuList hot = lists.get(0);
            if (style.perCpu() == ReportStyle.PerCpu.HOT_COLD) {
                ZoneView.PerCpuList cold = lists.get(lists.size() - 1);
                line(
                        "CPU %4d: Hot: hi:%5d, btch:%4d usd:%4d   Cold: hi:%5d, btch:%4d usd:%4d",
                        cpu, hot.high(), hot.batch(), hot.count(), cold.high(), cold.batch(), cold.count());
            } else {
                line("CPU %4d: hi:%5d, btch:%4d usd:%4d", cpu, hot.high(), hot.batch(), hot.count());
            }
        }
    }

    // ---- sums

    private void totals() {
        long free = 0;
        for (Zone zone : allocator.zones) {
            free += zone.free;
        }
        switch (style.totals()) {
            case TWO_LISTS -> {
                line(
                        "Active:%d inactive:%d dirty:%d writeback:%d unstable:0",
                        sums.activeAnon + sums.activeFile,
                        sums.inactiveAnon + sums.inactiveFile,
                        sums.dirty,
                        sums.writeback);
                oldRest(free);
            }
            case FOUR_LISTS -> {
                line(
                        "Active_anon:%d active_file:%d inactive_anon:%d",
                        sums.activeAnon, sums.activeFile, sums.inactiveAnon);
                line(
                        " inactive_file:%d unevictable:%d dirty:%d writeback:%d unstable:0",
                        sums.inactiveFile, sums.unevictable, sums.dirty, sums.writeback);
                oldRest(free);
            }
            case ISOLATED -> {
                lists();
                line(" unevictable:%d dirty:%d writeback:%d unstable:0", sums.unevictable, sums.dirty, sums.writeback);
                line(
                        " free:%d slab_reclaimable:%d slab_unreclaimable:%d",
                        free, sums.slabReclaimable, sums.slabUnreclaimable);
                line(" mapped:%d shmem:0 pagetables:%d bounce:0", sums.mapped, sums.tables);
                if (style.cma()) {
                    line(" free_cma:%d", freeCma());
                }
            }
            case NODE -> {
                lists();
                line(" unevictable:%d dirty:%d writeback:%d", sums.unevictable, sums.dirty, sums.writeback);
                line(" slab_reclaimable:%d slab_unreclaimable:%d", sums.slabReclaimable, sums.slabUnreclaimable);
                line(" mapped:%d shmem:0 pagetables:%d", sums.mapped, sums.tables);
                line(" sec_pagetables:0 bounce:0");
                line(" kernel_misc_reclaimable:0");
                line(" free:%d free_pcp:%d free_cma:%d", free, onPerCpuLists(), freeCma());
                nodeLine();
            }
            default -> throw new IllegalStateException("no such layout: " + style.totals());
        }
    }

    private void oldRest(long free) {
        line(
                " free:%d slab:%d mapped:%d pagetables:%d bounce:0",
                free, sums.slabReclaimable + sums.slabUnreclaimable, sums.mapped, sums.tables);
    }

    private void lists() {
        line("active_anon:%d inactive_anon:%d isolated_anon:0", sums.activeAnon, sums.inactiveAnon);
        line(" active_file:%d inactive_file:%d isolated_file:0", sums.activeFile, sums.inactiveFile);
    }

    private void nodeLine() {
        String hugeColumns = style.hugeColumns() ? " shmem_thp: 0kB shmem_pmdmapped: 0kB anon_thp: 0kB" : "";
        line(
                "Node 0 active_anon:%dkB inactive_anon:%dkB active_file:%dkB inactive_file:%dkB unevictable:%dkB"
                        + " isolated(anon):0kB isolated(file):0kB mapped:%dkB dirty:%dkB writeback:%dkB shmem:0kB%s"
                        + " writeback_tmp:0kB kernel_stack:0kB pagetables:%dkB sec_pagetables:0kB all_unreclaimable? %s",
                ZoneLines.kb(sums.activeAnon),
                ZoneLines.kb(sums.inactiveAnon),
                ZoneLines.kb(sums.activeFile),
                ZoneLines.kb(sums.inactiveFile),
                ZoneLines.kb(sums.unevictable),
                ZoneLines.kb(sums.mapped),
                ZoneLines.kb(sums.dirty),
                ZoneLines.kb(sums.writeback),
                hugeColumns,
                ZoneLines.kb(sums.tables),
                ZoneLines.yes(node("all_unreclaimable")));
    }

    private long freeCma() {
        long free = 0;
        for (Zone zone : allocator.zones) {
            free += zone.cmaFree;
        }
        return free;
    }

    private long onPerCpuLists() {
        long pages = 0;
        for (Zone zone : allocator.zones) {
            pages += ZoneLines.onPerCpuLists(zone);
        }
        return pages;
    }

    // ---- swap and RAM

    private void swap() {
        String changes = String.format(
                Locale.ROOT,
                "add %d, delete %d, find %d/%d",
                node("swap_cache_add"),
                node("swap_cache_delete"),
                node("swap_cache_find_success"),
                node("swap_cache_find"));
        switch (style.swapCache()) {
            case STATS_WITH_RACE -> line("Swap cache: %s, race 0+0", changes);
            case PAGES_AND_STATS -> {
                line("%d pages in swap cache", sums.swapCache);
                line("Swap cache stats: %s", changes);
            }
            case PAGES -> line("%d pages in swap cache", sums.swapCache);
            default -> throw new IllegalStateException("no such layout: " + style.swapCache());
        }
        line("Free swap  = %dkB", ZoneLines.kb(node("swap_free")));
        line("Total swap = %dkB", ZoneLines.kb(node("swap_total")));
    }

    private void ram() {
        // the old kernels look at every struct page of the node, holes too
        FrameCensus node0 = FrameCensus.of(frames, allocator.zones[0].startPfn, frames.endPfn());
        long all = frames.endPfn() - firstOfNode();
        long present = 0;
        long managed = 0;
        long highmem = 0;
        long highSpanned = 0;
        long cma = 0;
        for (Zone zone : allocator.zones) {
            present += zone.present;
            managed += zone.managed;
            highmem += zone.highmem ? zone.present : 0;
            highSpanned += zone.highmem ? zone.spanned : 0;
            cma += zone.cma;
        }
        switch (style.ram()) {
            case I386_OLD -> {
                line("Free swap:       %6dkB", ZoneLines.kb(node("swap_free")));
                line("%d pages of RAM", all);
                line("%d pages of HIGHMEM", highSpanned);
                line("%d reserved pages", node0.reserved);
                line("%d pages shared", node0.shared);
                line("%d pages swap cached", node0.swapCache);
                line("%d pages dirty", node0.dirty);
                line("%d pages writeback", node0.writeback);
                line("%d pages mapped", node0.mapped);
                line("%d pages slab", node0.slabReclaimable + node0.slabUnreclaimable);
                line("%d pages pagetables", node0.tables);
            }
            case SHARED -> {
                line("%d pages RAM", all);
                if (style.highmem()) {
                    line("%d pages HighMem", highSpanned);
                }
                line("%d pages reserved", node0.reserved);
                line("%d pages shared", node0.shared);
                line("%d pages non-shared", node0.nonShared);
            }
            case ARM_OLD -> {
                line("%d pages of RAM", all);
                line("%d free pages", node0.unused);
                line("%d reserved pages", node0.reserved);
                line("%d slab pages", node0.slabReclaimable + node0.slabUnreclaimable);
                line("%d pages shared", node0.shared);
                line("%d pages swap cached", node0.swapCache);
            }
            case MODERN -> {
                line("%d pages RAM", present);
                line("%d pages HighMem/MovableOnly", highmem);
                line("%d pages reserved", present - managed);
                if (allocator.rules.cmaType() >= 0) {
                    line("%d pages cma reserved", cma);
                }
                if (style.memoryFailure()) {
                    line("0 pages hwpoisoned");
                }
            }
            default -> throw new IllegalStateException("no such layout: " + style.ram());
        }
    }

    private int firstOfNode() {
        for (Zone zone : allocator.zones) {
            if (zone.populated()) {
                return zone.startPfn;
            }
        }
        return frames.firstPfn();
    }
}
