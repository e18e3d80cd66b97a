package org.kmemscope.fidelity.family;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.api.view.ZoneView.PerCpuList;
import org.kmemscope.fidelity.Family;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.Experiment;
import org.kmemscope.fidelity.file.ZoneLines;

/**
 * Watermarks, {@code lowmem_reserve[]}, sizes of the per-CPU lists and tunables, of a machine that has just booted and after tunables were
 * written ({@code wm-minfree1024-zoneinfo.txt}: min_free_kbytes is 1024; {@code wm-reserve64-zoneinfo.txt}: every lowmem_reserve_ratio is
 * 64).
 *
 * <p>A watermark is printed with the boost that fragmentation has raised it by; the boost itself is what happened in that kernel, so it is
 * taken off. Kernels that count managed pages compute the reserves before boot gives the last of its memory back; reading lowmem_reserve_ratio
 * computes them again.
 */
public final class WatermarkFamily implements Family {
    private static final String TUNABLES = "proc-sys-vm.txt";
    private static final String RATIO = "lowmem_reserve_ratio";
    private static final String MIN_FREE = "min_free_kbytes";
    private static final Pattern TUNABLE = Pattern.compile("(?:vm\\.)?(\\w+)(?:: | = )(.*)");
    private static final Pattern WRITTEN = Pattern.compile("wm-(minfree|reserve)(\\d+)-zoneinfo\\.txt");
    private static final String RESTORED = "wm-restored-zoneinfo.txt";
    private static final String READ = "oracle-zones";
    private static final Set<String> MARKS = Set.of("min", "low", "high");
    private static final Pattern LIST = Pattern.compile("cpu (\\d+)(?: pcp (\\d+))? (high|batch)");
    private static final Pattern READ_LIST = Pattern.compile("pcp(\\d+)=count:\\d+,high:(\\d+),batch:(\\d+)");

    @Override
    public String name() {
        return "watermarks";
    }

    @Override
    public void compare(Subject subject, Findings findings) {
        Machine machine = subject.booted();
        PageAllocator pages = machine.pages();
        Map<String, String> defaults = new TreeMap<>();
        pages.tunables().forEach(tunable -> defaults.put(tunable.name(), tunable.value()));
        for (String file : subject.capture().files()) {
            if (file.equals("proc-zoneinfo.txt") || file.startsWith("oom-") && file.endsWith("zoneinfo.txt")) {
                new Comparison(pages.zones(), findings).printed(file, lines(subject, file));
            }
        }
        if (tunables(subject, defaults, findings)) {
            // whoever copied the tunables has read this one, which computes the reserves again
            pages.setTunable(RATIO, defaults.get(RATIO));
        }
        for (String file : subject.capture().files()) {
            Matcher written = WRITTEN.matcher(file);
            if (written.matches()) {
                boolean minFree = written.group(1).equals("minfree");
                pages.setTunable(MIN_FREE, minFree ? written.group(2) : defaults.get(MIN_FREE));
                pages.setTunable(
                        RATIO,
                        minFree ? defaults.get(RATIO) : defaults.get(RATIO).replaceAll("\\d+", written.group(2)));
                new Comparison(pages.zones(), findings).printed(file, lines(subject, file));
            } else if (file.equals(RESTORED)) {
                pages.setTunable(MIN_FREE, defaults.get(MIN_FREE));
                pages.setTunable(RATIO, defaults.get(RATIO));
                new Comparison(pages.zones(), findings).printed(file, lines(subject, file));
            } else if (file.startsWith("final-") && file.endsWith("zoneinfo.txt")) {
                new Comparison(pages.zones(), findings).printed(file, lines(subject, file));
            } else if (file.startsWith(READ)) {
                new Comparison(pages.zones(), findings).read(file, lines(subject, file));
            }
        }
    }

    private static List<String> lines(Subject subject, String file) {
        return subject.lines(file).orElse(List.of());
    }

    /** Compares the tunables; whether lowmem_reserve_ratio was among them. */
    private static boolean tunables(Subject subject, Map<String, String> defaults, Findings findings) {
        boolean ratio = false;
        List<String> lines = lines(subject, TUNABLES);
        for (int i = 0; i < lines.size(); i++) {
            Matcher tunable = TUNABLE.matcher(lines.get(i));
            if (tunable.matches() && defaults.containsKey(tunable.group(1))) {
                String captured = tunable.group(2).strip();
                findings.compare(tunable.group(1), captured, defaults.get(tunable.group(1)), TUNABLES + ":" + (i + 1));
                ratio |= tunable.group(1).equals(RATIO);
            }
        }
        return ratio;
    }

    /** The zones of a machine at one moment beside what a file says of them. */
    private static final class Comparison {
        private final Map<String, ZoneView> zones = new TreeMap<>();
        private final List<ZoneView> all;
        private final Findings findings;

        Comparison(List<ZoneView> all, Findings findings) {
            this.all = all;
            this.findings = findings;
            all.forEach(zone -> zones.put(zone.type().label(), zone));
        }

        private void compare(String zone, String key, Object captured, Supplier<Object> modelled, String where) {
            findings.compare(
                    "zone " + zone + ": " + key,
                    captured,
                    zones.containsKey(zone) ? modelled.get() : "no such zone",
                    where);
        }

        /** {@code /proc/zoneinfo}. */
        void printed(String file, List<String> lines) {
            long boost = 0;
            for (ZoneLines.Entry entry : ZoneLines.read(lines)) {
                String where = file + ":" + entry.line();
                String zone = entry.zone();
                Matcher list = LIST.matcher(entry.key());
                if (entry.key().equals("boost")) {
                    boost = Long.parseLong(entry.value());
                } else if (MARKS.contains(entry.key())) {
                    long captured = Long.parseLong(entry.value()) - boost;
                    compare(zone, entry.key(), captured, () -> mark(zones.get(zone), entry.key()), where);
                } else if (entry.key().equals("protection")) {
                    compare(zone, entry.key(), entry.value(), () -> protection(zones.get(zone)), where);
                } else if (entry.key().equals("vm stats threshold")) {
                    long captured = Long.parseLong(entry.value());
                    compare(
                            zone,
                            entry.key(),
                            captured,
                            () -> (long) zones.get(zone).statThreshold(),
                            where);
                } else if (list.matches()) {
                    int set = list.group(2) == null ? 0 : Integer.parseInt(list.group(2));
                    list(zone, entry.key(), Integer.parseInt(list.group(1)), set, entry.value(), where);
                }
            }
        }

        private void list(String zone, String key, int cpu, int set, String value, String where) {
            long captured = Long.parseLong(value);
            compare(
                    zone,
                    key,
                    captured,
                    () -> perCpu(zones.get(zone), cpu, set)
                            .map(some -> key.endsWith("high") ? some.high() : some.batch())
                            .map(Object.class::cast)
                            .orElse("no such list"),
                    where);
        }

        private static Optional<PerCpuList> perCpu(ZoneView zone, int cpu, int set) {
            return zone.pageSets().stream()
                    .filter(some -> some.cpu() == cpu && set < some.lists().size())
                    .map(some -> some.lists().get(set))
                    .findFirst();
        }

        private static long mark(ZoneView zone, String key) {
            return switch (key) {
                case "min" -> zone.min();
                case "low" -> zone.low();
                default -> zone.high();
            };
        }

        private static String protection(ZoneView zone) {
            return zone.protection().toString().replace('[', '(').replace(']', ')');
        }

        /** What a module read: the boost stands beside the watermarks. */
        void read(String file, List<String> lines) {
            for (Experiment line : Experiment.read(lines, "ZONE")) {
                String where = file + ":" + line.line();
                String zone = line.get("name");
                for (String key : List.of("min", "low", "high")) {
                    compare(zone, key, line.number(key), () -> mark(zones.get(zone), key), where);
                }
                if (line.has("promo")) {
                    // as far above high as high is above low
                    compare(
                            zone,
                            "promo",
                            line.number("promo"),
                            () -> 2 * zones.get(zone).high() - zones.get(zone).low(),
                            where);
                }
                String reserve = "(" + line.get("protection").replace(",", ", ") + ")";
                compare(zone, "protection", reserve, () -> protection(zones.get(zone)), where);
                lists(line, zone, where);
            }
            for (Experiment total : Experiment.read(lines, "TOTAL")) {
                findings.compare(
                        "totalreserve", total.number("totalreserve"), totalReserve(), file + ":" + total.line());
            }
        }

        private void lists(Experiment line, String zone, String where) {
            for (String word : line.text().split(" ")) {
                Matcher list = READ_LIST.matcher(word);
                if (list.matches()) {
                    int cpu = Integer.parseInt(list.group(1));
                    list(zone, "cpu " + cpu + " high", cpu, 0, list.group(2), where);
                    list(zone, "cpu " + cpu + " batch", cpu, 0, list.group(3), where);
                }
            }
        }

        /** {@code calculate_totalreserve_pages()}. */
        private long totalReserve() {
            long total = 0;
            for (ZoneView zone : all) {
                long most = zone.protection().stream()
                        .mapToLong(Long::longValue)
                        .max()
                        .orElse(0);
                total += Math.min(zone.managed(), most + zone.high());
            }
            return total;
        }
    }
}
