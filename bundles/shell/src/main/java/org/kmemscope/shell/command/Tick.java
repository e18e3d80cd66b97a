package org.kmemscope.shell.command;

import org.kmemscope.api.machine.Machine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tick}. */
@Command(
        name = "tick",
        description = "Lets time pass: timers, devices and their interrupts.",
        footerHeading = "%nExample:%n",
        footer = "  tick 100")
final class Tick extends KmemCommand {
    private static final long AT_ONCE = 1000;

    @Parameters(paramLabel = "N", arity = "0..1", description = "How many ticks; 1 if nothing is said.")
    private long ticks = 1;

    @Override
    Object run(Call call) {
        if (ticks < 0) {
            throw new Failure(ticks + " ticks: time does not run backwards");
        }
        Machine machine = call.machine();
        for (long left = ticks; left > 0; left -= AT_ONCE) {
            call.checkInterrupt();
            machine.tick(Math.min(left, AT_ONCE));
        }
        call.line("jiffies = %d", machine.<Long>locked(() -> machine.clock().jiffies()));
        return NOTHING;
    }
}
