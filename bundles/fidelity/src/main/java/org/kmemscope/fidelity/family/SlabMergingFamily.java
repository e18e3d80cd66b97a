package org.kmemscope.fidelity.family;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.fidelity.Family;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.Experiment;
import org.kmemscope.fidelity.file.SlabRow;
import org.kmemscope.fidelity.file.SlabSysfsLine;

/**
 * Which caches SLUB merges. The caches of the captured kernel are created one after the other, oldest first, as slabinfo lists them; each must
 * get slabs of its own and, if others share them, the name that {@code /sys/kernel/slab} has for such. Then its aliases, which must be merged
 * into it; then the caches that a module created, in its order.
 *
 * <p>A cache whose directory bears its own name is one that may not be merged; what forbids it (a constructor, say) is not always told, so it
 * gets a constructor.
 */
public final class SlabMergingFamily implements Family {
    private static final String SYSFS = "sys-kernel-slab.txt";
    private static final String SLABINFO = "proc-slabinfo.txt";
    private static final String CREATED = "oracle-slab_create.txt";
    private static final int FACTS_OF_A_CREATION = 2;

    @Override
    public String name() {
        return "slab merging";
    }

    @Override
    public void compare(Subject subject, Findings findings) {
        List<SlabSysfsLine> sysfs =
                SlabSysfsLine.read(SYSFS, subject.lines(SYSFS).orElse(List.of()));
        List<Experiment> created = Experiment.read(subject.lines(CREATED).orElse(List.of()), "EXP");
        if (sysfs.isEmpty()) {
            return;
        }
        Machine machine = subject.booted();
        Optional<String> missing = Caches.missing(machine);
        if (missing.isPresent()) {
            findings.notModelled(sysfs.size() + (long) FACTS_OF_A_CREATION * created.size(), missing.get());
            return;
        }
        List<SlabRow> rows =
                new ArrayList<>(SlabRow.read(SLABINFO, subject.lines(SLABINFO).orElse(List.of())));
        Collections.reverse(rows);
        Merging merging = new Merging(machine, sysfs, findings);
        Set<String> roots = merging.roots(rows);
        merging.aliases(roots);
        for (Experiment line : created) {
            if (line.name().equals("kmem_cache_create") && line.has("cache")) {
                merging.created(line);
            }
        }
    }

    /** Caches made in a machine beside those of the capture. */
    private static final class Merging {
        private final Machine machine;
        private final Findings findings;
        private final List<SlabSysfsLine> sysfs;
        private final Map<String, SlabSysfsLine> byName = new LinkedHashMap<>();

        Merging(Machine machine, List<SlabSysfsLine> sysfs, Findings findings) {
            this.machine = machine;
            this.sysfs = sysfs;
            this.findings = findings;
            sysfs.forEach(line -> byName.put(line.name(), line));
        }

        private String merged(SlabSysfsLine line, String name, boolean mergeable) {
            return merged(new CacheSpec(
                    name,
                    line.get("object_size"),
                    line.get("align"),
                    Caches.flags(line),
                    mergeable ? ObjectConstructor.NONE : Caches.CONSTRUCTOR));
        }

        /** Creates a cache; the name of the one whose slabs it uses. */
        private String merged(CacheSpec spec) {
            machine.objects().createCache(spec);
            return Caches.view(machine, spec.name()).map(SlabCacheView::name).orElse("none");
        }

        /** Makes the caches that have slabs of their own; their names. */
        Set<String> roots(List<SlabRow> oldestFirst) {
            Set<String> roots = new HashSet<>();
            for (SlabRow row : oldestFirst) {
                SlabSysfsLine line = byName.get(row.name());
                if (line == null) {
                    continue;
                }
                roots.add(row.name());
                boolean shared = !line.link().isEmpty();
                if (Caches.view(machine, row.name()).isEmpty()) {
                    String own = merged(line, row.name(), shared);
                    findings.compare("cache " + row.name() + ": slabs of", row.name(), own, line.where());
                }
                String directory = shared ? line.link() : line.name();
                findings.compare("cache " + row.name() + ": directory", directory, directory(row.name()), line.where());
            }
            return roots;
        }

        private String directory(String cache) {
            return Caches.view(machine, cache)
                    .map(view -> view.attributes().getOrDefault("id", "not told"))
                    .orElse("no such cache");
        }

        /** Makes the other names; each must come to the cache whose directory it leads to. */
        void aliases(Set<String> roots) {
            Map<String, String> ofDirectory = new LinkedHashMap<>();
            for (String root : roots) {
                SlabSysfsLine line = byName.get(root);
                ofDirectory.put(line.link().isEmpty() ? line.name() : line.link(), root);
            }
            for (SlabSysfsLine line : sysfs) {
                if (!line.link().isEmpty() && !roots.contains(line.name()) && ofDirectory.containsKey(line.link())) {
                    String target = merged(line, line.name(), true);
                    findings.compare(
                            "cache " + line.name() + ": merged into",
                            ofDirectory.get(line.link()),
                            target,
                            line.where());
                }
            }
        }

        void created(Experiment line) {
            String where = CREATED + ":" + line.line();
            CacheSpec spec = SlubGeometry.spec(line);
            String cache = "cache " + spec.name();
            String target = merged(spec);
            findings.compare(cache + ": merged into", line.get("cache"), target, where);
            Optional<Integer> users = Caches.view(machine, target)
                    .map(view -> 1 + Integer.parseInt(view.attributes().getOrDefault("aliases", "0")));
            findings.compare(cache + ": users of its slabs", line.integer("refcount"), users.orElse(0), where);
        }
    }
}
