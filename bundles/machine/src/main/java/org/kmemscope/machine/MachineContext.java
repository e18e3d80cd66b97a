package org.kmemscope.machine;

import java.util.Arrays;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.machine.Machine.ContextRequest;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * {@code current} and {@code preempt_count} of the CPU that runs.
 *
 * <pre>
 *   preempt_count   | hardirq | softirq | preempt |
 *                   31      16 15      8 7       0
 * </pre>
 */
final class MachineContext implements ExecutionContext, Stateful {
    private static final int PREEMPT_ONE = 1;
    private static final int PREEMPT_MASK = 0xff;
    private static final int SOFTIRQ_ONE = 1 << 8;
    private static final int SOFTIRQ_MASK = 0xff00;
    private static final int HARDIRQ_ONE = 1 << 16;
    private static final int INTERRUPT_MASK = -SOFTIRQ_ONE;

    private final KernelLog log;
    private final int cpus;
    private int cpu;
    private int pid;
    private String comm = "swapper";
    private int callSite;
    private int preemptCount;
    private boolean irqsDisabled;
    private boolean memalloc;
    /** Who is told of task switches: wiring, not state. */
    private TaskSwitch[] listeners = {};

    MachineContext(KernelLog log, int cpus) {
        this.log = log;
        this.cpus = cpus;
    }

    /** Another code calls in the same context. */
    void setCallSite(int site) {
        callSite = site;
    }

    void enterTask(int taskPid, String taskComm, int site) {
        comm = taskComm;
        callSite = site;
        switchTo(taskPid);
    }

    private void switchTo(int taskPid) {
        if (pid == taskPid) {
            return;
        }
        int before = pid;
        pid = taskPid;
        for (TaskSwitch listener : listeners) {
            listener.switched(before, taskPid);
        }
    }

    @Override
    public void onTaskSwitch(TaskSwitch listener) {
        listeners = Arrays.copyOf(listeners, listeners.length + 1);
        listeners[listeners.length - 1] = listener;
    }

    /** Everything of a task that sleeps, to be put back when it runs again. */
    record Saved(
            int cpu, int pid, String comm, int callSite, int preemptCount, boolean irqsDisabled, boolean memalloc) {}

    Saved suspend() {
        return new Saved(cpu, pid, comm, callSite, preemptCount, irqsDisabled, memalloc);
    }

    void resume(Saved saved) {
        cpu = saved.cpu;
        comm = saved.comm;
        callSite = saved.callSite;
        preemptCount = saved.preemptCount;
        irqsDisabled = saved.irqsDisabled;
        memalloc = saved.memalloc;
        switchTo(saved.pid);
    }

    /** For work of the machine's own, which no rule of the kernel's contexts binds; {@link #resume} ends it. */
    Saved suspendFor(int site) {
        Saved saved = suspend();
        callSite = site;
        preemptCount = 0;
        irqsDisabled = false;
        return saved;
    }

    void request(ContextRequest request) {
        if (request.cpu() < 0 || request.cpu() >= cpus) {
            throw new IllegalArgumentException("cpu " + request.cpu() + " is not online; there "
                    + (cpus == 1 ? "is only cpu 0" : "are cpus 0 to " + (cpus - 1)));
        }
        cpu = request.cpu();
        irqsDisabled = request.kind() == ContextRequest.Kind.HARDIRQ;
        preemptCount = switch (request.kind()) {
            case PROCESS -> 0;
            case ATOMIC -> PREEMPT_ONE;
            case SOFTIRQ -> SOFTIRQ_ONE;
            case HARDIRQ -> HARDIRQ_ONE;
        };
    }

    ContextRequest.Kind kind() {
        if (inHardirq()) {
            return ContextRequest.Kind.HARDIRQ;
        }
        if (inInterrupt()) {
            return ContextRequest.Kind.SOFTIRQ;
        }
        return inAtomic() ? ContextRequest.Kind.ATOMIC : ContextRequest.Kind.PROCESS;
    }

    void enterHardirq() {
        preemptCount += HARDIRQ_ONE;
        irqsDisabled = true;
    }

    void exitHardirq() {
        preemptCount -= HARDIRQ_ONE;
        irqsDisabled = false;
    }

    void enterSoftirq() {
        preemptCount += SOFTIRQ_ONE;
    }

    void exitSoftirq() {
        preemptCount -= SOFTIRQ_ONE;
    }

    @Override
    public boolean setMemalloc(boolean on) {
        boolean before = memalloc;
        memalloc = on;
        return before;
    }

    /** Another task runs, in process context, until {@link #resume}; what the one that ran had is returned for that. */
    Saved switchToTask(int taskPid, String taskComm, int site) {
        Saved before = suspend();
        preemptCount = 0;
        irqsDisabled = false;
        memalloc = false;
        enterTask(taskPid, taskComm, site);
        return before;
    }

    @Override
    public int cpu() {
        return cpu;
    }

    @Override
    public int pid() {
        return pid;
    }

    @Override
    public String comm() {
        return comm;
    }

    @Override
    public int callSite() {
        return callSite;
    }

    @Override
    public boolean inInterrupt() {
        return (preemptCount & INTERRUPT_MASK) != 0;
    }

    @Override
    public boolean inHardirq() {
        return preemptCount >= HARDIRQ_ONE;
    }

    @Override
    public boolean inAtomic() {
        return preemptCount != 0;
    }

    @Override
    public boolean irqsDisabled() {
        return irqsDisabled;
    }

    @Override
    public int preemptCount() {
        return preemptCount;
    }

    @Override
    public void preemptDisable() {
        if ((preemptCount & PREEMPT_MASK) == PREEMPT_MASK) {
            throw new KernelBug("kernel BUG: preempt_count overflow");
        }
        preemptCount += PREEMPT_ONE;
    }

    @Override
    public void preemptEnable() {
        if ((preemptCount & PREEMPT_MASK) == 0) {
            throw new KernelBug("kernel BUG: preempt_count underflow");
        }
        preemptCount -= PREEMPT_ONE;
    }

    @Override
    public boolean isMemalloc() {
        return memalloc;
    }

    @Override
    public void mightSleep(String where) {
        if (preemptCount == 0 && !irqsDisabled) {
            return;
        }
        String first = "BUG: sleeping function called from invalid context at " + where;
        log.printk(KernelLog.ERR, first);
        String second = String.format(
                "in_atomic(): %d, irqs_disabled(): %d, pid: %d, name: %s",
                inAtomic() ? 1 : 0, irqsDisabled ? 1 : 0, pid, comm);
        log.printk(KernelLog.ERR, second);
        KernelBug bug = new KernelBug(first + " (" + second + ")");
        bug.markReported();
        throw bug;
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(new int[] {cpu, pid, callSite, preemptCount, irqsDisabled ? 1 : 0, memalloc ? 1 : 0});
        out.putString(comm);
    }

    @Override
    public void restore(StateReader in) {
        int[] values = in.getInts();
        cpu = values[0];
        pid = values[1];
        callSite = values[2];
        preemptCount = values[3];
        irqsDisabled = values[4] != 0;
        memalloc = values[5] != 0;
        comm = in.getString();
    }

    /** {@code softirq_count()}, for those who must know whether one is running. */
    boolean inSoftirq() {
        return (preemptCount & SOFTIRQ_MASK) != 0;
    }
}
