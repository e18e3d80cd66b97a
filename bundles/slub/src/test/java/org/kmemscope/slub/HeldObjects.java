package org.kmemscope.slub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;

/**
 * Objects of a cache that were held in a real kernel while its counters were read, and freed again. The record does not
 * tell on which CPU the module ran: it is wherever the counters come out as they did there.
 */
final class HeldObjects {
    private final List<Step> steps = new ArrayList<>();
    private final KmemCache cache;
    private int furthest;
    private List<String> difference = List.of();

    private HeldObjects(List<String> lines, KmemCache cache) {
        this.cache = cache;
        for (String line : lines) {
            if (line.startsWith("EXP")) {
                steps.add(new Step(line));
            } else if (line.contains(": ")) {
                steps.get(steps.size() - 1).counters.add(line.replace("after ", ""));
            }
        }
    }

    /** Fails if no choice of CPUs gives the recorded counters. */
    static void replay(List<String> lines, Machine machine, KmemCache cache) {
        HeldObjects record = new HeldObjects(lines, cache);
        assertThat(record.steps).hasSizeGreaterThan(3);
        assertThat(record.from(0, machine, List.of()))
                .as("step %d: %s", record.furthest, record.difference)
                .isTrue();
    }

    private boolean from(int step, Machine machine, List<Long> held) {
        if (step == steps.size()) {
            return machine.verify().problems().isEmpty();
        }
        for (int cpu = 0; cpu < machine.profile().cpus(); cpu++) {
            Machine copy = machine.fork("cpu" + cpu);
            TestMachines.onCpu(copy, cpu);
            List<Long> then = steps.get(step).take(copy.objects(), copy.gfp().of(Gfp.GFP_KERNEL), held);
            List<String> wrong = steps.get(step).differences(copy.objects());
            if (!wrong.isEmpty() && step >= furthest) {
                furthest = step;
                difference = wrong;
            }
            if (wrong.isEmpty() && from(step + 1, copy, then)) {
                return true;
            }
        }
        return false;
    }

    /** Objects are allocated until as many are held, or all are freed; then the counters are read. */
    private final class Step {
        private final boolean hold;
        private final int count;
        private final List<String> counters = new ArrayList<>();

        Step(String line) {
            hold = line.startsWith("EXP slab_hold");
            count = Integer.parseInt(VectorFile.fields(line).get("n"));
        }

        List<Long> take(ObjectAllocator objects, int gfp, List<Long> before) {
            List<Long> held = new ArrayList<>();
            if (hold) {
                held.addAll(before);
                while (held.size() < count) {
                    held.add(objects.allocObject(cache, gfp));
                }
            } else {
                before.forEach(object -> objects.freeObject(cache, object));
            }
            return held;
        }

        List<String> differences(ObjectAllocator objects) {
            Map<String, String> ours = OracleTest.attributes(objects, cache);
            List<String> wrong = new ArrayList<>();
            for (String counter : counters) {
                boolean row = counter.contains("tunables");
                String mine = row ? row(objects) : ours.get(counter.replaceAll(":.*", ""));
                String theirs = row
                        ? counter.trim().replaceAll("\\S+ +(\\d+) +(\\d+) .* (\\d+) +(\\d+) +\\d+", "$1 $2 $4")
                        : counter.replaceAll("^\\w+: *", "").trim();
                if (!theirs.equals(mine)) {
                    wrong.add(counter + " but was " + mine);
                }
            }
            return wrong;
        }

        private String row(ObjectAllocator objects) {
            return objects.caches().stream()
                    .filter(view -> view.name().equals(cache.name()))
                    .map(view -> view.activeObjects() + " " + view.objects() + " " + view.slabs())
                    .findFirst()
                    .orElseThrow();
        }
    }
}
