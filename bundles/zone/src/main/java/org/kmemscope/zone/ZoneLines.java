package org.kmemscope.zone;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.api.phys.PageFrames;

/** What a report tells of each zone: its line, what it keeps from higher requests, its free blocks. */
final class ZoneLines {
    static final int KB_PER_PAGE = 4;

    private final ZonedPageAllocator allocator;
    private final ReportStyle style;
    private final PageFrames frames;

    ZoneLines(ZonedPageAllocator allocator, ReportStyle style) {
        this.allocator = allocator;
        this.style = style;
        frames = allocator.frames;
    }

    static long kb(long pages) {
        return pages * KB_PER_PAGE;
    }

    static String yes(long value) {
        return value != 0 ? "yes" : "no";
    }

    /** Pages on the lists of all CPUs. */
    static long onPerCpuLists(Zone zone) {
        long pages = 0;
        for (int cpu = 0; cpu < zone.freeDiff.length; cpu++) {
            pages += zone.perCpu.count(cpu);
        }
        return pages;
    }

    List<String> zone(Zone zone) {
        FrameCensus census = FrameCensus.of(frames, zone.startPfn, zone.endPfn);
        Map<String, Long> numbers = allocator.reclaimer.numbers(zone.index);
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s free:%dkB%s min:%dkB low:%dkB high:%dkB",
                zone.type.label(),
                kb(zone.free),
                style.zoneLine() == ReportStyle.ZoneLine.SHORT ? " boost:" + kb(zone.boost) + "kB" : "",
                kb(zone.min + zone.boost),
                kb(zone.low + zone.boost),
                kb(zone.high + zone.boost)));
        switch (style.zoneLine()) {
            case TWO_LISTS ->
                text.append(String.format(
                        Locale.ROOT,
                        " active:%dkB inactive:%dkB present:%dkB",
                        kb(census.activeAnon + census.activeFile),
                        kb(census.inactiveAnon + census.inactiveFile),
                        kb(zone.present)));
            case FOUR_LISTS -> {
                fourLists(text, census);
                field(text, "present", zone.present);
            }
            case EVERYTHING -> everything(text, zone, census);
            case SHORT -> shortLine(text, zone, census);
            default -> throw new IllegalStateException("no such layout: " + style.zoneLine());
        }
        if (style.zoneLine() != ReportStyle.ZoneLine.SHORT) {
            text.append(String.format(
                    Locale.ROOT,
                    " pages_scanned:%d all_unreclaimable? %s",
                    numbers.getOrDefault("pages_scanned", 0L),
                    yes(numbers.getOrDefault("all_unreclaimable", 0L))));
        }
        StringBuilder reserve = new StringBuilder("lowmem_reserve[]:");
        for (long pages : zone.reserve) {
            reserve.append(' ').append(pages);
        }
        return List.of(text.toString(), reserve.toString());
    }

    private static void field(StringBuilder text, String name, long pages) {
        text.append(' ').append(name).append(':').append(kb(pages)).append("kB");
    }

    private static void fourLists(StringBuilder text, FrameCensus census) {
        field(text, "active_anon", census.activeAnon);
        field(text, "inactive_anon", census.inactiveAnon);
        field(text, "active_file", census.activeFile);
        field(text, "inactive_file", census.inactiveFile);
        field(text, "unevictable", census.unevictable);
    }

    private void everything(StringBuilder text, Zone zone, FrameCensus census) {
        fourLists(text, census);
        text.append(" isolated(anon):0kB isolated(file):0kB");
        field(text, "present", zone.present);
        if (style.managed()) {
            field(text, "managed", zone.managed);
        }
        field(text, "mlocked", census.mlocked);
        field(text, "dirty", census.dirty);
        field(text, "writeback", census.writeback);
        field(text, "mapped", census.mapped);
        text.append(" shmem:0kB");
        field(text, "slab_reclaimable", census.slabReclaimable);
        field(text, "slab_unreclaimable", census.slabUnreclaimable);
        text.append(" kernel_stack:0kB");
        field(text, "pagetables", census.tables);
        text.append(" unstable:0kB bounce:0kB");
        if (style.cma()) {
            field(text, "free_cma", zone.cmaFree);
        }
        text.append(" writeback_tmp:0kB");
    }

    private void shortLine(StringBuilder text, Zone zone, FrameCensus census) {
        text.append(" reserved_highatomic:").append(kb(zone.highatomic)).append("KB");
        fourLists(text, census);
        field(text, "writepending", census.dirty + census.writeback);
        field(text, "present", zone.present);
        field(text, "managed", zone.managed);
        field(text, "mlocked", census.mlocked);
        text.append(" bounce:0kB");
        field(text, "free_pcp", onPerCpuLists(zone));
        field(text, "local_pcp", zone.perCpu.count(allocator.context.cpu()));
        field(text, "free_cma", zone.cmaFree);
    }

    String freeBlocks(Zone zone) {
        StringBuilder text = new StringBuilder(zone.type.label()).append(':');
        long free = 0;
        for (int order = 0; order < allocator.rules.maxOrder(); order++) {
            long blocks = zone.areas.count(order);
            free += blocks << order;
            text.append(' ')
                    .append(blocks)
                    .append('*')
                    .append(KB_PER_PAGE << order)
                    .append("kB");
            if (style.blockLetters() && blocks > 0) {
                text.append(" (").append(letters(zone, order)).append(')');
            }
        }
        return text.append(" = ").append(kb(free)).append("kB").toString();
    }

    /** {@code show_migration_types()}: in the order of their numbers. */
    private String letters(Zone zone, int order) {
        MigrateTypes types = allocator.ground.gfp().migrateTypes();
        StringBuilder letters = new StringBuilder();
        for (int type = 0; type < types.count(); type++) {
            if (zone.areas.count(order, type) > 0) {
                letters.append(letter(types.type(type)));
            }
        }
        return letters.toString();
    }

    private static char letter(MigrateType type) {
        return switch (type) {
            case UNMOVABLE -> 'U';
            case RECLAIMABLE -> 'E';
            case MOVABLE -> 'M';
            case RESERVE -> 'R';
            case HIGHATOMIC -> 'H';
            case CMA -> 'C';
            case ISOLATE -> 'I';
        };
    }
}
