package org.kmemscope.fidelity.family;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.fidelity.Family;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.Experiment;
import org.kmemscope.fidelity.file.SlabRow;

/**
 * Where kmalloc puts what: the cache, the usable size and the order of the slab for each size and mask, its limits, and which general cache
 * grew when a hundred messages of a size were held. Addresses depend on what other code has allocated, so of two pointers only is compared
 * whether they are one.
 */
public final class KmallocFamily implements Family {
    private static final String EXPERIMENTS = "oracle-kmalloc.txt";
    private static final String CONSTANTS = "oracle-const.txt";
    private static final String SLABINFO = "proc-slabinfo.txt";
    private static final Pattern HELD = Pattern.compile("kslab-(\\d+)-1held100-slabinfo\\.txt");
    private static final Pattern GENERAL = Pattern.compile("(?:size|kmalloc)-(\\d+)(k?)");
    private static final int KIB = 1024;
    private static final Pattern CONSTANT = Pattern.compile("CONST ((?:ARCH_)?(?:KMALLOC|SLAB)_[A-Z_]+)=(\\d+)");
    /** Objects that a hundred messages add to a cache at least, as objects in the array of a CPU count as used before, too. */
    private static final long GROWN = 30;

    @Override
    public String name() {
        return "kmalloc";
    }

    @Override
    public void compare(Subject subject, Findings findings) {
        List<String> experiments = subject.lines(EXPERIMENTS).orElse(List.of());
        List<Integer> held = held(subject);
        List<String> constants = subject.lines(CONSTANTS).orElse(List.of()).stream()
                .filter(line -> CONSTANT.matcher(line).matches())
                .toList();
        if (experiments.isEmpty() && held.isEmpty() && constants.isEmpty()) {
            return;
        }
        Machine machine = subject.booted();
        Optional<String> missing = Caches.missing(machine);
        if (missing.isPresent()) {
            long facts = Experiment.read(experiments, "EXP").stream()
                    .mapToLong(KmallocExperiments::facts)
                    .sum();
            findings.notModelled(facts + held.size() + constants.size(), missing.get());
            return;
        }
        new KmallocExperiments(machine, findings, EXPERIMENTS).compare(experiments);
        if (!constants.isEmpty()) {
            constants(machine, subject.lines(CONSTANTS).orElse(List.of()), findings);
        }
        for (int size : held) {
            messages(subject, machine, size, findings);
        }
    }

    /** Makes the experiments with kmalloc again in a machine, for what they leave behind. */
    public static void repeat(Machine machine, Subject subject) {
        if (Caches.missing(machine).isEmpty()) {
            new KmallocExperiments(machine, EXPERIMENTS)
                    .compare(subject.lines(EXPERIMENTS).orElse(List.of()));
        }
    }

    private static List<Integer> held(Subject subject) {
        List<Integer> sizes = new ArrayList<>();
        for (String file : subject.capture().files()) {
            Matcher name = HELD.matcher(file);
            if (name.matches()) {
                sizes.add(Integer.parseInt(name.group(1)));
            }
        }
        return sizes;
    }

    /** The smallest general cache for the size that has grown since boot must be the one that kmalloc takes. */
    private static void messages(Subject subject, Machine machine, int size, Findings findings) {
        String file = "kslab-" + size + "-1held100-slabinfo.txt";
        Map<String, Long> before = SlabRow.read(
                        SLABINFO, subject.lines(SLABINFO).orElse(List.of()))
                .stream()
                .collect(Collectors.toMap(SlabRow::name, SlabRow::active, (one, other) -> one, TreeMap::new));
        Optional<SlabRow> grown = SlabRow.read(file, subject.lines(file).orElse(List.of())).stream()
                .filter(row -> generalSize(row.name()) >= size)
                .filter(row -> row.active() - before.getOrDefault(row.name(), 0L) >= GROWN)
                .min(Comparator.comparingInt(row -> generalSize(row.name())));
        if (grown.isEmpty()) {
            findings.notModelled(1, file + ": no cache has grown by a hundred objects");
            return;
        }
        String cache = new KmallocProbe(machine).cacheOf(size);
        findings.compare(
                "kmalloc(" + size + "): cache",
                grown.get().name(),
                cache,
                grown.get().where());
    }

    /** The size that a general cache is named after, or 0. */
    private static int generalSize(String name) {
        Matcher general = GENERAL.matcher(name);
        return general.matches()
                ? Integer.parseInt(general.group(1)) * (general.group(2).isEmpty() ? 1 : KIB)
                : 0;
    }

    private static void constants(Machine machine, List<String> lines, Findings findings) {
        Map<String, Long> modelled = new KmallocProbe(machine).constants();
        for (int i = 0; i < lines.size(); i++) {
            Matcher constant = CONSTANT.matcher(lines.get(i));
            if (constant.matches() && modelled.containsKey(constant.group(1))) {
                findings.compare(
                        constant.group(1),
                        Long.parseLong(constant.group(2)),
                        modelled.get(constant.group(1)),
                        CONSTANTS + ":" + (i + 1));
            }
        }
    }
}
