package org.kmemscope.fidelity.page;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.fidelity.Family;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.Experiment;

/**
 * Splitting and merging: blocks that are taken, split into pages and freed page by page ({@code oracle-buddy.txt}), runs of single pages,
 * and free lists as they were dumped ({@code oracle-buddydump-*.txt}).
 */
public final class BuddyFamily implements Family {
    private static final String BUDDY = "oracle-buddy.txt";
    private static final String STEP = "STEP ";

    @Override
    public String name() {
        return "buddy split and merge";
    }

    @Override
    public void compare(Subject subject, Findings findings) {
        DumpFacts dumps = new DumpFacts(subject, findings);
        subject.capture().files().stream().filter(DumpFacts::isDump).forEach(dumps::compare);
        List<String> lines = subject.lines(BUDDY).orElse(List.of());
        if (lines.isEmpty()) {
            return;
        }
        BuddyRun run = new BuddyRun(new Replica(subject.cloned()), findings, BUDDY);
        for (int i = 2; i < lines.size(); i++) {
            if (lines.get(i).startsWith("EXP buddy ")) {
                blocks(lines, i, run);
            } else if (lines.get(i).startsWith("EXP run64 ") && i + 2 < lines.size()) {
                run.compare(
                        Experiment.of(lines.get(i), i + 1),
                        List.of(
                                around(lines, i - 2),
                                around(lines, i - 1),
                                around(lines, i + 1),
                                around(lines, i + 2)));
            }
        }
        run.finish();
    }

    private static FreeBlocks around(List<String> lines, int i) {
        return FreeBlocks.of(lines.get(i), i + 1);
    }

    private static void blocks(List<String> lines, int i, BuddyRun run) {
        List<BuddyRun.Step> steps = new ArrayList<>();
        int end = i + 1;
        while (end < lines.size() && lines.get(end).startsWith(STEP)) {
            steps.add(BuddyRun.Step.of(lines.get(end), end + 1));
            end++;
        }
        if (end < lines.size() && FreeBlocks.is(lines.get(end)) && FreeBlocks.is(lines.get(i - 1))) {
            PageExperiment block = new PageExperiment(
                    Experiment.of(lines.get(i), i + 1),
                    around(lines, i - 2),
                    around(lines, i - 1),
                    around(lines, end),
                    true);
            run.compare(block, steps);
        }
    }
}
