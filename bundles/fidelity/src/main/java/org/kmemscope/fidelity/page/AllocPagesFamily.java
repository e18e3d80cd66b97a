package org.kmemscope.fidelity.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.fidelity.Family;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.family.KmallocFamily;
import org.kmemscope.fidelity.file.Experiment;
import org.kmemscope.fidelity.file.InFile;
import org.kmemscope.fidelity.file.Text;

/**
 * {@code alloc_pages()} by mask and order: {@code oracle-pages.txt}, where per-CPU lists are emptied before and after each request, and {@code
 * hold.txt}, where blocks are held while {@code /proc/buddyinfo} is read.
 */
public final class AllocPagesFamily implements Family {
    private static final String PAGES = "oracle-pages.txt";
    private static final String CONSTANTS = "oracle-const.txt";
    private static final String MEM_MAP = "CONST mem_map=";
    private static final String HOLD = "hold.txt";
    private static final String BEFORE = "# before";
    private static final String AFTER = "# after";
    private static final String RELEASED = "# released";

    @Override
    public String name() {
        return "alloc_pages";
    }

    @Override
    public void compare(Subject subject, Findings findings) {
        List<PageExperiment> pages = InFile.read(subject, PAGES, AllocPagesFamily::pages);
        List<PageExperiment> holds = InFile.read(subject, HOLD, AllocPagesFamily::holds);
        if (pages.isEmpty() && holds.isEmpty()) {
            return;
        }
        Machine machine = subject.cloned();
        // the module made these before; what they leave behind in the zones is part of the start
        KmallocFamily.repeat(machine, subject);
        AllocPagesRun run = new AllocPagesRun(new Replica(machine), memMap(subject), findings);
        pages.forEach(experiment -> run.compare(experiment, PAGES));
        holds.forEach(experiment -> run.compare(experiment, HOLD));
        run.finish();
    }

    /** Boot allocates {@code mem_map} where there is room. */
    private static Optional<Long> memMap(Subject subject) {
        return subject.lines(CONSTANTS).orElse(List.of()).stream()
                .filter(line -> line.startsWith(MEM_MAP))
                .map(line -> Text.number(line.substring(MEM_MAP.length()).strip()))
                .findFirst();
    }

    /** Before, request, after, freed. */
    private static List<PageExperiment> pages(List<String> lines) {
        List<PageExperiment> found = new ArrayList<>();
        for (int i = 1; i + 2 < lines.size(); i++) {
            if (lines.get(i).startsWith("EXP alloc_pages ") && FreeBlocks.is(lines.get(i - 1))) {
                found.add(new PageExperiment(
                        Experiment.of(lines.get(i), i + 1),
                        FreeBlocks.of(lines.get(i - 1), i),
                        FreeBlocks.of(lines.get(i + 1), i + 2),
                        FreeBlocks.of(lines.get(i + 2), i + 3),
                        true));
            }
        }
        return found;
    }

    private static List<PageExperiment> holds(List<String> lines) {
        List<PageExperiment> found = new ArrayList<>();
        Optional<FreeBlocks> before = Optional.empty();
        Optional<Experiment> hold = Optional.empty();
        Optional<FreeBlocks> after = Optional.empty();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.startsWith(BEFORE)) {
                before = Optional.of(FreeBlocks.ofBuddyinfo(lines, i + 1));
            } else if (line.startsWith("EXP hold ")) {
                hold = Optional.of(Experiment.of(line, i + 1));
            } else if (line.startsWith(AFTER)) {
                after = Optional.of(FreeBlocks.ofBuddyinfo(lines, i + 1));
            } else if (line.startsWith(RELEASED) && before.isPresent() && hold.isPresent() && after.isPresent()) {
                found.add(new PageExperiment(
                        hold.get(), before.get(), after.get(), FreeBlocks.ofBuddyinfo(lines, i + 1), false));
                hold = Optional.empty();
            }
        }
        return found;
    }
}
