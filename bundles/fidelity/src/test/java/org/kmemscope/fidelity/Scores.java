package org.kmemscope.fidelity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.kmemscope.api.fidelity.FidelityReport;
import org.kmemscope.api.fidelity.FidelityReport.Score;

/** The figures of {@code docs/fidelity.md}: every capture below a folder, every family. */
final class Scores {
    /** Files of which a folder has at least one if it is a capture. */
    private static final Set<String> TELLING = Set.of("proc-version.txt", "uname.txt", "dmesg-boot.txt");

    /** A number of its own in front is left out; what is missing is one or two words. */
    private static final Pattern MISSING =
            Pattern.compile("(?:\\d+ x )?(?:(?<what>[\\w.()-]+(?: [\\w.()*-]+)?): )?(?<why>.*) \\((?<facts>\\d+)\\)");

    private static final String VECTORS = " vectors";
    private static final int DEPTH = 3;

    private final Map<String, List<FidelityReport>> groups = new TreeMap<>();
    private final Map<String, String> refused = new TreeMap<>();

    /** Compares every capture below a folder. */
    static Scores of(Path folder) {
        Scores scores = new Scores();
        try (Stream<Path> files = Files.walk(folder, DEPTH)) {
            files.filter(file -> TELLING.contains(file.getFileName().toString()))
                    .map(Path::getParent)
                    .distinct()
                    .sorted(Comparator.comparing(Path::toString))
                    .toList()
                    .forEach(scores::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return scores;
    }

    private void add(Path capture) {
        String group = capture.getParent().getFileName().toString();
        try {
            groups.computeIfAbsent(group, any -> new ArrayList<>()).add(Bench.compare(capture));
        } catch (IllegalArgumentException e) {
            refused.put(capture.getFileName().toString(), e.getMessage());
        }
    }

    private List<FidelityReport> all() {
        return groups.values().stream().flatMap(List::stream).toList();
    }

    /** Families but for those of vectors, which have a document of their own, in the order of a report. */
    private List<String> families() {
        return all().stream()
                .flatMap(report -> report.families().stream())
                .filter(family -> !family.name().endsWith(VECTORS) && hasFacts(family.score()))
                .map(FidelityReport.Family::name)
                .collect(Collectors.toCollection(LinkedHashSet::new))
                .stream()
                .sorted(Comparator.comparingInt(this::place))
                .toList();
    }

    private int place(String name) {
        List<FidelityReport.Family> order = all().get(0).families();
        for (int i = 0; i < order.size(); i++) {
            if (order.get(i).name().equals(name)) {
                return i;
            }
        }
        return order.size();
    }

    private static boolean hasFacts(Score score) {
        return score.checked() + score.notModelled() > 0;
    }

    private static FidelityReport.Family family(FidelityReport report, String name) {
        return report.families().stream()
                .filter(family -> family.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    // ---- tables

    /** Sums by family. */
    List<String> byFamily() {
        List<String> lines = new ArrayList<>(List.of(
                "| family | captures | checked | equal | different | not modelled |", "|---|---|---|---|---|---|"));
        Score total = Score.NONE;
        for (String name : families()) {
            List<Score> scores = all().stream()
                    .map(report -> family(report, name).score())
                    .filter(Scores::hasFacts)
                    .toList();
            Score sum = sum(scores);
            total = sum(List.of(total, sum));
            lines.add(String.format("| %s | %d | %s |", name, scores.size(), cells(sum)));
        }
        lines.add(String.format("| **total** | %d | %s |", all().size(), cells(total)));
        return lines;
    }

    private static Score sum(List<Score> scores) {
        return new Score(
                scores.stream().mapToLong(Score::checked).sum(),
                scores.stream().mapToLong(Score::equal).sum(),
                scores.stream().mapToLong(Score::different).sum(),
                scores.stream().mapToLong(Score::notModelled).sum());
    }

    private static String cells(Score score) {
        return String.format(
                "%,d | %,d | %,d | %,d", score.checked(), score.equal(), score.different(), score.notModelled());
    }

    /** One line for each capture: equal facts, of the others how many. */
    List<String> byCapture() {
        List<String> lines = new ArrayList<>();
        groups.forEach((group, reports) -> {
            List<String> names = families().stream()
                    .filter(name -> reports.stream()
                            .anyMatch(report -> hasFacts(family(report, name).score())))
                    .toList();
            lines.add("");
            lines.add("`" + group + "`");
            lines.add("");
            lines.add("| capture | " + String.join(" | ", names) + " | all |");
            lines.add("|---|" + "---|".repeat(names.size() + 1));
            for (FidelityReport report : reports) {
                Score all = sum(
                        names.stream().map(name -> family(report, name).score()).toList());
                lines.add("| " + report.capture() + " | "
                        + names.stream()
                                .map(name -> cell(family(report, name).score()))
                                .collect(Collectors.joining(" | "))
                        + " | " + cell(all) + " |");
            }
        });
        return lines;
    }

    private static String cell(Score score) {
        if (!hasFacts(score)) {
            return "";
        }
        return score.equal()
                + (score.different() > 0 ? " **" + score.different() + " different**" : "")
                + (score.notModelled() > 0 ? " (" + score.notModelled() + ")" : "");
    }

    /** Every difference: family, capture, what, both values. */
    List<String> differences() {
        List<String> lines = new ArrayList<>();
        for (String name : families()) {
            for (FidelityReport report : all()) {
                family(report, name)
                        .differences()
                        .forEach(one -> lines.add(String.format(
                                "| %s | %s | %s | %s | %s |",
                                name, report.capture(), one.fact(), one.captured(), one.modelled())));
            }
        }
        return lines.isEmpty()
                ? List.of("None.")
                : Stream.concat(
                                Stream.of("| family | capture | fact | captured | model |", "|---|---|---|---|---|"),
                                lines.stream())
                        .toList();
    }

    /** Why facts are not modelled, by family; what has the same reason stands together. */
    List<String> notModelled() {
        List<String> lines =
                new ArrayList<>(List.of("| family | facts | captures | what, and why |", "|---|---|---|---|"));
        for (String name : families()) {
            Map<String, Missing> byReason = new LinkedHashMap<>();
            for (FidelityReport report : all()) {
                for (String text : family(report, name).notModelled()) {
                    Matcher parts = MISSING.matcher(text);
                    if (!parts.matches()) {
                        throw new IllegalStateException("no number of facts: " + text);
                    }
                    boolean named = parts.group("what") != null;
                    byReason.computeIfAbsent(parts.group("why"), any -> new Missing())
                            .add(
                                    named ? parts.group("what") : "",
                                    Long.parseLong(parts.group("facts")),
                                    report.capture());
                }
            }
            byReason.forEach((why, missing) -> lines.add(missing.row(name, why)));
        }
        return lines;
    }

    /** Facts with one reason. */
    private static final class Missing {
        private final Set<String> what = new LinkedHashSet<>();
        private final Set<String> captures = new TreeSet<>();
        private long facts;

        void add(String name, long more, String capture) {
            if (!name.isEmpty()) {
                what.add(name);
            }
            facts += more;
            captures.add(capture);
        }

        String row(String family, String why) {
            String names = what.isEmpty() ? "" : String.join(", ", what) + ": ";
            return String.format("| %s | %,d | %d | %s%s |", family, facts, captures.size(), names, why);
        }
    }

    /** Captures that cannot be compared, and why. */
    List<String> refused() {
        return refused.isEmpty()
                ? List.of("None.")
                : refused.entrySet().stream()
                        .map(entry -> "- " + entry.getKey() + ": " + entry.getValue())
                        .toList();
    }
}
