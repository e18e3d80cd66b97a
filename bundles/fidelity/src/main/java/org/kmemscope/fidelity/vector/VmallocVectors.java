package org.kmemscope.fidelity.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.kmemscope.api.capture.VmallocDump;
import org.kmemscope.api.vmalloc.VmallocState;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;

/**
 * Areas of the vmalloc space: vmalloc, vmap, vm_map_ram and ioremap. The machine takes over the areas at the start and the tree of free
 * ranges. Facts: the constants of the space, each operation, each line of a later list of areas or tree.
 *
 * <pre>
 *   A 0 ioremap size=76860 addr=f7740000 area=14000 phys=fe006000     area: with its guard page; 0 for vm_map_ram, which has none
 *   F 28 vfree addr=f092f000
 *   PURGE 149 vm_unmap_aliases
 * </pre>
 */
public final class VmallocVectors extends VectorFamily {
    private static final String FORM = "A 0 ioremap size=76860 addr=f7740000 area=14000 phys=fe006000";

    /** The family of {@code vec-vmalloc*}. */
    public VmallocVectors() {
        super("vmalloc vectors", "vec-vmalloc");
    }

    @Override
    void compare(Subject subject, String file, Findings findings) {
        VectorText text = VectorText.of(subject.capture(), file);
        Map<Integer, VmallocDump> dumps = subject.capture().vmallocDumps(file).stream()
                .collect(Collectors.toMap(dump -> dump.line() - 1, Function.identity()));
        Reader reader = new Reader(dumps);
        text.read(reader::line);
        VmallocState start = dumps.isEmpty()
                ? VmallocState.EMPTY
                : dumps.get(dumps.keySet().stream().min(Integer::compare).orElseThrow())
                        .state();
        new Replay(text, reader.steps, () -> new VmallocPlayer(subject.cloned(start), dumps, reader.mostPages))
                .run(findings);
    }

    /** Sorts the lines. */
    private static final class Reader {
        private final Map<Integer, VmallocDump> dumps;
        private final List<Step> steps = new ArrayList<>();
        private boolean started;
        private int mostPages;

        Reader(Map<Integer, VmallocDump> dumps) {
            this.dumps = dumps;
        }

        void line(Line line) {
            switch (line.word(0)) {
                case "VECTOR", "PRNG", "NOTE" -> {
                    // names it; made it; speaks to people
                }
                case "CONST" -> steps.add(Step.check(line, Constants.VMALLOC.count(line)));
                case "VMALLOCINFO", "VTREE" -> dump(line);
                case "A" -> {
                    started = true;
                    mostPages = Math.max(mostPages, VmallocPlayer.pages(line.decimal("size")));
                    steps.add(Step.operation(line));
                }
                case "F" -> {
                    started = true;
                    steps.add(Step.operation(line));
                }
                case "PURGE" -> steps.add(new Step(line, 0, false));
                default -> throw line.unlike(FORM);
            }
        }

        /** What stands before the first operation is where it starts from; a tree belongs to the list of areas before it. */
        private void dump(Line line) {
            VmallocDump dump = dumps.get(line.number());
            if (started && dump != null) {
                VmallocState state = dump.state();
                steps.add(
                        Step.check(line, state.areas().size() + state.freeTree().size()));
            }
        }
    }
}
