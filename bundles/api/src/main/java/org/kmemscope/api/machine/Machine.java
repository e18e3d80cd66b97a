package org.kmemscope.api.machine;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.kmemscope.api.dma.Dma;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.highmem.Highmem;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.process.Processes;
import org.kmemscope.api.reclaim.Reclaim;
import org.kmemscope.api.reclaim.UserTasks;
import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.Views;
import org.kmemscope.api.vmalloc.Vmalloc;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A simulated machine. One lock guards all of it: {@link #kernel} takes it for each call, {@link #locked} for whatever else looks
 * or acts. The parts themselves ({@link #pages}, {@link #objects}, ...) must only be used under the lock.
 */
@ProviderType
public interface Machine extends ObjectFloor {
    /** The name under which it was booted; no two machines share one. */
    String name();

    /** The vmalloc area. */
    Vmalloc vmalloc();

    /** Windows onto high memory. */
    Highmem highmem();

    /** DMA. */
    Dma dma();

    /** Reclaim, the page cache, simulated tasks. */
    Reclaim reclaim();

    /** Processes. */
    Processes processes();

    /** Tasks with memory of their own: the processes, or where there are none the simpler tasks of {@link #reclaim}. */
    UserTasks userTasks();

    /**
     * Runs something as a call into the kernel: the lock is taken, it is noted who calls, threads that were woken run afterwards, and what it
     * throws is handled as for any call of {@link #kernel}. For parts that have calls beside those of {@link Kernel}.
     *
     * @param name of the call, for the log if it fails
     */
    <T> T call(Caller caller, String name, Supplier<T> action);

    /** The kernel's interface for calls made by somebody. */
    Kernel kernel(Caller caller);

    /** What can be seen of the machine. */
    Views views();

    /** Runs something under the machine's lock. */
    <T> T locked(Supplier<T> action);

    /** Lets time pass: timers, devices, interrupts. */
    void tick(long ticks);

    /** Sets where the next calls run. */
    void setContext(ContextRequest request);

    /** Everything every layer knows of a virtual address, most specific first. */
    List<AddressFact> whatis(long virt);

    /** Cross-checks every layer. */
    VerifyResult verify();

    /**
     * A copy that goes its own way: equal in every answer until the two are treated differently. Large state is shared until
     * written.
     *
     * @throws IllegalStateException while a task sleeps in the kernel
     */
    Machine fork(String name);

    /** Which implementation serves each part: {@code physmem}, {@code mmu}, {@code page}, {@code object}, ... */
    Map<String, String> parts();

    /** Loaded modules and what they hold. */
    Modules modules();

    /** Who allocated what is live now. */
    Provenance provenance();

    /**
     * Where the following calls run.
     *
     * @param cpu index of the CPU
     * @param kind kind of context
     */
    record ContextRequest(int cpu, Kind kind) {
        /** Kinds of context. */
        public enum Kind {
            /** A task; may sleep. */
            PROCESS,
            /** A task that holds a spinlock; must not sleep. */
            ATOMIC,
            /** A softirq. */
            SOFTIRQ,
            /** A hardware interrupt, interrupts off. */
            HARDIRQ
        }
    }

    /**
     * What {@link #verify} found.
     *
     * @param checks facts that were checked
     * @param problems contradictions, one line each
     */
    record VerifyResult(long checks, List<String> problems) {
        /** Keeps an unmodifiable copy. */
        public VerifyResult {
            problems = List.copyOf(problems);
        }

        /** Whether nothing contradicts anything. */
        public boolean ok() {
            return problems.isEmpty();
        }

        /** Throws the first contradiction. */
        public void orThrow() {
            if (!ok()) {
                throw new KernelBug("verify: " + problems.get(0));
            }
        }
    }
}
