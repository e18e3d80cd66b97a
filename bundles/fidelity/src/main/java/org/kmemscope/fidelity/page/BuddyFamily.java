package org.kmemscope.fidelity.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.fidelity.Family;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.Experiment;
import org.kmemscope.fidelity.file.InFile;

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
        List<Consumer<BuddyRun>> experiments = InFile.read(subject, BUDDY, BuddyFamily::experiments);
        if (!experiments.isEmpty()) {
            Machine machine = subject.cloned();
            BuddyRun run = new BuddyRun(new Replica(machine), findings, BUDDY);
            machine.locked(() -> {
                experiments.forEach(experiment -> experiment.accept(run));
                return null;
            });
            run.finish();
        }
    }

    private static List<Consumer<BuddyRun>> experiments(List<String> lines) {
        List<Consumer<BuddyRun>> found = new ArrayList<>();
        for (int i = 2; i < lines.size(); i++) {
            if (lines.get(i).startsWith("EXP buddy ")) {
                block(lines, i).ifPresent(found::add);
            } else if (lines.get(i).startsWith("EXP run64 ") && i + 2 < lines.size()) {
                Experiment pages = Experiment.of(lines.get(i), i + 1);
                List<FreeBlocks> moments =
                        List.of(around(lines, i - 2), around(lines, i - 1), around(lines, i + 1), around(lines, i + 2));
                found.add(run -> run.compare(pages, moments));
            }
        }
        return found;
    }

    private static FreeBlocks around(List<String> lines, int i) {
        return FreeBlocks.of(lines.get(i), i + 1);
    }

    private static Optional<Consumer<BuddyRun>> block(List<String> lines, int i) {
        List<BuddyRun.Step> steps = new ArrayList<>();
        int end = i + 1;
        while (end < lines.size() && lines.get(end).startsWith(STEP)) {
            steps.add(BuddyRun.Step.of(lines.get(end), end + 1));
            end++;
        }
        if (end == lines.size() || !FreeBlocks.is(lines.get(end)) || !FreeBlocks.is(lines.get(i - 1))) {
            return Optional.empty();
        }
        PageExperiment block = new PageExperiment(
                Experiment.of(lines.get(i), i + 1),
                around(lines, i - 2),
                around(lines, i - 1),
                around(lines, end),
                true);
        return Optional.of(run -> run.compare(block, steps));
    }
}
