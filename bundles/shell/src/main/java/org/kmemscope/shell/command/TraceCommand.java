package org.kmemscope.shell.command;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.shell.print.TracePrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code trace}. */
@Command(
        name = "trace",
        description = "Keeps the last events of the machine and prints them as ftrace does.",
        footerHeading = "%nExample:%n",
        footer = {"  trace on kmem:kmalloc kmem:kfree", "  p = (kmalloc 40 GFP_KERNEL)", "  trace show"})
final class TraceCommand extends ViewCommand<List<TracePrinter.Event>> {
    private static final int DEFAULT_SIZE = 4096;

    @Parameters(
            index = "0",
            paramLabel = "on|off|show|clear",
            description = "Start with an empty ring, stop, print, or forget.")
    private Action action;

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "EVENT",
            description =
                    "For on: events as SYSTEM:EVENT, EVENT, or SYSTEM for all of a system; all events if nothing is said.",
            completionCandidates = Candidates.Events.class)
    private List<String> events = List.of();

    @Option(
            names = {"-n", "--size"},
            paramLabel = "N",
            description = "For on: how many events are kept; ${DEFAULT-VALUE} if nothing is said.")
    private int size = DEFAULT_SIZE;

    /** What to do. */
    enum Action {
        /** Start. */
        ON,
        /** Stop. */
        OFF,
        /** Print. */
        SHOW,
        /** Forget. */
        CLEAR
    }

    @Override
    Object run(Call call) {
        Machine machine = call.machine();
        if (action != Action.ON && !events.isEmpty()) {
            throw new Failure("events are for 'trace on' only");
        }
        TraceRings rings = call.desk().traces();
        switch (action) {
            case ON -> {
                if (size < 1) {
                    throw new Failure("a ring of " + size + " events: at least 1");
                }
                rings.start(machine, size, points());
            }
            case OFF -> rings.stop(machine);
            case CLEAR -> rings.of(machine).ifPresent(TraceRing::clear);
            default -> {
                return super.run(call);
            }
        }
        return NOTHING;
    }

    private TracePoint[] points() {
        List<TracePoint> points = new ArrayList<>();
        for (String wanted : events) {
            List<TracePoint> found = Arrays.stream(TracePoint.values())
                    .filter(point -> point.label().equals(wanted)
                            || point.event().equals(wanted)
                            || point.system().equals(wanted))
                    .toList();
            if (found.isEmpty()) {
                throw new Failure("no event is called " + wanted + Nearest.hint(wanted, names()) + "; there are "
                        + String.join(", ", names()));
            }
            points.addAll(found);
        }
        return points.isEmpty() ? TracePoint.values() : points.toArray(TracePoint[]::new);
    }

    /** Names of all events. */
    static List<String> names() {
        return Arrays.stream(TracePoint.values()).map(TracePoint::label).toList();
    }

    @Override
    List<TracePrinter.Event> view(Call call) {
        TraceRing ring = ring(call);
        return call.machine().locked(ring::events);
    }

    private static TraceRing ring(Call call) {
        return call.desk()
                .traces()
                .of(call.machine())
                .orElseThrow(() -> new Failure("nothing is traced on this machine; start with 'trace on'"));
    }

    @Override
    String text(Call call, List<TracePrinter.Event> view) {
        Machine machine = call.machine();
        return TracePrinter.text(
                machine.profile().kernel().version(),
                view,
                ring(call).written(),
                machine.profile().cpus());
    }
}
