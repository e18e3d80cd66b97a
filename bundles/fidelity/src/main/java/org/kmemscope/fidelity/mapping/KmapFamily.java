package org.kmemscope.fidelity.mapping;

import java.util.List;
import org.kmemscope.fidelity.Family;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.Experiment;

/**
 * Windows onto high memory: which slot a kmap gets, that the search goes round and when slots are flushed, the addresses of kmap_atomic and
 * kmap_local in depth, what page_address() says before and after.
 */
public final class KmapFamily implements Family {
    private static final String EXPERIMENTS = "oracle-kmap.txt";

    @Override
    public String name() {
        return "kmap";
    }

    @Override
    public void compare(Subject subject, Findings findings) {
        List<Experiment> lines = Experiment.read(subject.lines(EXPERIMENTS).orElse(List.of()), "EXP");
        if (!lines.isEmpty()) {
            new KmapExperiments(subject.booted(), findings, EXPERIMENTS).compare(lines);
        }
    }
}
