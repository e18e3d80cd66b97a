package org.kmemscope.shell.command;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.kmemscope.api.debug.WorkMeter;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Exchange;
import org.kmemscope.api.machine.Exchange.Part;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machine.VerifyResult;
import org.kmemscope.api.view.ModuleView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code compare}. Machines run one after another; as they have no clock of the world, they run as if side by side. */
@Command(
        name = "compare",
        description = {
            "Runs the same script on machines that differ in their allocators, and compares what it cost.",
            "Each machine is booted afresh from the profile of the current one, which stays as it is."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  compare docs/examples/small-objects.gosh",
            "  compare docs/examples/pinned-blocks.gosh --slab slub --page buddy,bitmap --order 4"
        })
final class Compare extends ViewCommand<Compare.Comparison> {
    @Parameters(index = "0", paramLabel = "SCENARIO", description = "A script, such as 'kmemscope run' takes.")
    private Path scenario;

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "ARG", description = "Arguments of the script.")
    private List<String> arguments = List.of();

    @Option(
            names = "--slab",
            paramLabel = "NAME",
            split = ",",
            description = "Object allocators, separated by commas; all that are present if no option names any.",
            completionCandidates = Candidates.ObjectAllocators.class)
    private List<String> objects = List.of();

    @Option(
            names = "--page",
            paramLabel = "NAME",
            split = ",",
            description = "Engines of free areas, separated by commas; that of the profile if none is named.",
            completionCandidates = Candidates.FreeAreaEngines.class)
    private List<String> engines = List.of();

    @Option(
            names = "--order",
            paramLabel = "N",
            description = "The order of requests for which fragmentation is told; ${DEFAULT-VALUE} unless given.")
    private int order = 3;

    @Option(
            names = {"-v", "--verbose"},
            description = "Print what the script prints on each machine.")
    private boolean verbose;

    /**
     * What came out.
     *
     * @param scenario the script
     * @param machine profile of the machines
     * @param order of requests for which fragmentation is told
     * @param runs one for each machine
     */
    record Comparison(String scenario, String machine, int order, List<ComparedRun> runs) {}

    @Override
    Object run(Call call) {
        Comparison comparison = view(call);
        call.print(wantsJson(call) ? Json.text(comparison) : ComparisonTable.text(comparison));
        String failed = names(comparison.runs().stream()
                .filter(run -> !run.failure().isEmpty())
                .toList());
        if (!failed.isEmpty()) {
            throw new Failure("the script failed on " + failed);
        }
        String broken = names(
                comparison.runs().stream().filter(run -> !run.verify().ok()).toList());
        if (!broken.isEmpty()) {
            throw new Failure("verify finds contradictions on " + broken);
        }
        return NOTHING;
    }

    private static String names(List<ComparedRun> runs) {
        return runs.stream().map(ComparedRun::name).collect(Collectors.joining(", "));
    }

    @Override
    String text(Call call, Comparison view) {
        return ComparisonTable.text(view);
    }

    @Override
    Comparison view(Call call) {
        String text = read();
        Profile profile = call.machine().profile();
        int orders = call.machine().pages().maxOrder();
        if (order < 0 || order >= orders) {
            throw new Failure("an order is 0 to " + (orders - 1) + " here, not " + order);
        }
        List<ComparedRun> runs = new ArrayList<>();
        for (Profile variant : variants(call, profile)) {
            call.checkInterrupt();
            runs.add(run(call, variant, text));
        }
        return new Comparison(scenario.getFileName().toString(), profile.name(), order, runs);
    }

    private String read() {
        try {
            return Files.readString(scenario, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new Failure(scenario + ": no such file", e);
        } catch (IOException e) {
            throw new Failure(scenario + ": no text that can be read (" + e.getMessage() + ")", e);
        }
    }

    /** A profile for each combination of allocators. */
    private List<Profile> variants(Call call, Profile profile) {
        Exchange exchange = call.desk().service(Exchange.class);
        List<String> slabs = known(
                exchange,
                Part.OBJECT,
                objects.isEmpty() && engines.isEmpty()
                        ? exchange.available(Part.OBJECT).stream().sorted().toList()
                        : objects);
        List<String> pages = known(exchange, Part.PAGE, engines);
        List<Profile> variants = new ArrayList<>();
        for (Profile one : with(List.of(profile), Part.PAGE, pages)) {
            variants.addAll(with(List.of(one), Part.OBJECT, slabs));
        }
        return variants;
    }

    private static List<Profile> with(List<Profile> profiles, Part part, List<String> names) {
        return names.isEmpty()
                ? profiles
                : profiles.stream()
                        .flatMap(profile ->
                                names.stream().map(name -> profile.withProviders(part.label(), List.of(name))))
                        .toList();
    }

    private static List<String> known(Exchange exchange, Part part, List<String> names) {
        List<String> present = exchange.available(part);
        for (String name : names) {
            if (!present.contains(name)) {
                throw new Failure("no started bundle provides the " + part.title() + " '" + name + "'; there are "
                        + present.stream().sorted().collect(Collectors.joining(", ")));
            }
        }
        return names;
    }

    private ComparedRun run(Call call, Profile profile, String text) {
        Machine machine = call.desk().machines().bootAside(profile);
        WorkMeter.Gauge gauge = call.desk().service(WorkMeter.class).attach(machine);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String name = name(machine);
        Desk aside = call.desk().aside(machine, gauge::sample);
        int status = call.desk()
                .scenarios()
                .run(aside, text, Source.file(scenario.getFileName().toString()), arguments, stream(out), stream(err));
        String messages = err.toString(StandardCharsets.UTF_8);
        for (ModuleView module : machine.modules().list()) {
            // a module can be on one machine only, and the next one wants it
            call.desk().modules().rmmod(module.name());
        }
        if (verbose) {
            call.print("==> " + name + " <==\n" + out.toString(StandardCharsets.UTF_8) + messages + "\n");
        }
        VerifyResult verify = machine.verify();
        String failure = status == 0
                ? ""
                : messages.lines().reduce((first, last) -> last).orElse("status " + status);
        return new ComparedRun(name, gauge.end(), failure, verify);
    }

    /** What tells it from the others: its object allocator, its engine of free areas, or both. */
    private String name(Machine machine) {
        String object = machine.parts().getOrDefault("object", "none");
        String engine = machine.parts().get("free areas");
        if (engines.size() < 2) {
            return object;
        }
        return objects.size() < 2 ? engine : object + "/" + engine;
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }
}
