package org.kmemscope.fidelity.family;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.fidelity.Family;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.Experiment;
import org.kmemscope.fidelity.file.LogLine;
import org.kmemscope.fidelity.file.ZoneLines;

/**
 * Sizes of the zones: where each starts, what it spans, how much of it is there and how much the allocator was given, as {@code zoneinfo},
 * a module, the boot log and {@code meminfo} tell. How much boot keeps is an input (see {@link org.kmemscope.api.ground.BootPages}): without
 * a boot log, what the allocator was given is not modelled.
 */
public final class ZoneFamily implements Family {
    private static final String ZONES = "oracle-zones";
    private static final String MEMINFO = "proc-meminfo.txt";
    private static final String BOOT_LOG = "dmesg-boot.txt";
    private static final String PAGE_TYPES = "proc-pagetypeinfo.txt";
    private static final Set<String> SIZES = Set.of("start_pfn", "spanned", "present", "managed", "cma");
    private static final Pattern TOTAL = Pattern.compile("(MemTotal|HighTotal|LowTotal):\\s+(\\d+) kB");
    private static final Pattern RANGE_HEAD = Pattern.compile("Zone (?:PFN )?ranges:");
    private static final Pattern PFN_RANGE =
            Pattern.compile("\\s+(DMA|Normal|HighMem)\\s+(?:(\\d+) ->\\s+(\\d+)|0x([0-9a-f]+) -> 0x([0-9a-f]+))");
    private static final Pattern BYTE_RANGE =
            Pattern.compile("\\s+(DMA|Normal|HighMem)\\s+\\[mem 0x([0-9a-f]+)-0x([0-9a-f]+)\\]");
    private static final Pattern CMA = Pattern.compile("cma: .*");
    private static final Pattern BLOCKS = Pattern.compile("Node 0, zone\\s+(\\w+)\\s+((?:\\d+\\s+){3,}\\d+)\\s*");
    private static final int KB_PER_PAGE = 4;
    private static final int PAGE_SHIFT = 12;
    private static final int HEX = 16;

    @Override
    public String name() {
        return "zones";
    }

    @Override
    public void compare(Subject subject, Findings findings) {
        Machine machine = subject.booted();
        Sizes sizes = new Sizes(machine, findings);
        for (String file : subject.capture().files()) {
            if (file.endsWith("zoneinfo.txt") && !file.startsWith("wm-")) {
                sizes.printed(file, subject.lines(file).orElse(List.of()));
            } else if (file.startsWith(ZONES)) {
                sizes.read(file, subject.lines(file).orElse(List.of()));
            }
        }
        sizes.totals(subject.lines(MEMINFO).orElse(List.of()));
        sizes.ranges(subject.lines(BOOT_LOG).orElse(List.of()));
        sizes.blocks(subject.lines(PAGE_TYPES).orElse(List.of()));
    }

    /** The zones of a machine beside what files say of them. */
    private static final class Sizes {
        private final Machine machine;
        private final Map<String, ZoneView> zones = new TreeMap<>();
        private final Findings findings;
        private final boolean managedKnown;

        Sizes(Machine machine, Findings findings) {
            this.machine = machine;
            this.findings = findings;
            machine.pages().zones().forEach(zone -> zones.put(zone.type().label(), zone));
            managedKnown = machine.profile().bootPages().known();
        }

        private String size(String zone, String key) {
            return Optional.ofNullable(zones.get(zone))
                    .map(view -> Long.toString(
                            switch (key) {
                                case "start_pfn" -> view.startPfn();
                                case "spanned" -> view.spanned();
                                case "present" -> view.present();
                                case "managed" -> view.managed();
                                // printed by kernels without contiguous areas, too
                                case "cma" -> Math.max(0, view.cma());
                                default -> throw new IllegalArgumentException(key);
                            }))
                    .orElse("no such zone");
        }

        private void size(String zone, String key, String captured, String where) {
            if (key.equals("managed") && !managedKnown) {
                findings.notModelled(1, where + ": managed: no boot log tells how much boot keeps");
            } else {
                findings.compare("zone " + zone + ": " + key, captured, size(zone, key), where);
            }
        }

        /** {@code /proc/zoneinfo}. An empty zone has no first frame, whatever is printed. */
        void printed(String file, List<String> lines) {
            for (ZoneLines.Entry entry : ZoneLines.read(lines)) {
                if (SIZES.contains(entry.key())) {
                    size(entry.zone(), entry.key(), entry.value(), file + ":" + entry.line());
                }
            }
        }

        /** What a module read. */
        void read(String file, List<String> lines) {
            for (Experiment zone : Experiment.read(lines, "ZONE")) {
                String where = file + ":" + zone.line();
                String name = zone.get("name");
                for (String key : SIZES) {
                    if (zone.has(key)) {
                        size(name, key, zone.get(key), where);
                    }
                }
                ZoneView view = zones.get(name);
                findings.compare(
                        "zone " + name + ": index",
                        zone.get("idx"),
                        view == null ? "no such zone" : Integer.toString(view.index()),
                        where);
            }
            for (Experiment total : Experiment.read(lines, "TOTAL")) {
                String where = file + ":" + total.line();
                total("totalram", total.number("totalram"), machine.pages().totalPages(), where);
                total("totalhigh", total.number("totalhigh"), high(), where);
            }
            for (Experiment node : Experiment.read(lines, "NODE")) {
                String where = file + ":" + node.line();
                node("start_pfn", node, firstPfn(), where);
                node("spanned", node, endPfn() - firstPfn(), where);
                node("present", node, sum("present"), where);
            }
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).startsWith("ZONELIST 0:")) {
                    findings.compare("zonelist", lines.get(i), zonelist(), file + ":" + (i + 1));
                }
            }
        }

        private void node(String key, Experiment node, long modelled, String where) {
            findings.compare("node: " + key, node.number(key), modelled, where);
        }

        private long firstPfn() {
            return zones.values().stream()
                    .filter(zone -> zone.spanned() > 0)
                    .mapToLong(ZoneView::startPfn)
                    .min()
                    .orElse(0);
        }

        private long endPfn() {
            return zones.values().stream()
                    .mapToLong(zone -> zone.startPfn() + zone.spanned())
                    .max()
                    .orElse(0);
        }

        private long sum(String key) {
            return zones.keySet().stream()
                    .mapToLong(zone -> Long.parseLong(size(zone, key)))
                    .sum();
        }

        /** The zones in the order in which a request tries them that may use all. */
        private String zonelist() {
            StringBuilder list = new StringBuilder("ZONELIST 0:");
            List<ZoneView> all = machine.pages().zones();
            for (int i = all.size() - 1; i >= 0; i--) {
                ZoneView zone = all.get(i);
                if (zone.populated()) {
                    list.append(' ')
                            .append(zone.type().label())
                            .append("(idx=")
                            .append(i)
                            .append(')');
                }
            }
            return list.toString();
        }

        private long high() {
            boolean movableIsHigh =
                    zones.values().stream().anyMatch(zone -> zone.type() == ZoneType.HIGHMEM && zone.spanned() > 0);
            return zones.values().stream()
                    .filter(zone -> zone.type().isHighmem() || zone.type() == ZoneType.MOVABLE && movableIsHigh)
                    .mapToLong(ZoneView::managed)
                    .sum();
        }

        private void total(String name, long captured, long modelled, String where) {
            if (managedKnown) {
                findings.compare(name, captured, modelled, where);
            } else {
                findings.notModelled(1, where + ": " + name + ": no boot log tells how much boot keeps");
            }
        }

        /** {@code /proc/meminfo}. */
        void totals(List<String> lines) {
            for (int i = 0; i < lines.size(); i++) {
                Matcher total = TOTAL.matcher(lines.get(i));
                if (total.matches()) {
                    long all = machine.pages().totalPages();
                    long pages =
                            switch (total.group(1)) {
                                case "MemTotal" -> all;
                                case "HighTotal" -> high();
                                default -> all - high();
                            };
                    long kb = Long.parseLong(total.group(2));
                    total(total.group(1), kb, pages * KB_PER_PAGE, MEMINFO + ":" + (i + 1));
                }
            }
        }

        /** {@code Zone ranges:} and areas of contiguous memory in the boot log. */
        void ranges(List<String> lines) {
            boolean inRanges = false;
            for (int i = 0; i < lines.size(); i++) {
                String line = LogLine.text(lines.get(i));
                String where = BOOT_LOG + ":" + (i + 1);
                Matcher pfns = PFN_RANGE.matcher(line);
                Matcher bytes = BYTE_RANGE.matcher(line);
                if (RANGE_HEAD.matcher(line).matches()) {
                    inRanges = true;
                } else if (inRanges && pfns.matches()) {
                    boolean hex = pfns.group(2) == null;
                    range(
                            pfns.group(1),
                            Long.parseLong(pfns.group(hex ? 4 : 2), hex ? HEX : 10),
                            Long.parseLong(pfns.group(hex ? 5 : 3), hex ? HEX : 10),
                            where);
                } else if (inRanges && bytes.matches()) {
                    long start = Long.parseLong(bytes.group(2), HEX) >>> PAGE_SHIFT;
                    long end = (Long.parseLong(bytes.group(3), HEX) + 1) >>> PAGE_SHIFT;
                    range(bytes.group(1), start, end, where);
                } else if (!line.startsWith("  ")) {
                    inRanges = false;
                }
                if (CMA.matcher(line).matches() && !line.contains("Failed")) {
                    boolean logged = machine.views().dmesg().stream()
                            .anyMatch(own -> own.text().equals(line));
                    findings.compare("contiguous area", line, logged ? line : "no such line in the log", where);
                }
            }
        }

        /** A range that the log prints bounds ZONE_MOVABLE in, which is cut off it. */
        private void range(String zone, long start, long end, String where) {
            ZoneView view = zones.get(zone);
            boolean known = view != null && view.spanned() > 0;
            long modelledEnd = known ? view.startPfn() + view.spanned() : 0;
            ZoneView movable = zones.get(ZoneType.MOVABLE.label());
            if (movable != null && movable.spanned() > 0 && movable.startPfn() == modelledEnd) {
                modelledEnd += movable.spanned();
            }
            boolean empty = start >= end;
            findings.compare("zone " + zone + ": first frame", empty ? 0 : start, known ? view.startPfn() : 0L, where);
            findings.compare("zone " + zone + ": end", empty ? 0 : end, modelledEnd, where);
        }

        /** Pageblocks of each zone: their sum over the migrate types. */
        void blocks(List<String> lines) {
            boolean blocks = false;
            for (int i = 0; i < lines.size(); i++) {
                Matcher row = BLOCKS.matcher(lines.get(i));
                if (lines.get(i).startsWith("Number of blocks type")) {
                    blocks = true;
                } else if (blocks && row.matches()) {
                    long sum = 0;
                    for (String count : row.group(2).trim().split("\\s+")) {
                        sum += Long.parseLong(count);
                    }
                    ZoneView zone = zones.get(row.group(1));
                    long modelled = zone == null
                            ? 0
                            : zone.pageblocks().values().stream()
                                    .mapToLong(Long::longValue)
                                    .sum();
                    findings.compare(
                            "zone " + row.group(1) + ": pageblocks", sum, modelled, PAGE_TYPES + ":" + (i + 1));
                }
            }
        }
    }
}
