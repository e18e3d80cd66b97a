package org.kmemscope.fidelity.family;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.fidelity.Family;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.Experiment;
import org.kmemscope.fidelity.file.SlabRow;
import org.kmemscope.fidelity.file.SlabSysfsLine;

/** How every cache lays its objects into slabs, given what it was created with as far as the capture tells. */
public final class SlabGeometryFamily implements Family {
    private static final String SYSFS = "sys-kernel-slab.txt";
    private static final String SLABINFO = "proc-slabinfo.txt";
    private static final String CREATED_SYSFS = "oracle-sys-kernel-slab.txt";
    private static final String CREATED = "oracle-slab_create.txt";
    private static final String BOOT_LOG = "dmesg-boot.txt";
    private static final Pattern POSSIBLE = Pattern.compile(".*\\b(?:nr_cpu_ids:|SLUB:.*\\bCPUs=)\\d.*");
    private static final String UNMERGED = "slab_nomerge slub_nomerge";
    private static final int FACTS_OF_A_ROW = 3;
    private static final int FACTS_OF_A_LINE = 5;

    @Override
    public String name() {
        return "slab geometry";
    }

    @Override
    public void compare(Subject subject, Findings findings) {
        List<SlabRow> rows = SlabRow.read(SLABINFO, lines(subject, SLABINFO));
        List<SlabSysfsLine> sysfs = Stream.of(SYSFS, CREATED_SYSFS)
                .flatMap(file -> SlabSysfsLine.read(file, lines(subject, file)).stream())
                .filter(line -> line.link().isEmpty())
                .toList();
        List<Experiment> created = Experiment.read(lines(subject, CREATED), "EXP");
        if (rows.isEmpty() && sysfs.isEmpty() && created.isEmpty()) {
            return;
        }
        // so that each cache is looked at by itself
        Machine machine = subject.booted(UNMERGED);
        Optional<String> missing = Caches.missing(machine);
        if (missing.isPresent()) {
            long facts = (long) FACTS_OF_A_LINE * sysfs.size()
                    + (sysfs.isEmpty() ? (long) FACTS_OF_A_ROW * rows.size() : 0)
                    + (long) SlubGeometry.FACTS * created.size();
            findings.notModelled(facts, missing.get());
        } else if (machine.profile().kernel().config().is("SLUB")) {
            new SlubGeometry(machine, withMostCpus(subject, machine), findings).compare(rows, sysfs, created, CREATED);
            SlubUse use = new SlubUse(machine, findings);
            use.create(created);
            use.compare(subject);
        } else {
            new SlabGeometry(machine, findings).compare(rows);
        }
    }

    /**
     * SLUB chooses orders by the number of processors that may be online. Where no boot log tells it, it is that of the machine or any
     * number up to what the kernel was built for.
     */
    private static Optional<Machine> withMostCpus(Subject subject, Machine machine) {
        KernelConfig config = machine.profile().kernel().config();
        int most = config.is("SMP") ? config.integer("NR_CPUS", 1) : 1;
        boolean told = lines(subject, BOOT_LOG).stream()
                .anyMatch(line -> POSSIBLE.matcher(line).matches());
        return told || most <= machine.profile().possibleCpus()
                ? Optional.empty()
                : Optional.of(subject.booted(UNMERGED, most));
    }

    private static List<String> lines(Subject subject, String file) {
        return subject.lines(file).orElse(List.of());
    }
}
