package org.kmemscope.fidelity.error;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.AllocFailure.ZoneVerdict;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.Experiment;
import org.kmemscope.fidelity.page.Replica;

/**
 * Memory reports in kernel logs. The model gets the free blocks that a report tells. A request for pages that failed there is made again and
 * must fail with the same report; for an OOM killer, or another request that failed, the model must see no zone that could serve it, and show
 * memory in the same words.
 */
final class ReportFacts {
    private static final String ZONES = "oracle-zones.txt";

    private final Subject subject;
    private final Findings findings;

    ReportFacts(Subject subject, Findings findings) {
        this.subject = subject;
        this.findings = findings;
    }

    /**
     * Compares the reports of all logs.
     *
     * @param done names of logs that were compared otherwise
     */
    void compare(List<String> done) {
        for (String file : subject.capture().files()) {
            if (!MemoryReport.isLog(file) || done.contains(file)) {
                continue;
            }
            for (MemoryReport report : MemoryReport.read(subject.lines(file).orElse(List.of()))) {
                compare(report, replica(), file);
            }
        }
    }

    private void compare(MemoryReport report, Replica replica, String file) {
        Machine machine = replica.machine();
        String what = report.title();
        boolean follows = machine.locked(() -> replica.follow(report.blocks(), "", Optional.empty()));
        if (!follows) {
            findings.notModelled(report.lines().size(), what + ": the model's zones have no room for these blocks");
            return;
        }
        int before = machine.views().dmesg().size();
        if (report.failedPages()) {
            machine.kernel(Caller.of(1, report.comm(), "cmd_err")).allocPages(report.mask(), report.order());
        } else {
            machine.locked(() -> {
                if (report.forPages()) {
                    explain(report, machine, what, file);
                }
                machine.pages().showMem(report.mask());
                return null;
            });
        }
        List<String> logged = machine.views().dmesg().stream()
                .skip(before)
                .map(KernelLog.Line::text)
                .toList();
        boolean guessed = !machine.profile().kernel().version().isAtLeast(4, 0);
        Sequences.compare(what, words(report.lines(), guessed), words(logged, guessed), file, findings);
    }

    /**
     * Words with free blocks.
     *
     * @param guessed whether the kernel counts reserved frames one by one, so that it depends on where a clone has put them
     */
    private static List<String> words(List<String> lines, boolean guessed) {
        return Words.of(lines, true).stream()
                .map(line -> guessed ? line.replaceAll("^\\d+ (pages reserved|reserved pages)", "N $1") : line)
                .toList();
    }

    private void explain(MemoryReport report, Machine machine, String what, String file) {
        List<String> fitting = machine.pages().explain(report.mask(), report.order()).zones().stream()
                .filter(ZoneVerdict::fits)
                .map(ZoneVerdict::zone)
                .toList();
        findings.compare(what + ": zones that could serve it", List.of(), fitting, file + ":" + report.line());
    }

    /** The reserves that a module read last, if one did: the kernel computes them anew when init's memory is freed and later. */
    private Replica replica() {
        Replica replica = new Replica(subject.cloned());
        Map<String, long[]> reserves = new LinkedHashMap<>();
        for (Experiment zone : Experiment.read(subject.lines(ZONES).orElse(List.of()), "ZONE")) {
            if (zone.has("name") && zone.has("protection")) {
                reserves.put(
                        zone.get("name"),
                        Arrays.stream(zone.get("protection").split(","))
                                .mapToLong(Long::parseLong)
                                .toArray());
            }
        }
        replica.setReserves(reserves);
        return replica;
    }
}
