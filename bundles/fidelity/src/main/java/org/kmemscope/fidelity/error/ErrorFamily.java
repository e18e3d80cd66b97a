package org.kmemscope.fidelity.error;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.error.KernelException;
import org.kmemscope.api.ground.DeviceSpec;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.vmalloc.VmallocState;
import org.kmemscope.fidelity.Family;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;

/**
 * What fails, and with which words: the mistakes that a module made in the kernel, made again in the model, one after the other as there
 * ({@code oracle-err-NAME.txt}, {@code dmesg-err-NAME.txt}). Facts: each number that the module printed, and each line of the log but for what
 * {@link Words} leaves out.
 */
public final class ErrorFamily implements Family {
    private static final String PRINTED = "oracle-err-";
    private static final String LOGGED = "dmesg-err-";
    /** Memory is taken until the OOM killer takes the task: what counts is the report. */
    private static final String OUT_OF_MEMORY = PRINTED + "oom";

    private static final String END = ".txt";
    private static final Pattern FIELD = Pattern.compile("(\\w+)=(\\S+)");
    private static final String SILENT =
            "the capture has no log of it: it was silent, or its words had been said before, or were held back";
    private static final String DOMAIN_FAULT = "Unhandled fault: page domain fault";
    private static final String DEATH = "kernel BUG at ";
    private static final long ALL_REACHED = 0xffffffffL;
    /** Ticks of more than the ten seconds for which reports are held back, at the quickest clock there is. */
    private static final long PAUSE = 11_000;

    private static final Map<String, String> NOT_MADE = reasons();

    private static Map<String, String> reasons() {
        Map<String, String> reasons = new LinkedHashMap<>();
        reasons.put("sched_atomic", "there is no scheduler that complains");
        reasons.put("kmalloc_sleep_in_atomic", "the kernel does not notice, as it is configured");
        reasons.put(
                "free_wrong_order",
                "what lies behind the page is the page that an earlier mistake has damaged, by chance");
        reasons.put(
                "kfree_garbage", "the struct page of the address lies where boot has put something else, or nothing");
        reasons.put("vmalloc_in_irq", "it ends in a panic");
        reasons.put("slab_panic_flag_absent", "it is about the alignment of a cache, and no error");
        return reasons;
    }

    @Override
    public String name() {
        return "errors";
    }

    @Override
    public void compare(Subject subject, Findings findings) {
        List<String> names = subject.capture().files().stream()
                .filter(file -> file.startsWith(PRINTED) && file.endsWith(END) && !file.startsWith(OUT_OF_MEMORY))
                .map(file -> file.substring(PRINTED.length(), file.length() - END.length()))
                .toList();
        if (!names.isEmpty()) {
            Map<String, Consumer<Stage>> mistakes = Mistakes.all();
            Machine machine = machine(subject);
            mistakes.forEach((name, mistake) -> {
                if (names.contains(name) && !NOT_MADE.containsKey(name)) {
                    make(name, mistake, machine, subject, findings);
                }
            });
            names.stream()
                    .filter(name -> NOT_MADE.containsKey(name) || !mistakes.containsKey(name))
                    .forEach(name -> notMade(name, subject, findings));
        }
        new ReportFacts(subject, findings).compare(mistakes(names));
    }

    /** Logs of mistakes are compared with what the model says when it makes them. */
    private static List<String> mistakes(List<String> names) {
        return names.stream().map(name -> LOGGED + name + END).toList();
    }

    private static void notMade(String name, Subject subject, Findings findings) {
        long facts = 1
                + Words.of(subject.lines(LOGGED + name + END).orElse(List.of())).size();
        findings.notModelled(facts, name + ": " + NOT_MADE.getOrDefault(name, "a mistake that is not known here"));
    }

    /** The machine has the device that the module registers, and one without a mask. */
    private static Machine machine(Subject subject) {
        MachineSeed seed = subject.seed();
        Profile profile = seed.profile()
                .withDevice(new DeviceSpec(Mistakes.DEVICE, "bus-master", ALL_REACHED, ALL_REACHED, 0, 0, 0))
                .withDevice(new DeviceSpec(Mistakes.MASKLESS, "bus-master", ALL_REACHED, 0, 0, 0, 0));
        return subject.cloned(new MachineSeed(
                profile, seed.pages(), seed.exactLists(), List.of(), Optional.empty(), VmallocState.EMPTY, List.of()));
    }

    private static void make(
            String name, Consumer<Stage> mistake, Machine machine, Subject subject, Findings findings) {
        machine.tick(PAUSE);
        Stage stage = new Stage(machine, Caller.of(1, "init", "cmd_err"));
        int before = machine.views().dmesg().size();
        boolean died = false;
        try {
            mistake.accept(stage);
        } catch (KernelException dies) {
            died = true;
        }
        List<String> logged = machine.views().dmesg().stream()
                .skip(before)
                .map(KernelLog.Line::text)
                .toList();
        printed(name, stage.printed(), subject, findings);
        String file = LOGGED + name + END;
        List<String> modelled = Words.of(logged);
        if (subject.lines(file).isEmpty() && !modelled.isEmpty()) {
            findings.notModelled(1, name + ": " + SILENT);
            return;
        }
        List<String> all = Words.of(subject.lines(file).orElse(List.of()));
        if (all.stream().anyMatch(line -> line.startsWith(DOMAIN_FAULT))) {
            findings.notModelled(
                    all.size(), name + ": the kernel closes the domain of user addresses while it does not need them");
            return;
        }
        List<String> captured = died ? untilDeath(all) : all;
        Sequences.compare(name, captured, modelled, file, findings);
    }

    /** What a task leaves behind when it dies is not about its mistake any more. */
    private static List<String> untilDeath(List<String> words) {
        int end = 0;
        while (end < words.size() && !words.get(end).startsWith(DEATH)) {
            end++;
        }
        return words.subList(0, Math.min(words.size(), end + 1));
    }

    /** The fields that both print, line by line. */
    private static void printed(String name, List<String> modelled, Subject subject, Findings findings) {
        String file = PRINTED + name + END;
        List<String> captured = new ArrayList<>(subject.lines(file).orElse(List.of()));
        captured.removeIf(line -> line.startsWith("ERR "));
        for (int i = 0; i < captured.size() && i < modelled.size(); i++) {
            Map<String, String> theirs = fields(captured.get(i));
            Map<String, String> mine = fields(modelled.get(i));
            for (Map.Entry<String, String> field : mine.entrySet()) {
                if (theirs.containsKey(field.getKey())) {
                    findings.compare(
                            name + ": " + field.getKey(),
                            theirs.get(field.getKey()),
                            field.getValue(),
                            file + ":" + (i + 2));
                }
            }
        }
    }

    private static Map<String, String> fields(String line) {
        Map<String, String> fields = new LinkedHashMap<>();
        Matcher field = FIELD.matcher(line);
        while (field.find()) {
            fields.putIfAbsent(field.group(1), Words.value(field.group(2)));
        }
        return fields;
    }
}
