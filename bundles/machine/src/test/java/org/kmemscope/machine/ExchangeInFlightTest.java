package org.kmemscope.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.ExchangeReport;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.buddy.BuddyProvider;

/** An exchange waits for calls that are under way, and never happens in the middle of one. */
class ExchangeInFlightTest extends ExchangeRig {
    // ---- in the middle of calls

    @Test
    void nothingIsExchangedInTheMiddleOfACall() {
        AtomicReference<Throwable> refused = new AtomicReference<>();
        first.beforeAllocation = size -> {
            try {
                MachineFactory.exchange(machine, second);
            } catch (IllegalStateException e) {
                refused.set(e);
            }
        };
        kernel.kfree(kmalloc(10));
        assertThat(refused.get()).hasMessage("nothing can be exchanged in the middle of a call of the allocators");
    }

    @Test
    void nothingIsExchangedWhileAListenerIsTold() {
        AtomicReference<Throwable> refused = new AtomicReference<>();
        machine.trace()
                .listen(
                        (point, header, values) -> {
                            try {
                                MachineFactory.exchange(machine, new BuddyProvider());
                            } catch (IllegalStateException e) {
                                refused.set(e);
                            }
                        },
                        TracePoint.MM_PAGE_ALLOC);
        kernel.allocPages(Gfp.GFP_KERNEL, 0);
        assertThat(refused.get()).hasMessage("nothing can be exchanged in the middle of a call of the allocators");
    }

    @Test
    void whatCannotBeRefusedHappensWhenTheCallIsOver() {
        Exchanges exchanges = MachineFactory.of(machine);
        first.beforeAllocation = size -> {
            exchanges.whenIdle(() -> exchanges.objects(() -> List.of(second), false));
            assertThat(machine.parts()).containsEntry("object", "first");
        };
        long object = kmalloc(10);
        assertThat(machine.parts()).containsEntry("object", "second");
        kernel.kfree(object);
    }

    @Test
    void aCallThatSleepsInsideIsWaitedFor() throws InterruptedException {
        SimulatedMachine simulated = (SimulatedMachine) machine;
        CountDownLatch asleep = new CountDownLatch(1);
        first.beforeAllocation = size -> {
            if (size == 4000) {
                asleep.countDown();
                simulated.tasks.sleepOn("memory", "somebody must free some");
            }
        };
        AtomicReference<Long> got = new AtomicReference<>();
        // keeps the machine from hanging: somebody else can still run
        CountDownLatch woken = new CountDownLatch(1);
        int waker = kernel.kthreadRun("waker", () -> {
            try {
                woken.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            machine.locked(() -> {
                simulated.tasks.wakeUp("memory");
                return null;
            });
        });
        int sleeper = kernel.kthreadRun(
                "sleeper",
                () -> got.set(machine.kernel(Caller.of(7, "sleeper", "test")).kmalloc(4000, Gfp.GFP_KERNEL)));
        asleep.await();
        kernel.kfree(kmalloc(10));
        AtomicReference<ExchangeReport> report = new AtomicReference<>();
        Thread swapper = new Thread(() -> report.set(MachineFactory.exchange(machine, second)));
        swapper.start();
        while (swapper.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        woken.countDown();
        swapper.join();
        kernel.kthreadJoin(waker);
        kernel.kthreadJoin(sleeper);
        assertThat(report.get().drained()).isEqualTo(1);
        assertThat(report.get().to()).isEqualTo("second");
        kernel.kfree(got.get());
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void swappingInAnInterruptContextIsNoMatter() {
        machine.setContext(new Machine.ContextRequest(0, Machine.ContextRequest.Kind.HARDIRQ));
        long object = kernel.kmalloc(100, Gfp.GFP_ATOMIC);
        second.whenMade = floor -> floor.context().mightSleep("mm/second.c");
        swap(second);
        assertThat(kernel.inInterrupt()).isTrue();
        kernel.kfree(object);
    }
}
