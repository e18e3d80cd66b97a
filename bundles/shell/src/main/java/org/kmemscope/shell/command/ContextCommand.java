package org.kmemscope.shell.command;

import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machine.ContextRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code context}. */
@Command(
        name = "context",
        description = "Shows or sets where the next calls run, and so whether they may sleep.",
        footerHeading = "%nExample:%n",
        footer = {"  context hardirq", "  vmalloc 8k          # a BUG there", "  context process"})
final class ContextCommand extends ViewCommand<ContextCommand.ContextView> {
    @Parameters(
            paramLabel = "process|atomic|softirq|hardirq",
            arity = "0..1",
            description = "A task that may sleep, one that holds a spinlock, a softirq, or a hardware interrupt.")
    private ContextRequest.Kind kind;

    @Option(names = "--cpu", paramLabel = "N", description = "The CPU they run on.")
    private Integer cpu;

    /** Where calls run. */
    record ContextView(
            String kind, int cpu, boolean inInterrupt, boolean inAtomic, boolean irqsDisabled, int preemptCount) {}

    @Override
    Object run(Call call) {
        if (kind != null || cpu != null) {
            Machine machine = call.machine();
            ContextView now = view(call);
            machine.setContext(new ContextRequest(
                    cpu == null ? now.cpu() : cpu, kind == null ? ContextRequest.Kind.valueOf(now.kind()) : kind));
        }
        return super.run(call);
    }

    @Override
    ContextView view(Call call) {
        Machine machine = call.machine();
        return machine.locked(() -> {
            ExecutionContext context = machine.context();
            ContextRequest.Kind now = context.inHardirq()
                    ? ContextRequest.Kind.HARDIRQ
                    : context.inInterrupt()
                            ? ContextRequest.Kind.SOFTIRQ
                            : context.inAtomic() ? ContextRequest.Kind.ATOMIC : ContextRequest.Kind.PROCESS;
            return new ContextView(
                    now.name(),
                    context.cpu(),
                    context.inInterrupt(),
                    context.inAtomic(),
                    context.irqsDisabled(),
                    context.preemptCount());
        });
    }

    @Override
    String text(Call call, ContextView view) {
        return String.format(
                "%s on CPU %d: in_interrupt() %d, in_atomic() %d, irqs_disabled() %d, preempt_count 0x%08x; %s\n",
                view.kind().toLowerCase(java.util.Locale.ROOT),
                view.cpu(),
                view.inInterrupt() ? 1 : 0,
                view.inAtomic() ? 1 : 0,
                view.irqsDisabled() ? 1 : 0,
                view.preemptCount(),
                view.inAtomic() || view.irqsDisabled() ? "must not sleep" : "may sleep");
    }
}
