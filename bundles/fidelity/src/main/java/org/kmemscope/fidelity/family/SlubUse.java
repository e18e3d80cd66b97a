package org.kmemscope.fidelity.family;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.Experiment;
import org.kmemscope.fidelity.file.SlabRow;

/**
 * Slabs of a cache while its objects come and go: after how many objects a new slab is begun, and what {@code /sys/kernel/slab} counts while a
 * number of them is held. Which object of a slab comes next is shuffled by a random number of each boot, so addresses are not compared.
 */
final class SlubUse {
    private static final String ALLOCATED = "oracle-slab_alloc.txt";
    private static final String HELD = "slab_hold.txt";
    private static final Pattern SLAB = Pattern.compile("slab@(\\d+)=pfn:0x[0-9a-f]+,order:(\\d+),zone:(\\w+)");
    private static final Pattern COUNTER = Pattern.compile("(?:after )?(\\w+): (.*)");

    private final Machine machine;
    private final Kernel kernel;
    private final Findings findings;
    private final Map<String, KmemCache> caches = new TreeMap<>();

    SlubUse(Machine machine, Findings findings) {
        this.machine = machine;
        this.findings = findings;
        kernel = Subject.kernel(machine);
    }

    /** Makes the caches of the experiment that are never merged. */
    void create(List<Experiment> created) {
        for (Experiment line : created) {
            if (line.name().equals("kmem_cache_create") && line.get("name").endsWith("_rcu") && line.has("cache")) {
                caches.put(line.get("name"), kernel.kmemCacheCreate(SlubGeometry.spec(line)));
            }
        }
    }

    void compare(Subject subject) {
        allocated(subject.lines(ALLOCATED).orElse(List.of()));
        List<String> held = subject.lines(HELD).orElse(List.of());
        if (machine.profile().cpus() == 1) {
            held(held);
        } else if (!held.isEmpty()) {
            // each number of objects is a process of its own
            long facts = held.stream().filter(line -> !line.startsWith("EXP")).count();
            findings.notModelled(facts, HELD + ": on which CPU objects were taken and freed is not told");
        }
    }

    private void allocated(List<String> lines) {
        long shuffled = 0;
        for (Experiment line : Experiment.read(lines, "EXP")) {
            String name = line.get("name");
            if (!caches.containsKey(name)) {
                continue;
            }
            String where = ALLOCATED + ":" + line.line();
            long[] objects = new long[line.integer("n")];
            List<String> modelled = new ArrayList<>();
            long slab = -1;
            for (int i = 0; i < objects.length; i++) {
                objects[i] = kernel.kmemCacheAlloc(caches.get(name), Gfp.GFP_KERNEL);
                ObjectView view = machine.objects().objectAt(objects[i]).orElseThrow();
                if (view.slab() != slab) {
                    slab = view.slab();
                    modelled.add("slab@" + i + ",order:" + order(name) + ",zone:" + zone(slab));
                }
            }
            for (long object : objects) {
                kernel.kmemCacheFree(caches.get(name), object);
            }
            List<String> captured = new ArrayList<>();
            Matcher slabs = SLAB.matcher(line.text());
            while (slabs.find()) {
                captured.add("slab@" + slabs.group(1) + ",order:" + slabs.group(2) + ",zone:" + slabs.group(3));
            }
            findings.compare("cache " + name + ": slabs of " + objects.length + " objects", captured, modelled, where);
            shuffled++;
        }
        if (shuffled > 0) {
            findings.notModelled(shuffled, "the order of objects in a slab: a random number of that boot shuffles it");
        }
    }

    private int order(String name) {
        return Integer.parseInt(
                Caches.view(machine, name).orElseThrow().attributes().get("order"));
    }

    private String zone(long virt) {
        int pfn = machine.layout().virtToPfn(virt);
        return machine.pages().zoneType(machine.frames().zone(pfn)).label();
    }

    /** Counters while n objects are held, and when they are free again. */
    private void held(List<String> lines) {
        List<Long> held = new ArrayList<>();
        String name = "";
        for (int i = 0; i < lines.size(); i++) {
            String where = HELD + ":" + (i + 1);
            Matcher counter = COUNTER.matcher(lines.get(i));
            if (lines.get(i).startsWith("EXP slab_hold ")) {
                Experiment line = Experiment.of(lines.get(i), i + 1);
                name = line.get("name");
                for (int n = 0; n < line.integer("n") && caches.containsKey(name); n++) {
                    held.add(kernel.kmemCacheAlloc(caches.get(name), Gfp.GFP_KERNEL));
                }
            } else if (lines.get(i).startsWith("EXP slab_unhold ")) {
                for (long object : held) {
                    kernel.kmemCacheFree(caches.get(name), object);
                }
                held.clear();
            } else if (caches.containsKey(name) && counter.matches()) {
                Optional<String> modelled = Optional.ofNullable(
                        Caches.view(machine, name).orElseThrow().attributes().get(counter.group(1)));
                findings.compare(
                        "cache " + name + ": " + lines.get(i).split(":")[0],
                        counter.group(2).strip(),
                        modelled.orElse("not told"),
                        where);
            } else if (caches.containsKey(name)) {
                row(name, lines.get(i), where);
            }
        }
    }

    private void row(String name, String text, String where) {
        for (SlabRow row : SlabRow.read(HELD, List.of(text))) {
            SlabCacheView view = Caches.view(machine, name).orElseThrow();
            findings.compare("cache " + name + ": active objects", row.active(), view.activeObjects(), where);
            findings.compare("cache " + name + ": size", row.size(), view.objectSize(), where);
        }
    }
}
