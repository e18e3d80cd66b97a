package org.kmemscope.shell.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.kmemscope.api.capture.Captures;
import org.kmemscope.api.fidelity.Fidelity;
import org.kmemscope.api.fidelity.FidelityReport;
import org.kmemscope.api.fidelity.FidelityReport.Difference;
import org.kmemscope.api.fidelity.FidelityReport.Family;
import org.kmemscope.api.fidelity.FidelityReport.Score;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fidelity}. */
@Command(
        name = "fidelity",
        description = {
            "Compares the model with captures of real kernels, fact by fact, and prints for each family how many are equal.",
            "A folder of several captures is gone through: a table and a score for each, and the sum of all."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  fidelity capture.tar.gz",
            "  fidelity --details --at-least 99.5 capture.tar.gz",
            "  fidelity captures/ board.zip"
        })
final class FidelityCommand extends KmemCommand {
    @Parameters(
            arity = "1..*",
            paramLabel = "CAPTURE",
            description =
                    "A directory, a tar or zip of one, a copy of files of /proc, or a folder of several of these.")
    private List<Path> paths;

    @Option(
            names = {"-d", "--details"},
            description = "Print every difference with both values, and what is not modelled.")
    private boolean details;

    @Option(
            names = "--at-least",
            paramLabel = "PERCENT",
            description = "Fail if fewer facts are equal; those that are not modelled count as not equal.")
    private double atLeast;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /** What is printed as JSON of one capture. */
    record Answer(List<FamilyAnswer> families, Score total) {
        static Answer of(FidelityReport report) {
            return new Answer(report.families().stream().map(FamilyAnswer::of).toList(), report.total());
        }
    }

    /** A family of it. */
    record FamilyAnswer(String name, long checked, long equal, long different, long notModelled) {
        static FamilyAnswer of(Family family) {
            Score score = family.score();
            return new FamilyAnswer(
                    family.name(), score.checked(), score.equal(), score.different(), score.notModelled());
        }
    }

    /** What is printed as JSON of several. */
    record Answers(List<NamedAnswer> captures, List<NotCompared> notCompared, Score total) {}

    /** One of several. */
    record NamedAnswer(String name, List<FamilyAnswer> families, Score total) {}

    /** A capture that no machine can be made of. */
    record NotCompared(String name, String reason) {}

    @Override
    Object run(Call call) {
        Captures captures = call.desk().service(Captures.class);
        List<Path> found =
                paths.stream().flatMap(path -> captures.find(path).stream()).toList();
        boolean asJson = json || call.desk().json();
        Score total;
        if (found.size() == 1) {
            FidelityReport report = compare(call, found.get(0));
            total = report.total();
            if (asJson) {
                call.print(Json.text(Answer.of(report)));
            } else {
                table(call, report);
            }
        } else {
            total = several(call, found, asJson);
        }
        double percent = total.percent();
        if (percent < atLeast) {
            throw new Failure(String.format("%.2f %% of the facts are equal, less than %s %%", percent, atLeast));
        }
        return NOTHING;
    }

    private static FidelityReport compare(Call call, Path path) {
        return call.desk()
                .service(Fidelity.class)
                .compare(call.desk().service(Captures.class).open(path));
    }

    /** One after the other, each printed when it is done. */
    private Score several(Call call, List<Path> found, boolean asJson) {
        List<FidelityReport> reports = new ArrayList<>();
        List<NotCompared> notCompared = new ArrayList<>();
        for (Path path : found) {
            try {
                FidelityReport report = compare(call, path);
                reports.add(report);
                if (!asJson) {
                    call.line("%s", report.capture());
                    table(call, report);
                    call.line("%s%n", score(report));
                }
            } catch (IllegalArgumentException reason) {
                notCompared.add(new NotCompared(path.toString(), reason.getMessage()));
            }
        }
        if (reports.isEmpty()) {
            throw new Failure("none of " + found.size() + " captures can be compared: "
                    + notCompared.get(0).reason());
        }
        Score total = reports.stream().map(FidelityReport::total).reduce(Score.NONE, Score::plus);
        if (asJson) {
            List<NamedAnswer> answers = reports.stream()
                    .map(report ->
                            new NamedAnswer(report.capture(), Answer.of(report).families(), report.total()))
                    .toList();
            call.print(Json.text(new Answers(answers, notCompared, total)));
        } else {
            Table table = new Table("CAPTURE", "CHECKED", "EQUAL", "DIFFERENT", "NOT MODELLED");
            reports.forEach(report -> row(table, report.capture(), report.total()));
            row(table, "total", total);
            call.print(table.toString());
            notCompared.forEach(none -> call.line("not compared: %s: %s", none.name(), none.reason()));
        }
        return total;
    }

    private static String score(FidelityReport report) {
        Score total = report.total();
        return String.format(
                Locale.ROOT,
                "%s: %d of %d checked facts are equal, %d not modelled",
                report.capture(),
                total.equal(),
                total.checked(),
                total.notModelled());
    }

    private void table(Call call, FidelityReport report) {
        Table table = new Table("FAMILY", "CHECKED", "EQUAL", "DIFFERENT", "NOT MODELLED");
        List<String> silent = new ArrayList<>();
        for (Family family : report.families()) {
            if (family.score().equals(Score.NONE)) {
                silent.add(family.name());
            } else {
                row(table, family.name(), family.score());
            }
        }
        row(table, "total", report.total());
        call.print(table.toString());
        if (!silent.isEmpty()) {
            call.line("the capture tells nothing of: %s", String.join(", ", silent));
        }
        if (details) {
            report.families().forEach(family -> details(call, family));
        }
    }

    private static void row(Table table, String name, Score score) {
        table.row(name, score.checked(), score.equal(), score.different(), score.notModelled());
    }

    private static void details(Call call, Family family) {
        for (Difference difference : family.differences()) {
            call.line(
                    "%s: %s: captured %s, model %s (%s)",
                    family.name(), difference.fact(), difference.captured(), difference.modelled(), difference.where());
            difference.context().forEach(line -> call.line("  %s", line));
        }
        family.notModelled().forEach(what -> call.line("%s: not modelled: %s", family.name(), what));
    }
}
