package org.kmemscope.shell.command;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.kmemscope.api.machine.Exchange;
import org.kmemscope.api.machine.Exchange.Part;
import org.kmemscope.api.machine.ExchangeReport;
import org.kmemscope.api.machine.ExchangeState;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machine.VerifyResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code swap}. Time is measured here, as machines have no clock of the world. */
@Command(
        name = "swap",
        description =
                "Exchanges an allocator while everything is live: objects stay where they are, and are freed through the new one.",
        footerHeading = "%nExample:%n",
        footer = {"  swap slab slub", "  swap object slob", "  swap page bitmap"})
final class Swap extends ViewCommand<Swap.Outcome> {
    /** The kernel calls every object allocator a slab allocator, whichever it is. */
    private static final String SLAB = "slab";

    private static final double NANOS_PER_MILLI = 1e6;

    @Parameters(
            index = "0",
            paramLabel = "PART",
            description = "object (or slab) or page, or the name of the allocator that is in use.",
            completionCandidates = Candidates.ExchangeParts.class)
    private String part;

    @Parameters(
            index = "1",
            paramLabel = "ALLOCATOR",
            description = "Which shall take over; 'allocators' shows them.",
            completionCandidates = Candidates.AllocatorNames.class)
    private String successor;

    /** What was done, and how long it took. */
    record Outcome(ExchangeReport report, double milliseconds) {}

    private Outcome outcome;

    @Override
    Object run(Call call) {
        Object result = super.run(call);
        ExchangeReport report = outcome.report();
        if (!report.refusal().isEmpty()) {
            boolean parked = report.to().equals(ExchangeReport.NONE);
            throw new Failure(
                    report.refusal() + "; " + (parked ? "what is left stays parked" : report.to() + " stays"));
        }
        if (!report.verify().ok()) {
            throw new Failure("verify finds " + report.verify().problems().size() + " contradictions");
        }
        return result;
    }

    @Override
    Outcome view(Call call) {
        Machine machine = call.machine();
        Exchange exchange = call.desk().service(Exchange.class);
        Part which = part(exchange, machine);
        long start = System.nanoTime();
        ExchangeReport report = exchange.swap(machine, which, successor);
        outcome = new Outcome(report, (System.nanoTime() - start) / NANOS_PER_MILLI);
        return outcome;
    }

    private Part part(Exchange exchange, Machine machine) {
        for (Part candidate : Part.values()) {
            if (candidate.label().equals(part)) {
                return candidate;
            }
        }
        List<ExchangeState> states = exchange.state(machine);
        for (ExchangeState state : states) {
            if (state.bound().equals(part)) {
                return state.part();
            }
        }
        if (part.equals(SLAB)) {
            return Part.OBJECT;
        }
        throw new Failure(part + " is not in use; "
                + states.stream().map(ExchangeState::bound).collect(Collectors.joining(" and "))
                + " are. Say what to exchange: "
                + Arrays.stream(Part.values()).map(Part::label).collect(Collectors.joining(" or ")));
    }

    @Override
    String text(Call call, Outcome view) {
        ExchangeReport report = view.report();
        StringBuilder text = new StringBuilder();
        field(text, report.part().title(), report.from() + " -> " + report.to());
        field(text, "calls drained", String.valueOf(report.drained()));
        if (!report.taken().isEmpty()) {
            field(text, "taken over", taken(report.taken()));
        }
        Long foreign = report.taken().get("foreign slabs");
        if (foreign != null && foreign > 0) {
            field(
                    text,
                    "foreign slabs",
                    foreign + " with " + count(report.taken().get("foreign objects"), "objects")
                            + ", each keeps its geometry until it is empty");
        }
        field(text, "time", String.format(Locale.ROOT, "%.1f ms", view.milliseconds()));
        VerifyResult verify = report.verify();
        verify.problems().forEach(problem -> field(text, "contradiction", problem));
        field(text, "verify", verify.checks() + " checks" + (verify.ok() ? ", no contradiction" : ""));
        return text.toString();
    }

    private static String taken(Map<String, Long> taken) {
        return taken.entrySet().stream()
                .filter(entry -> !entry.getKey().startsWith("foreign"))
                .map(entry -> count(entry.getValue(), entry.getKey()))
                .collect(Collectors.joining(", "));
    }

    private static String count(long number, String things) {
        return number + " " + (number == 1 ? things.replaceFirst("s$", "") : things);
    }

    private static void field(StringBuilder text, String name, String value) {
        text.append(String.format("%-21s %s\n", name, value));
    }
}
