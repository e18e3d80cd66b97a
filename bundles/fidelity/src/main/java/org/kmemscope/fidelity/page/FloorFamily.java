package org.kmemscope.fidelity.page;

import java.util.List;
import org.kmemscope.fidelity.Family;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;

/** How many blocks each mask gets before a request fails, from which zones, and what is left then ({@code oracle-floor.txt}). */
public final class FloorFamily implements Family {
    private static final String FLOOR = "oracle-floor.txt";

    @Override
    public String name() {
        return "floor";
    }

    @Override
    public void compare(Subject subject, Findings findings) {
        List<String> lines = subject.lines(FLOOR).orElse(List.of());
        if (lines.stream().noneMatch(line -> line.startsWith(FloorExperiment.LINE))) {
            return;
        }
        FloorRun run = new FloorRun(new Replica(subject.cloned()), findings, FLOOR);
        for (int i = 2; i + 1 < lines.size(); i++) {
            if (lines.get(i).startsWith(FloorExperiment.LINE)) {
                run.compare(FloorExperiment.of(lines, i));
            }
        }
        run.finish();
    }
}
