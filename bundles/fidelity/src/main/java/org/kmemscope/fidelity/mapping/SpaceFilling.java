package org.kmemscope.fidelity.mapping;

import java.util.Arrays;
import java.util.List;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.vmalloc.Vmalloc;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.Experiment;
import org.kmemscope.fidelity.file.Text;

/**
 * A space that is filled with areas of a megabyte until nothing fits any more. What was kept back is free again, on the way from the first call
 * that finds no room. How much there is in all depends on areas of boot, which the kernel hides.
 */
final class SpaceFilling {
    private static final String FILE = "oracle-vmalloc.txt";
    private static final String POINTER = "ptr";
    private static final String AREA = "vmap_1M";
    private static final int MEGABYTE = 1 << 20;
    private static final int KIB = 1024;
    private static final int ROUNDS = 1024;
    private static final String CAPACITY =
            "how much fits into the space, and where the last area lies: depends on areas whose"
                    + " addresses the kernel hides";

    private final Subject subject;
    private final Findings findings;
    private final KnownSpace before;
    private final KnownSpace space;

    /**
     * @param before what is known to be free without the areas that fill the space
     */
    SpaceFilling(Subject subject, Findings findings, KnownSpace before) {
        this.subject = subject;
        this.findings = findings;
        this.before = before;
        space = before.copy();
    }

    void compare(List<Experiment> lines) {
        lines.stream()
                .filter(line -> line.name().equals(AREA) && line.has("n"))
                .forEach(line ->
                        space.handedOut(line.number(POINTER), line.number(POINTER) + MEGABYTE + Profile.PAGE_SIZE));
        Machine machine = space.boot(subject);
        machine.locked(() -> {
            int[] pages = new int[MEGABYTE / Profile.PAGE_SIZE];
            Arrays.fill(pages, machine.pages().allocPages(machine.gfp().parse("GFP_KERNEL"), 0));
            lines.forEach(line -> run(machine, pages, line));
            return null;
        });
    }

    private void run(Machine machine, int[] pages, Experiment line) {
        Vmalloc vmalloc = machine.vmalloc();
        String where = FILE + ":" + line.line();
        switch (line.name()) {
            case "vmap_largest" -> {
                findings.notModelled(1, CAPACITY);
                long bytes = machine.layout().vmallocEnd() - machine.layout().vmallocStart();
                findings.compare("size of the vmalloc space in kB", line.number("area_total_kb"), bytes / KIB, where);
            }
            case AREA -> area(line, vmalloc.vmap(pages, Protection.KERNEL), where);
            case "vmap_1M_count" -> findings.notModelled(2, CAPACITY);
            default -> {
                for (int i = 0; i < ROUNDS && vmalloc.vmap(pages, Protection.KERNEL) != 0; i++) {
                    // until there is no room left
                }
                findings.compare(
                        "vmalloc(4M) when the space is full",
                        line.get(POINTER),
                        Text.hex(vmalloc.vmalloc(4L * MEGABYTE)),
                        where);
            }
        }
    }

    private void area(Experiment line, long modelled, String where) {
        long captured = line.number(POINTER);
        if (captured == modelled && space.beginsAt(captured) && !before.has(captured)) {
            findings.notModelled(1, VmallocExperiments.HIDDEN);
        } else {
            findings.compare(
                    "vmap of 1 MiB, number " + line.get("n") + ": address",
                    Text.hex(captured),
                    Text.hex(modelled),
                    where);
        }
    }
}
