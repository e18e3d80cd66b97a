package org.kmemscope.shell.command;

import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.shell.print.LogPrinter;

/** Reads the kernel logs of machines as a serial console does: each line once, when it is new. */
final class LogFollower {
    private final Map<Machine, Long> seen = new WeakHashMap<>();

    /** Takes what a machine has logged up to now for seen. */
    synchronized void skip(Machine machine) {
        seen.put(machine, machine.locked(() -> machine.log().written()));
    }

    /** Lines written since the last look, up to a level of importance; of those before the first look, warnings only. */
    synchronized List<String> news(Machine machine, int level) {
        return machine.locked(() -> {
            KernelLog log = machine.log();
            Long before = seen.put(machine, log.written());
            long old = before == null ? 0 : before;
            int least = before == null ? Math.min(level, KernelLog.WARNING) : level;
            List<KernelLog.Line> lines = log.lines();
            int fresh = (int) Math.min(log.written() - old, lines.size());
            return lines.subList(lines.size() - fresh, lines.size()).stream()
                    .filter(line -> line.level() <= least)
                    .map(LogPrinter::line)
                    .toList();
        });
    }
}
