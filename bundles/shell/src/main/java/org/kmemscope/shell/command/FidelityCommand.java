package org.kmemscope.shell.command;

import java.nio.file.Path;
import java.util.List;
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
        description =
                "Compares the model with a capture of a real kernel, fact by fact, and prints for each family how many are equal.",
        footerHeading = "%nExample:%n",
        footer = {"  fidelity capture.tar.gz", "  fidelity --details --at-least 99.5 capture.tar.gz"})
final class FidelityCommand extends KmemCommand {
    @Parameters(paramLabel = "CAPTURE", description = "A directory, a tar or zip of one, or a copy of files of /proc.")
    private Path path;

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

    /** What is printed as JSON. */
    record Answer(List<FamilyAnswer> families, Score total) {}

    /** A family of it. */
    record FamilyAnswer(String name, long checked, long equal, long different, long notModelled) {
        static FamilyAnswer of(Family family) {
            Score score = family.score();
            return new FamilyAnswer(
                    family.name(), score.checked(), score.equal(), score.different(), score.notModelled());
        }
    }

    @Override
    Object run(Call call) {
        FidelityReport report = call.desk()
                .service(Fidelity.class)
                .compare(call.desk().service(Captures.class).open(path));
        if (json || call.desk().json()) {
            call.print(Json.text(
                    new Answer(report.families().stream().map(FamilyAnswer::of).toList(), report.total())));
        } else {
            call.print(table(report));
            if (details) {
                report.families().forEach(family -> details(call, family));
            }
        }
        double percent = report.total().percent();
        if (percent < atLeast) {
            throw new Failure(String.format("%.2f %% of the facts are equal, less than %s %%", percent, atLeast));
        }
        return NOTHING;
    }

    private static String table(FidelityReport report) {
        Table table = new Table("FAMILY", "CHECKED", "EQUAL", "DIFFERENT", "NOT MODELLED");
        report.families().forEach(family -> row(table, family.name(), family.score()));
        row(table, "total", report.total());
        return table.toString();
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
