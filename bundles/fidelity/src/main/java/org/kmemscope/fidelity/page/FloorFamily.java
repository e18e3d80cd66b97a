package org.kmemscope.fidelity.page;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.fidelity.Family;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.InFile;

/** How many blocks each mask gets before a request fails, from which zones, and what is left then ({@code oracle-floor.txt}). */
public final class FloorFamily implements Family {
    private static final String FLOOR = "oracle-floor.txt";

    @Override
    public String name() {
        return "floor";
    }

    @Override
    public void compare(Subject subject, Findings findings) {
        List<FloorExperiment> floors = InFile.read(subject, FLOOR, FloorFamily::floors);
        if (floors.isEmpty()) {
            return;
        }
        FloorRun run = new FloorRun(new Replica(subject.cloned()), findings, FLOOR);
        floors.forEach(run::compare);
        run.finish();
    }

    private static List<FloorExperiment> floors(List<String> lines) {
        List<FloorExperiment> floors = new ArrayList<>();
        for (int i = 2; i + 1 < lines.size(); i++) {
            if (lines.get(i).startsWith(FloorExperiment.LINE)) {
                floors.add(FloorExperiment.of(lines, i));
            }
        }
        return floors;
    }
}
