package org.kmemscope.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.kmemscope.api.ground.Interrupts;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.kernel.InterruptHandler;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;

/**
 * Interrupt lines and their handlers. A line asserted while interrupts are off stays pending. A line that nobody has requested is
 * masked, as it is until {@code request_irq()}: what comes in on it is lost.
 */
final class InterruptLines implements Interrupts, Stateful {
    static final int LINES = 256;
    private static final int EINVAL = -22;
    private static final int EBUSY = -16;

    private final Function<Caller, MachineKernel> kernels;
    private final MachineContext context;
    private final KernelLog log;
    private final Tracepoints trace;
    private final List<Action> actions = new ArrayList<>();
    private final long[] counts = new long[LINES];
    private final boolean[] pending = new boolean[LINES];

    private record Action(int irq, String name, InterruptHandler handler, MachineKernel kernel) {}

    /**
     * @param kernels makes the kernel's interface for the caller of a line that was copied from another machine
     */
    InterruptLines(MachineContext context, KernelLog log, Tracepoints trace, Function<Caller, MachineKernel> kernels) {
        this.kernels = kernels;
        this.context = context;
        this.log = log;
        this.trace = trace;
    }

    int request(int irq, InterruptHandler handler, String name, MachineKernel kernel) {
        if (irq < 1 || irq >= LINES) {
            return EINVAL;
        }
        for (Action action : actions) {
            if (action.irq == irq && action.name.equals(name)) {
                return EBUSY;
            }
        }
        actions.add(new Action(irq, name, handler, kernel));
        return 0;
    }

    boolean free(int irq, String name) {
        boolean known = actions.removeIf(action -> action.irq == irq && action.name.equals(name));
        if (!known) {
            log.printk(KernelLog.WARNING, "Trying to free already-free IRQ " + irq);
        }
        return known;
    }

    /** Handlers of a line, as {@code /proc/interrupts} names them. */
    List<String> names(int irq) {
        return actions.stream()
                .filter(action -> action.irq == irq)
                .map(Action::name)
                .toList();
    }

    @Override
    public void raise(int irq) {
        pending[irq] = true;
        deliver();
    }

    /** Runs what is pending, if the CPU takes interrupts now. */
    void deliver() {
        for (int irq = 0; irq < LINES && !context.irqsDisabled() && !context.inHardirq(); irq++) {
            if (pending[irq]) {
                pending[irq] = false;
                if (isRequested(irq)) {
                    handle(irq);
                }
            }
        }
    }

    private boolean isRequested(int irq) {
        return actions.stream().anyMatch(action -> action.irq == irq);
    }

    private void handle(int irq) {
        counts[irq]++;
        int interrupted = context.callSite();
        context.enterHardirq();
        try {
            boolean handled = false;
            for (Action action : List.copyOf(actions)) {
                if (action.irq == irq) {
                    if (trace.on(TracePoint.IRQ_HANDLER_ENTRY)) {
                        trace.fire(
                                TracePoint.IRQ_HANDLER_ENTRY,
                                irq,
                                trace.callSites().id(action.name));
                    }
                    boolean mine = action.handler.handle(action.kernel, irq);
                    if (trace.on(TracePoint.IRQ_HANDLER_EXIT)) {
                        trace.fire(TracePoint.IRQ_HANDLER_EXIT, irq, mine ? 1 : 0);
                    }
                    handled |= mine;
                }
            }
            if (!handled) {
                log.printk(KernelLog.ERR, "irq " + irq + ": nobody cared");
            }
        } finally {
            context.exitHardirq();
            context.setCallSite(interrupted);
        }
    }

    @Override
    public long[] counts() {
        return counts.clone();
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(counts);
        out.putInt(actions.size());
        for (Action action : actions) {
            out.putInt(action.irq);
            out.putString(action.name);
            out.putReference(action.handler);
            out.putReference(action.kernel.caller);
        }
        for (boolean waiting : pending) {
            out.putBoolean(waiting);
        }
    }

    @Override
    public void restore(StateReader in) {
        System.arraycopy(in.getLongs(), 0, counts, 0, LINES);
        actions.clear();
        for (int i = in.getInt(); i > 0; i--) {
            int irq = in.getInt();
            String name = in.getString();
            InterruptHandler handler = in.getReference(InterruptHandler.class);
            actions.add(new Action(irq, name, handler, kernels.apply(in.getReference(Caller.class))));
        }
        for (int irq = 0; irq < LINES; irq++) {
            pending[irq] = in.getBoolean();
        }
    }
}
