package org.kmemscope.fidelity.error;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.fidelity.page.FreeBlocks;

/**
 * A report of a kernel on its memory: why it was written, and what follows "Mem-Info:".
 *
 * @param comm who asked for memory
 * @param mask of the request
 * @param order of the request; negative if it was not for pages
 * @param failedPages whether a request for pages failed; else an OOM killer was called, or something larger failed
 * @param lines of the report; the first is why it was written, if a request for pages failed
 * @param blocks free blocks of the zones
 * @param line line of the log, from 1
 */
record MemoryReport(
        String comm, int mask, int order, boolean failedPages, List<String> lines, FreeBlocks blocks, int line) {
    private static final int HEX = 16;
    private static final int PAGE_KIB = 4;
    /** Room for addresses was asked for, and not pages. */
    private static final int NO_ORDER = -1;

    private static final Pattern FAILED =
            Pattern.compile("(\\S+): page allocation failure[.:] order:(\\d+), mode:0x([0-9a-f]+).*");
    private static final Pattern OOM =
            Pattern.compile("(\\S+) invoked oom-killer: gfp_mask=0x([0-9a-f]+).*?, order=(\\d+).*");
    private static final Pattern OTHER = Pattern.compile("(\\S+): (\\D\\S* .*error: .*), mode:0x([0-9a-f]+).*");
    private static final Pattern START = Pattern.compile("Mem-[Ii]nfo:");
    private static final Pattern END =
            Pattern.compile("\\d+ .*pages\\b.*|(?:Free|Total) swap .*|Swap cache.*|Node \\d+ hugepages.*");
    private static final Pattern ZONE = Pattern.compile("(?:Node \\d+ )?(\\w+) free:(\\d+)kB .*");
    private static final Pattern BLOCKS = Pattern.compile("(?:Node \\d+ )?(\\w+): (\\d+\\*4kB .*)= \\d+kB");
    private static final Pattern COUNT = Pattern.compile("(\\d+)\\*\\d+kB");

    /** Keeps an unmodifiable copy. */
    MemoryReport {
        lines = List.copyOf(lines);
    }

    /** Whether a file of a capture is a log of something that failed. */
    static boolean isLog(String file) {
        return file.contains("dmesg") && !file.startsWith("dmesg-boot") && !file.endsWith("-before.txt");
    }

    /** Whether it was about pages that a zone gives; else about room for addresses. */
    boolean forPages() {
        return order >= 0;
    }

    /** As people call it. */
    String title() {
        return (failedPages ? "page allocation failure" : "memory report") + " of " + comm
                + (forPages() ? ", order " + order : "");
    }

    /** The reports of a log whose blocks are told. */
    static List<MemoryReport> read(List<String> log) {
        List<MemoryReport> found = new ArrayList<>();
        Matcher why = null;
        int at = 0;
        for (int i = 0; i < log.size(); i++) {
            String text = Words.text(log.get(i));
            for (Pattern pattern : List.of(FAILED, OOM, OTHER)) {
                Matcher match = pattern.matcher(text);
                if (match.matches()) {
                    why = match;
                    at = i;
                }
            }
            if (START.matcher(text.strip()).matches() && why != null) {
                add(found, log, why, at, i);
                why = null;
            }
        }
        return found;
    }

    private static void add(List<MemoryReport> found, List<String> log, Matcher why, int at, int start) {
        boolean failed = why.pattern() == FAILED;
        boolean oom = why.pattern() == OOM;
        int order = failed ? Integer.parseInt(why.group(2)) : oom ? Integer.parseInt(why.group(3)) : NO_ORDER;
        int mask = Integer.parseUnsignedInt(why.group(oom ? 2 : 3), HEX);
        List<String> lines = new ArrayList<>();
        if (failed) {
            lines.add(log.get(at));
        }
        int end = start;
        Map<String, Long> free = new LinkedHashMap<>();
        Map<String, FreeBlocks.Zone> zones = new LinkedHashMap<>();
        for (int i = start; i < log.size() && (i == start || !isStart(log.get(i))); i++) {
            String text = Words.text(log.get(i)).strip();
            Matcher zone = ZONE.matcher(text);
            if (zone.matches()) {
                free.put(zone.group(1), Long.parseLong(zone.group(2)) / PAGE_KIB);
            }
            Matcher blocks = BLOCKS.matcher(text);
            if (blocks.matches()) {
                zones.put(blocks.group(1), zone(blocks.group(2), free.getOrDefault(blocks.group(1), -1L)));
            }
            end = END.matcher(text).matches() && !zones.isEmpty() ? i : end;
        }
        if (!zones.isEmpty()) {
            lines.addAll(log.subList(start, Math.max(end, start) + 1));
            found.add(new MemoryReport(
                    why.group(1), mask, order, failed, lines, new FreeBlocks("", zones, start + 1), at + 1));
        }
    }

    private static boolean isStart(String line) {
        String text = Words.text(line).strip();
        return START.matcher(text).matches()
                || FAILED.matcher(text).matches()
                || OOM.matcher(text).matches()
                || text.startsWith("Unreclaimable slab info")
                || text.startsWith("Tasks state");
    }

    private static FreeBlocks.Zone zone(String text, long free) {
        List<Integer> blocks = new ArrayList<>();
        Matcher count = COUNT.matcher(text);
        while (count.find()) {
            blocks.add(Integer.parseInt(count.group(1)));
        }
        return new FreeBlocks.Zone(blocks, free, -1);
    }
}
