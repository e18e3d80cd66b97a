package org.kmemscope.capture.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.view.ZoneView.PageSet;
import org.kmemscope.api.view.ZoneView.PerCpuList;
import org.kmemscope.capture.file.TextFile;
import org.kmemscope.capture.view.ZoneList;

/**
 * Reads the first report of a log. A report is its header and, after a call trace, the "Mem-Info" block:
 *
 * <pre>
 *   Normal per-cpu:                                                  before 4.2
 *   CPU    0: hi:  186, btch:  31 usd:  48
 *   active_anon:531 inactive_anon:97 isolated_anon:0                 pages, several lines
 *   Node 0 DMA free:4104kB boost:0kB min:760kB low:948kB ...         "Node 0" on kernels that can have several nodes
 *   lowmem_reserve[]: 0 838 982 982                                  pages, by the highest zone of the request
 *   Node 0 DMA: 0*4kB 1*8kB (U) 0*16kB ... = 4104kB                  letters from 3.9 on
 *   Total swap = 0kB
 * </pre>
 */
final class ReportParser {
    private static final Pattern RELEASE = Pattern.compile("Linux version (\\S+) .*");
    private static final Pattern TRACE_RELEASE = Pattern.compile(
            "(?:CPU: .*|Pid: .*|Modules linked in.*)(?:Not tainted|Tainted: [A-Z ]*?)(?: |, )+(\\(?\\d+\\.\\d+[^ )]*).*");
    private static final Pattern WIDE =
            Pattern.compile(".*(?:\\[<[0-9a-f]{16}>\\]|\\bRIP: |\\bRAX: |x86_64|amd64|aarch64|arm64).*");
    private static final Pattern ZONE =
            Pattern.compile("\\s*(?:Node (\\d{1,4}) )?(\\w+) free:(\\d+)kB .*\\bmin:\\d+kB .*");
    private static final Pattern FIELD = Pattern.compile("([a-z_]+(?:\\([a-z]+\\))?):\\s?(\\d+)[kK]B");
    private static final Pattern RESERVE = Pattern.compile("\\s*lowmem_reserve\\[\\]:((?:\\s+\\d+)*)\\s*");
    private static final Pattern FREE_LISTS = Pattern.compile(
            "\\s*(?:Node (\\d{1,4}) )?(\\w+):((?: \\d+[*_]\\d+kB(?: \\([A-Z]+\\))?)+)(?: = (\\d+)kB)?\\s*");
    private static final Pattern BLOCKS = Pattern.compile("(\\d+)[*_](\\d+)kB(?: \\(([A-Z]+)\\))?");
    private static final Pattern PER_CPU_TITLE = Pattern.compile("\\s*(?:Node (\\d{1,4}) )?(\\w+) per-cpu:\\s*");
    private static final Pattern PER_CPU =
            Pattern.compile("\\s*CPU\\s+(\\d{1,5}): (?:Hot: )?hi:\\s*(\\d+), btch:\\s*(\\d+) usd:\\s*(\\d+).*");
    private static final Pattern TOTAL = Pattern.compile("([A-Za-z_]+):(\\d+)(?= |$)");
    private static final Pattern TOTAL_SWAP = Pattern.compile("Total swap = (\\d+)kB");
    private static final Pattern HIGH_PAGES = Pattern.compile("(\\d+) pages (?:HighMem(?:/MovableOnly)?|of HIGHMEM)");
    private static final Pattern CGROUP =
            Pattern.compile("(?:Memory cgroup out of memory|Task in .* killed as a result of limit).*");
    private static final int USUAL_PAGE_KB = 4;
    private static final String FORM = "Normal free:7936kB min:3728kB low:4660kB high:5592kB";

    private final TextFile file;
    private final List<LogText.Line> lines;
    private final List<ZoneLines> zones = new ArrayList<>();
    private final Map<String, Long> totals = new LinkedHashMap<>();
    private Optional<String> release = Optional.empty();
    private boolean wide;
    private boolean cgroup;
    private long totalSwap = -1;
    private long highPages;
    private String perCpuZone = "";
    private final Map<String, List<PageSet>> pageSets = new LinkedHashMap<>();

    /** What is collected of a zone. */
    private static final class ZoneLines {
        final int node;
        final ZoneType type;
        final Map<String, Long> kb;
        final boolean unreclaimable;
        List<Long> reserve = List.of();
        List<Long> blocks = new ArrayList<>();
        List<String> letters = new ArrayList<>();
        int pageKb = USUAL_PAGE_KB;

        ZoneLines(int node, ZoneType type, Map<String, Long> kb, boolean unreclaimable) {
            this.node = node;
            this.type = type;
            this.kb = kb;
            this.unreclaimable = unreclaimable;
        }
    }

    private ReportParser(LogText text) {
        file = text.file();
        lines = text.lines();
    }

    /**
     * Reads the first report that tells of zones.
     *
     * @throws IllegalArgumentException with one line, if there is none
     */
    static Report parse(LogText text) {
        return new ReportParser(text).parse();
    }

    private Report parse() {
        List<Integer> starts = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (Header.of(lines.get(i).text()).isPresent()) {
                starts.add(i);
            }
        }
        if (starts.isEmpty()) {
            throw file.wrong(
                    "no report of a failed allocation in it",
                    "one starts with 'init: page allocation failure: order:0, mode:0x20' or 'init invoked oom-killer: gfp_mask=0xd0, order=0'");
        }
        lines.subList(0, starts.get(0)).forEach(line -> release(line.text()));
        for (int i = 0; i < starts.size(); i++) {
            int end = i + 1 < starts.size() ? starts.get(i + 1) : lines.size();
            body(starts.get(i) + 1, end);
            if (!zones.isEmpty()) {
                return report(starts.get(i), starts.size() - i - 1);
            }
        }
        LogText.Line first = lines.get(starts.get(0));
        throw file.wrong(
                first.number() - 1,
                cgroup ? "this report is of a memory cgroup that came to its limit" : "no zones follow this header",
                cgroup
                        ? "only reports of the whole machine tell of zones"
                        : "a report has lines such as '" + FORM + "'");
    }

    private void body(int from, int to) {
        for (LogText.Line line : lines.subList(from, to)) {
            String text = line.text();
            release(text);
            wide |= WIDE.matcher(text).matches();
            cgroup |= CGROUP.matcher(text).matches();
            if (zones.isEmpty()) {
                totals(line);
                perCpu(line);
            }
            zone(line);
            reserve(line);
            freeLists(line);
            Matcher swap = TOTAL_SWAP.matcher(text.strip());
            if (swap.matches()) {
                totalSwap = number(line, swap.group(1));
            }
            Matcher high = HIGH_PAGES.matcher(text.strip());
            if (high.matches()) {
                highPages = number(line, high.group(1));
            }
        }
    }

    private void release(String text) {
        Matcher banner = RELEASE.matcher(text);
        Matcher trace = TRACE_RELEASE.matcher(text);
        if (banner.matches()) {
            release = Optional.of(banner.group(1));
        } else if (trace.matches()) {
            release = Optional.of(trace.group(1).replace("(", ""));
        }
    }

    private long number(LogText.Line line, String digits) {
        return file.decimal(line.number() - 1, digits);
    }

    private void totals(LogText.Line line) {
        if (line.text().strip().matches("(?:Mem-[Ii]nfo: ?)?(?:[A-Za-z_]+:\\d+ ?)+")) {
            Matcher total = TOTAL.matcher(line.text());
            while (total.find()) {
                totals.put(total.group(1).toLowerCase(Locale.ROOT), number(line, total.group(2)));
            }
        }
    }

    private void perCpu(LogText.Line line) {
        Matcher title = PER_CPU_TITLE.matcher(line.text());
        Matcher cpu = PER_CPU.matcher(line.text());
        if (title.matches()) {
            perCpuZone = key(title.group(1), title.group(2));
        } else if (cpu.matches()) {
            PerCpuList list =
                    new PerCpuList(number(line, cpu.group(4)), number(line, cpu.group(2)), number(line, cpu.group(3)));
            pageSets.computeIfAbsent(perCpuZone, some -> new ArrayList<>())
                    .add(new PageSet((int) number(line, cpu.group(1)), List.of(list)));
        }
    }

    private static String key(String node, String zone) {
        return (node == null ? "0" : node) + " " + zone;
    }

    private void zone(LogText.Line line) {
        Matcher zone = ZONE.matcher(line.text());
        if (!zone.matches()) {
            return;
        }
        Optional<ZoneType> type = ZoneList.named(zone.group(2));
        if (type.isEmpty()) {
            return;
        }
        Map<String, Long> kb = new LinkedHashMap<>();
        Matcher field = FIELD.matcher(line.text());
        while (field.find()) {
            kb.put(field.group(1), number(line, field.group(2)));
        }
        for (String name : List.of("free", "min", "low", "high")) {
            if (!kb.containsKey(name)) {
                throw file.wrong(
                        line.number() - 1,
                        "zone " + zone.group(2) + " has no '" + name + "'",
                        "a line looks like '" + FORM + "'");
            }
        }
        int node = zone.group(1) == null ? 0 : Integer.parseInt(zone.group(1));
        boolean again = zones.stream().anyMatch(some -> some.node == node && some.type == type.get());
        if (!again) {
            boolean given = line.text().contains("all_unreclaimable? yes");
            zones.add(new ZoneLines(node, type.get(), kb, given));
        }
    }

    private void reserve(LogText.Line line) {
        Matcher reserve = RESERVE.matcher(line.text());
        if (reserve.matches()
                && !zones.isEmpty()
                && zones.get(zones.size() - 1).reserve.isEmpty()) {
            String digits = reserve.group(1).strip();
            zones.get(zones.size() - 1).reserve = digits.isEmpty()
                    ? List.of()
                    : Arrays.stream(digits.split("\\s+"))
                            .map(text -> number(line, text))
                            .toList();
        }
    }

    private void freeLists(LogText.Line line) {
        Matcher lists = FREE_LISTS.matcher(line.text());
        if (!lists.matches()) {
            return;
        }
        int node = lists.group(1) == null ? 0 : Integer.parseInt(lists.group(1));
        for (ZoneLines zone : zones) {
            if (zone.node == node && zone.type.label().equals(lists.group(2)) && zone.blocks.isEmpty()) {
                Matcher block = BLOCKS.matcher(lists.group(3));
                while (block.find()) {
                    if (zone.blocks.isEmpty()) {
                        zone.pageKb = (int) Math.max(1, Math.min(1024, number(line, block.group(2))));
                    }
                    zone.blocks.add(number(line, block.group(1)));
                    zone.letters.add(block.group(3) == null ? "" : block.group(3));
                }
            }
        }
    }

    private Report report(int start, int others) {
        Header header = Header.of(lines.get(start).text()).orElseThrow();
        Set<ZoneType> printed = new LinkedHashSet<>();
        zones.forEach(zone -> printed.add(zone.type));
        int count = zones.stream().mapToInt(zone -> zone.reserve.size()).max().orElse(0);
        boolean is64 =
                wide || release.filter(name -> WIDE.matcher(name).matches()).isPresent();
        List<ZoneType> types = ZoneList.complete(printed, count, is64);
        int pageKb = zones.get(0).pageKb;
        List<ReportedZone> reported = zones.stream()
                .map(zone -> new ReportedZone(
                        zone.node,
                        zone.type,
                        zone.kb,
                        zone.reserve,
                        List.copyOf(zone.blocks),
                        List.copyOf(zone.letters),
                        pageKb,
                        pageSets.getOrDefault(zone.node + " " + zone.type.label(), List.of()),
                        zone.unreclaimable))
                .toList();
        return new Report(
                lines.get(start).number(),
                header,
                release,
                reported,
                types,
                is64,
                totals,
                highPages,
                totalSwap,
                others);
    }
}
