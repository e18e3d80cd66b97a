package org.kmemscope.shell.command;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.kmemscope.api.debug.WorkMeasure;
import org.kmemscope.api.debug.WorkMeasure.Failed;
import org.kmemscope.api.debug.WorkMeasure.Fragmentation;
import org.kmemscope.api.debug.WorkMeasure.Moment;
import org.kmemscope.shell.command.Compare.Comparison;

/** Lays out what the same work cost on several machines: a column for each. */
final class ComparisonTable {
    private static final String INDENT = "  ";
    private static final double PERCENT = 100.0 / WorkMeasure.SCALE;
    private static final double SCALE = WorkMeasure.SCALE;

    private final Comparison comparison;
    private final Table table;

    private ComparisonTable(Comparison comparison) {
        this.comparison = comparison;
        table = new Table(Stream.concat(
                        Stream.of(comparison.scenario().toUpperCase(Locale.ROOT)),
                        comparison.runs().stream().map(ComparedRun::name))
                .toArray(String[]::new));
    }

    static String text(Comparison comparison) {
        ComparisonTable printed = new ComparisonTable(comparison);
        printed.fill();
        return printed.table + printed.failures();
    }

    private void fill() {
        title("pages in use");
        work("at the start", work -> work.start().pages());
        work("at the peak", WorkMeasure::mostPages);
        work("at the end", work -> work.end().pages());
        if (comparison.runs().stream().anyMatch(run -> run.work().peak().objects() > 0)) {
            objects();
        }
        fragmentation();
        caches();
        title("steps");
        for (String step : comparison.runs().get(0).work().steps().keySet()) {
            if (comparison.runs().stream().anyMatch(run -> run.work().steps().get(step) > 0)) {
                work(step, work -> work.steps().get(step));
            }
        }
        row("verify", run -> run.verify().ok() ? "ok" : run.verify().problems().size() + " contradictions");
    }

    private void objects() {
        title("objects at the peak");
        work("live", work -> work.peak().objects());
        work("bytes requested", work -> work.peak().requested());
        work("bytes allotted", work -> work.peak().allotted());
        work("bytes held", work -> work.peak().held());
        work("internal fragmentation", work -> percent(work.peak().internalFragmentation()));
        work("bytes held at the end", work -> work.end().held());
    }

    private void fragmentation() {
        title("free memory, order " + comparison.order() + " unusable");
        Moment first = comparison.runs().get(0).work().end();
        for (int i = 0; i < first.zones().size(); i++) {
            int zone = i;
            String name = first.zones().get(zone).zone();
            work(name + " at the peak", work -> unusable(work.peak(), zone));
            work(name + " at the end", work -> unusable(work.end(), zone));
            // an index is only there where a request of the order would fail
            if (comparison.runs().stream()
                    .anyMatch(run -> index(run.work().peak(), zone) >= 0
                            || index(run.work().end(), zone) >= 0)) {
                work(name + " extfrag at the peak", work -> wouldFail(work.peak(), zone));
                work(name + " extfrag at the end", work -> wouldFail(work.end(), zone));
            }
        }
    }

    private String unusable(Moment moment, int zone) {
        return percent(moment.zones().get(zone).unusable().get(comparison.order()));
    }

    private int index(Moment moment, int zone) {
        Fragmentation fragmentation = moment.zones().get(zone);
        return fragmentation.fragmentation().get(comparison.order());
    }

    private String wouldFail(Moment moment, int zone) {
        return String.format(Locale.ROOT, "%.3f", index(moment, zone) / SCALE);
    }

    private void caches() {
        Set<String> names = new LinkedHashSet<>();
        for (ComparedRun run : comparison.runs()) {
            run.work().peak().cachePages().forEach((name, pages) -> {
                if (!pages.equals(run.work().start().cachePages().get(name))) {
                    names.add(name);
                }
            });
        }
        if (!names.isEmpty()) {
            title("pages of caches that grew, at the peak");
            names.forEach(name -> work(name, work -> {
                Long pages = work.peak().cachePages().get(name);
                return pages == null ? "-" : pages.toString();
            }));
        }
    }

    /** What failed, in its order. */
    private String failures() {
        StringBuilder text = new StringBuilder();
        for (ComparedRun run : comparison.runs()) {
            List<Failed> failures = run.work().failures();
            for (int i = 0; i < failures.size(); i++) {
                Failed failed = failures.get(i);
                text.append(String.format(
                        "%s: failure %d: order %d, %s, at %s%s\n",
                        run.name(),
                        i + 1,
                        failed.order(),
                        failed.gfp(),
                        failed.site(),
                        failed.times() > 1 ? ", " + failed.times() + " times" : ""));
            }
            if (!run.failure().isEmpty()) {
                text.append(String.format("%s: ended early: %s\n", run.name(), run.failure()));
            }
            run.verify().problems().forEach(problem -> text.append(String.format("%s: %s\n", run.name(), problem)));
        }
        return text.toString();
    }

    private static String percent(long thousandths) {
        return String.format(Locale.ROOT, "%.1f %%", thousandths * PERCENT);
    }

    private void title(String title) {
        table.row(Stream.concat(Stream.of(title), comparison.runs().stream().map(run -> ""))
                .toArray());
    }

    private void work(String name, Function<WorkMeasure, Object> cell) {
        row(INDENT + name, run -> cell.apply(run.work()));
    }

    private void row(String name, Function<ComparedRun, Object> cell) {
        table.row(Stream.concat(Stream.of(name), comparison.runs().stream().map(cell))
                .toArray());
    }
}
