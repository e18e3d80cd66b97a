package org.kmemscope.fidelity.mapping;

import java.util.List;
import org.kmemscope.fidelity.Family;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.Experiment;

/**
 * DMA: which masks a device may set, from which zone coherent memory comes and where the CPU and the device see it, which buffers can be
 * mapped for a device and which cannot.
 */
public final class DmaFamily implements Family {
    private static final String EXPERIMENTS = "oracle-dma.txt";

    @Override
    public String name() {
        return "dma";
    }

    @Override
    public void compare(Subject subject, Findings findings) {
        List<Experiment> lines = Experiment.read(subject.lines(EXPERIMENTS).orElse(List.of()), "EXP");
        if (!lines.isEmpty()) {
            try {
                new DmaExperiments(subject, findings, EXPERIMENTS).compare(lines);
            } catch (IllegalArgumentException e) {
                findings.notModelled(
                        lines.size(), EXPERIMENTS + ": no machine has this start state: " + e.getMessage());
            }
        }
    }
}
