package org.kmemscope.fidelity.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.CounterView;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.vmalloc.VmallocState;
import org.kmemscope.fidelity.Family;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.AreaLine;
import org.kmemscope.fidelity.file.Experiment;

/**
 * The vmalloc space: where areas come to lie and how far from each other, how large they are, from which zones their pages come; what
 * {@code /proc/meminfo} says of it.
 */
public final class VmallocFamily implements Family {
    private static final String EXPERIMENTS = "oracle-vmalloc.txt";
    private static final String MEMINFO = "proc-meminfo.txt";
    private static final String VMALLOCINFO = "proc-vmallocinfo.txt";
    private static final Pattern SUM = Pattern.compile("(Vmalloc(?:Total|Used|Chunk)):\\s+(\\d+) kB");

    @Override
    public String name() {
        return "vmalloc";
    }

    @Override
    public void compare(Subject subject, Findings findings) {
        meminfo(subject, findings);
        SemaphoreAreas semaphores = new SemaphoreAreas(subject, findings);
        if (semaphores.captured()) {
            semaphores.compare();
        }
        List<String> experiments = subject.lines(EXPERIMENTS).orElse(List.of());
        if (!Experiment.read(experiments, "EXP").isEmpty()) {
            try {
                new VmallocExperiments(subject, findings).compare(experiments);
            } catch (IllegalArgumentException e) {
                findings.notModelled(
                        Experiment.read(experiments, "EXP").size(),
                        EXPERIMENTS + ": no machine has this start state: " + e.getMessage());
            }
        }
    }

    private static void meminfo(Subject subject, Findings findings) {
        List<String> lines = subject.lines(MEMINFO).orElse(List.of());
        Map<String, String> captured = new TreeMap<>();
        Map<String, String> where = new TreeMap<>();
        for (int i = 0; i < lines.size(); i++) {
            Matcher sum = SUM.matcher(lines.get(i));
            if (sum.matches()) {
                captured.put(sum.group(1), sum.group(2));
                where.put(sum.group(1), MEMINFO + ":" + (i + 1));
            }
        }
        if (captured.isEmpty()) {
            return;
        }
        List<AreaLine> areas =
                AreaLine.read(VMALLOCINFO, subject.lines(VMALLOCINFO).orElse(List.of()));
        List<VmapAreaView> hidden = areas.isEmpty() ? hidden(subject) : List.of();
        Machine machine;
        if (areas.isEmpty()) {
            machine = hidden.isEmpty() ? subject.booted() : subject.cloned(new VmallocState(hidden, List.of()));
        } else {
            machine = subject.cloned(new BootAreas(areas).state(0, false, 0));
        }
        Map<String, Long> modelled =
                machine.views().meminfo().stream().collect(Collectors.toMap(CounterView::name, CounterView::value));
        captured.forEach((name, value) -> {
            if (areas.isEmpty() && hidden.isEmpty() && !name.equals("VmallocTotal")) {
                findings.notModelled(1, MEMINFO + ": " + name + ": the areas at that time are in no file");
            } else {
                findings.compare(name + " in kB", value, String.valueOf(modelled.get(name)), where.get(name));
            }
        });
    }

    /** Areas whose addresses the kernel hides, side by side: sums only depend on their sizes. */
    private static List<VmapAreaView> hidden(Subject subject) {
        if (subject.lines(VMALLOCINFO).isEmpty()) {
            return List.of();
        }
        long at = subject.booted().layout().vmallocStart();
        List<VmapAreaView> areas = new ArrayList<>();
        for (VmapAreaView area : subject.capture().views().vmapAreas()) {
            long end = at + area.end() - area.start();
            areas.add(new VmapAreaView(at, end, area.kind(), area.pages(), area.phys(), area.caller(), List.of()));
            at = end;
        }
        return areas;
    }
}
