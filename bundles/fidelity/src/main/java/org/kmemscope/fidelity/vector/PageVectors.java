package org.kmemscope.fidelity.vector;

import java.util.List;
import org.kmemscope.api.fidelity.FidelityReport.Difference;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.PageState.ZoneState;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.vector.PageVector.Checkpoint;
import org.kmemscope.fidelity.vector.PageVector.Counters;
import org.kmemscope.fidelity.vector.PageVector.Dump;

/**
 * Requests for pages. Facts: each operation, each line of counters, and of each state but the first the facts of {@link PageStateFacts}. The
 * first operation that is answered otherwise ends a vector; what was not compared then counts as different.
 */
public final class PageVectors extends VectorFamily {
    /** The family of {@code vec-page-*}. */
    public PageVectors() {
        super("page vectors", "vec-page-");
    }

    @Override
    void compare(Subject subject, String file, Findings findings) {
        PageVector vector = PageVectorReader.read(subject.capture(), file);
        PageState start = vector.states().get(PageVector.START);
        made(() -> subject.cloned(start), vector.facts(), vector.text(), findings)
                .ifPresent(machine -> new Run(subject, vector, machine, findings).run());
    }

    /** One vector. */
    private static final class Run {
        private final Subject subject;
        private final PageVector vector;
        private final Machine machine;
        private final Findings findings;
        private final PageReplay replay;
        private final PageStateFacts states;

        Run(Subject subject, PageVector vector, Machine machine, Findings findings) {
            this.subject = subject;
            this.vector = vector;
            this.machine = machine;
            this.findings = findings;
            replay = new PageReplay(machine, vector.operations());
            states = new PageStateFacts(ZoneNames.of(machine));
        }

        void run() {
            Constants.PAGES.compare(vector.constants(), machine, findings);
            vector.zonelist().ifPresent(this::zonelist);
            start();
            List<Checkpoint> checkpoints = vector.checkpoints();
            for (int i = 0; i < checkpoints.size(); i++) {
                if (!runTo(checkpoints.get(i).before(), checkpoints.subList(i, checkpoints.size()))) {
                    return;
                }
                compare(checkpoints.get(i));
            }
            runTo(vector.operations().size(), List.of());
        }

        /** The populated zones, the highest first. */
        private void zonelist(Line line) {
            String modelled = machine.pages().zones().stream()
                    .filter(ZoneView::populated)
                    .map(zone -> Integer.toString(zone.index()))
                    .reduce("", (below, zone) -> zone + (below.isEmpty() ? "" : "," + below));
            findings.compare("ZONELIST", line.word(1), modelled, line.where());
        }

        /** What was taken over is no answer; but if it was not taken over, nothing that follows means anything. */
        private void start() {
            Findings taken = new Findings();
            states.compare(
                    vector.text().name() + ": start",
                    vector.states().get(PageVector.START),
                    machine.pages().state(),
                    vector.text().file(),
                    taken);
            taken.differences().forEach(difference -> findings.different(difference, 0));
        }

        private boolean runTo(int end, List<Checkpoint> ahead) {
            int from = replay.next();
            boolean same = replay.runTo(end);
            findings.equal(replay.next() - from);
            if (!same) {
                int operation = replay.next();
                long following = vector.operations().size() - operation - 1L + vector.facts(ahead);
                findings.different(difference(operation, following), following);
            }
            return same;
        }

        private Difference difference(int operation, long following) {
            PageOperations operations = vector.operations();
            List<String> scene = new java.util.ArrayList<>(new PageScene(
                            vector, operation, subject.cloned(vector.states().get(PageVector.START)))
                    .lines());
            scene.add(following + " facts after it were not compared and count as different");
            return new Difference(
                    vector.text().name() + ": operation " + operation,
                    operations.isFree(operation)
                            ? "freed"
                            : PageReplay.Answer.text(operations.pfn(operation), operations.zone(operation)),
                    replay.answer().toString(),
                    vector.text().where(operations.line(operation)),
                    scene);
        }

        private void compare(Checkpoint checkpoint) {
            if (checkpoint instanceof Counters counters) {
                Line line = counters.line();
                String captured = line.text().substring(line.text().indexOf(' ', 2) + 1);
                findings.compare(
                        vector.text().name() + ": counters before operation " + counters.before(),
                        captured,
                        counters(),
                        line.where());
            } else if (checkpoint instanceof Dump dump) {
                states.compare(
                        vector.text().name() + ": " + dump.tag(),
                        vector.states().get(dump.tag()),
                        machine.pages().state(),
                        vector.text().file(),
                        findings);
            }
        }

        /** In the form of a line {@code Z}. */
        private String counters() {
            StringBuilder text = new StringBuilder();
            for (ZoneState zone : machine.pages().counters().zones()) {
                if (zone.spanned() > 0) {
                    text.append(text.isEmpty() ? "" : " ")
                            .append(zone.index())
                            .append(':')
                            .append(zone.free())
                            .append(',')
                            .append(zone.freeDiff()[0])
                            .append(',')
                            .append(zone.perCpu().get(0).count())
                            .append(',')
                            .append(zone.perCpu().get(0).freeFactor())
                            .append(',')
                            .append(zone.boost())
                            .append(',')
                            .append(zone.highatomic());
                }
            }
            return text.toString();
        }
    }
}
