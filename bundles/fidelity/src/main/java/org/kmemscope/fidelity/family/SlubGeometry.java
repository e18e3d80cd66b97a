package org.kmemscope.fidelity.family;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.file.Experiment;
import org.kmemscope.fidelity.file.SlabRow;
import org.kmemscope.fidelity.file.SlabSysfsLine;

/**
 * Caches of SLUB. {@code /sys/kernel/slab} tells what each was created with, but for one thing: whether it has a constructor, which moves the
 * free pointer behind the object. Both are tried where it is not known.
 */
final class SlubGeometry {
    /** Facts in a line of the module that creates caches. */
    static final int FACTS = 13;

    private static final List<String> COMPARED =
            List.of("slab_size", "order", "objs_per_slab", "min_partial", "cpu_partial");
    /** Those that depend on the number of processors. */
    private static final List<String> ORDERED = List.of("order", "objs_per_slab");
    /** Names of the module to attributes of a cache. */
    private static final Map<String, String> CREATED = created();

    private static final Map<String, Set<SlabFlag>> VARIANTS = Map.of(
            "_hw", Set.of(SlabFlag.SLAB_HWCACHE_ALIGN),
            "_dma", Set.of(SlabFlag.SLAB_CACHE_DMA),
            "_rcu", Set.of(SlabFlag.SLAB_TYPESAFE_BY_RCU),
            "_pz", Set.of(SlabFlag.SLAB_POISON, SlabFlag.SLAB_RED_ZONE, SlabFlag.SLAB_STORE_USER));

    private static final String CPUS_NOT_TOLD =
            "order and objects of a slab: no boot log tells how many processors may be online";

    private final Machine machine;
    /** The same with as many processors as may be online, if that is not told. */
    private final Optional<Machine> withMostCpus;

    private final Findings findings;
    private final Map<String, Experiment> targets = new LinkedHashMap<>();

    SlubGeometry(Machine machine, Optional<Machine> withMostCpus, Findings findings) {
        this.machine = machine;
        this.withMostCpus = withMostCpus;
        this.findings = findings;
    }

    private static Map<String, String> created() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("object_size", "object_size");
        names.put("size", "slab_size");
        names.put("inuse", "inuse");
        names.put("align", "align");
        names.put("offset", "offset");
        names.put("order", "order");
        names.put("objs", "objs_per_slab");
        names.put("min_order", "min_order");
        names.put("min_objs", "min_objects");
        names.put("cpu_partial", "cpu_partial");
        names.put("cpu_partial_slabs", "cpu_partial_slabs");
        names.put("min_partial", "min_partial");
        return names;
    }

    void compare(List<SlabRow> rows, List<SlabSysfsLine> sysfs, List<Experiment> created, String file) {
        sysfs.forEach(this::line);
        if (sysfs.isEmpty()) {
            rows.forEach(this::row);
        }
        for (Experiment line : created) {
            if (line.name().equals("kmem_cache_create")) {
                created(line, file + ":" + line.line());
            }
        }
    }

    private void line(SlabSysfsLine line) {
        int flags = Caches.flags(line);
        int size = line.get("object_size");
        int align = line.get("align");
        Optional<SlabCacheView> view = Stream.of(ObjectConstructor.NONE, Caches.CONSTRUCTOR)
                .map(ctor -> Caches.trial(machine, size, align, flags, ctor))
                .flatMap(Optional::stream)
                .min(Comparator.comparingLong(some -> mismatches(line, some)));
        boolean dependsOnCpus = dependsOnCpus(size, align, flags);
        for (String attribute : COMPARED) {
            if (line.attributes().containsKey(attribute)) {
                if (dependsOnCpus && ORDERED.contains(attribute)) {
                    findings.notModelled(1, CPUS_NOT_TOLD);
                    continue;
                }
                findings.compare(
                        "cache " + line.name() + ": " + attribute,
                        Integer.toString(line.get(attribute)),
                        attribute(view, attribute),
                        line.where());
            }
        }
    }

    private boolean dependsOnCpus(String name) {
        return dependsOnCpus(other -> Caches.view(other, name));
    }

    private boolean dependsOnCpus(int size, int align, int flags) {
        return dependsOnCpus(other -> Caches.trial(other, size, align, flags, ObjectConstructor.NONE));
    }

    private boolean dependsOnCpus(Function<Machine, Optional<SlabCacheView>> cache) {
        return withMostCpus.isPresent()
                && !cache.apply(machine)
                        .map(SlabCacheView::objectsPerSlab)
                        .equals(cache.apply(withMostCpus.get()).map(SlabCacheView::objectsPerSlab));
    }

    private static long mismatches(SlabSysfsLine line, SlabCacheView view) {
        return COMPARED.stream()
                .filter(line.attributes()::containsKey)
                .filter(name -> !Integer.toString(line.get(name))
                        .equals(view.attributes().get(name)))
                .count();
    }

    private static String attribute(Optional<SlabCacheView> view, String name) {
        return view.map(some -> some.attributes().getOrDefault(name, "not told"))
                .orElse("no such cache");
    }

    /** Without sysfs, the size with its metadata is known, and nothing of flags. */
    private void row(SlabRow row) {
        Optional<SlabCacheView> known = Caches.view(machine, row.name());
        if (known.isPresent()) {
            findings.compare(
                    "cache " + row.name() + ": size", row.size(), known.get().objectSize(), row.where());
        }
        Optional<SlabCacheView> view =
                known.isPresent() ? known : Caches.trial(machine, row.size(), 0, 0, ObjectConstructor.NONE);
        if (known.isPresent() ? dependsOnCpus(row.name()) : dependsOnCpus(row.size(), 0, 0)) {
            findings.notModelled(ORDERED.size(), CPUS_NOT_TOLD);
            return;
        }
        String cache = "cache " + row.name();
        findings.compare(
                cache + ": objects in a slab",
                row.objects(),
                view.map(SlabCacheView::objectsPerSlab).orElse(0),
                row.where());
        findings.compare(
                cache + ": pages of a slab",
                row.pages(),
                view.map(SlabCacheView::pagesPerSlab).orElse(0),
                row.where());
    }

    /**
     * A cache that a module created. One that was merged into another has that one's numbers, with the larger of both sizes: it is made of
     * what the line says of it.
     */
    private void created(Experiment line, String where) {
        String name = line.get("name");
        if (!line.has("cache")) {
            findings.compare("cache " + name + ": created", false, plain(line).isPresent(), where);
            return;
        }
        targets.putIfAbsent(name, line);
        boolean merged = !line.get("cache").equals(name) || line.integer("refcount") > 1;
        Optional<SlabCacheView> view = merged ? printed(line) : plain(line);
        for (Map.Entry<String, String> entry : CREATED.entrySet()) {
            String key = entry.getKey();
            String field = line.has(key + Experiment.SECOND) ? key + Experiment.SECOND : key;
            findings.compare(
                    "cache " + name + ": " + entry.getValue(),
                    line.get(field),
                    attribute(view, entry.getValue()),
                    where);
        }
        findings.compare(
                "cache " + name + ": allocflags",
                line.integer("allocflags"),
                view.map(some -> machine.gfp().parse(masks(some))).orElse(-1),
                where);
    }

    private static String masks(SlabCacheView view) {
        String text = view.attributes().getOrDefault("allocflags", "none");
        return text.equals("none") ? "0" : text;
    }

    /** What the module asked for; the end of the name says which flags. */
    static CacheSpec spec(Experiment line) {
        String name = line.get("name");
        int flags = VARIANTS.entrySet().stream()
                .filter(variant -> name.endsWith(variant.getKey()))
                .mapToInt(variant -> Caches.bits(variant.getValue()))
                .findFirst()
                .orElse(0);
        return new CacheSpec(name, line.integer("size"), line.integer("align"), flags, ObjectConstructor.NONE);
    }

    private Optional<SlabCacheView> plain(Experiment line) {
        CacheSpec spec = spec(line);
        return Caches.trial(machine, spec.size(), spec.align(), spec.flags(), ObjectConstructor.NONE);
    }

    /**
     * The cache that another was merged into. Its free pointer lies where it lay before: in the middle of its first object size, which the
     * line does not tell if that cache is not one of the module's. Sizes that make slabs alike are tried then.
     */
    private Optional<SlabCacheView> printed(Experiment line) {
        int flags = line.get("name").endsWith("_dma") ? SlabFlag.SLAB_CACHE_DMA.bit() : 0;
        int size = line.integer("object_size");
        int align = line.integer("align" + Experiment.SECOND);
        Optional<SlabCacheView> merged = Caches.trial(machine, size, align, flags, ObjectConstructor.NONE);
        return merged.map(view -> withOffset(view, line, align, flags));
    }

    private SlabCacheView withOffset(SlabCacheView merged, Experiment line, int align, int flags) {
        Map<String, String> attributes = new LinkedHashMap<>(merged.attributes());
        Experiment first = targets.get(line.get("cache"));
        Optional<String> offset = first != null
                ? plain(first).map(view -> view.attributes().get("offset"))
                : smaller(merged, line, align, flags)
                        .map(view -> view.attributes().get("offset"))
                        .filter(line.get("offset")::equals)
                        .findFirst();
        offset.ifPresent(value -> attributes.put("offset", value));
        return Caches.with(merged, attributes);
    }

    /** Caches of smaller objects with the same slabs. */
    private Stream<SlabCacheView> smaller(SlabCacheView merged, Experiment line, int align, int flags) {
        return IntStream.iterate(line.integer("object_size"), size -> size > 0, size -> size - 1)
                .mapToObj(size -> Caches.trial(machine, size, align, flags, ObjectConstructor.NONE))
                .flatMap(Optional::stream)
                .takeWhile(view -> view.objectSize() == merged.objectSize());
    }
}
