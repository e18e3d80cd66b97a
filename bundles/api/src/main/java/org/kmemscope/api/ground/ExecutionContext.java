package org.kmemscope.api.ground;

import org.kmemscope.api.error.KernelBug;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/** Who is running, on which CPU, and what it may do: Linux's {@code current} and {@code preempt_count}. */
@ProviderType
public interface ExecutionContext {
    /** Index of the CPU. */
    int cpu();

    /** Process id of the current task. */
    int pid();

    /** Name of the current task ({@code current->comm}). */
    String comm();

    /** Where this call came from, see {@link org.kmemscope.api.trace.CallSites}. */
    int callSite();

    /** {@code in_interrupt()}: in a hard or soft interrupt. */
    boolean inInterrupt();

    /** {@code in_irq()}: in a hard interrupt. */
    boolean inHardirq();

    /** {@code in_atomic()}: must not sleep. */
    boolean inAtomic();

    /** {@code irqs_disabled()}. */
    boolean irqsDisabled();

    /** {@code preempt_count()}, bits as Linux lays them out: preempt 0-7, softirq 8-15, hardirq 16 and up. */
    int preemptCount();

    /** {@code preempt_disable()}. */
    void preemptDisable();

    /** {@code preempt_enable()}. */
    void preemptEnable();

    /** {@code PF_MEMALLOC}: the current task is freeing memory and may use every page there is. */
    boolean isMemalloc();

    /**
     * Sets or clears {@code PF_MEMALLOC} of the current task ({@code memalloc_noreclaim_save()}).
     *
     * @return what it was
     */
    default boolean setMemalloc(boolean on) {
        return isMemalloc();
    }

    /**
     * {@code might_sleep()}: refuses to go on where sleeping is forbidden, with the kernel's report in the log.
     *
     * @param where the place Linux would name, such as {@code mm/slab.c:3094}
     * @throws KernelBug if the context forbids it
     */
    void mightSleep(String where);

    /**
     * Adds somebody who is told when another task runs, before that task does anything ({@code __kmap_local_sched_in()}). For the
     * parts of a machine, while it is built. A context with a single task never tells.
     */
    default void onTaskSwitch(TaskSwitch listener) {
        // nothing ever switches
    }

    /** Hears that another task runs. */
    @ConsumerType
    @FunctionalInterface
    interface TaskSwitch {
        /**
         * The current task has changed; {@link #pid} tells the new one.
         *
         * @param from process id of the task that ran before
         * @param to process id of the task that runs now
         */
        void switched(int from, int to);
    }
}
