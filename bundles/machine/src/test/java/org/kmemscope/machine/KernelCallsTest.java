package org.kmemscope.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.error.KernelHang;
import org.kmemscope.api.error.MissingPart;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.kernel.KernelModule;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machine.ContextRequest;
import org.kmemscope.api.trace.TracePoint;

class KernelCallsTest {
    private final Machine machine = TestMachines.boot("i386-1g");
    private final Kernel kernel = machine.kernel(Caller.of(1, "sh", "test"));

    private List<String> log() {
        return machine.log().lines().stream().map(KernelLog.Line::text).toList();
    }

    @Test
    void linearAddressesAreArithmetic() {
        long virt = kernel.getFreePages(kernel.gfp(Gfp.GFP_KERNEL), 2);
        assertThat(kernel.virtToPhys(virt)).isEqualTo(virt - 0xc000_0000L);
        assertThat(kernel.physToVirt(kernel.virtToPhys(virt))).isEqualTo(virt);
        kernel.writeString(virt, "hello");
        assertThat(machine.ram().readString(kernel.virtToPhys(virt), 10)).isEqualTo("hello");
        kernel.freePagesAt(virt, 2);
        machine.verify().orThrow();
    }

    @Test
    void physToVirtOfHighMemoryIsToldInOneLine() {
        kernel.physToVirt(0x3f00_0000L);
        assertThat(log())
                .last()
                .asString()
                .contains("phys_to_virt(0x3f000000)")
                .contains("high memory")
                .contains("at test");
    }

    @Test
    void aRequestThatMaySleepIsRefusedInAnInterrupt() {
        machine.setContext(new ContextRequest(0, ContextRequest.Kind.HARDIRQ));
        assertThat(kernel.inInterrupt()).isTrue();
        assertThatThrownBy(() -> kernel.allocPages(Gfp.GFP_KERNEL, 0))
                .isInstanceOf(KernelBug.class)
                .hasMessageStartingWith("BUG: sleeping function called from invalid context");
        assertThat(kernel.allocPages(Gfp.GFP_ATOMIC, 0)).isPositive();
        machine.setContext(new ContextRequest(0, ContextRequest.Kind.PROCESS));
        assertThat(kernel.allocPages(Gfp.GFP_KERNEL, 0)).isPositive();
        machine.verify().orThrow();
    }

    @Test
    void aCpuThatIsNotOnlineIsRefused() {
        assertThatThrownBy(() -> machine.setContext(new ContextRequest(4, ContextRequest.Kind.PROCESS)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("cpu 4 is not online; there is only cpu 0");
    }

    @Test
    void aPageFreedTwiceIsReportedAndKept() {
        int pfn = kernel.allocPages(Gfp.GFP_KERNEL, 1);
        kernel.freePages(pfn, 1);
        assertThatThrownBy(() -> kernel.freePages(pfn, 1))
                .isInstanceOf(KernelBug.class)
                .hasMessageContaining("Bad page state in process 'sh'");
        assertThat(log())
                .contains("Bad page state in process 'sh'", "Trying to fix it up, but a reboot is needed")
                .anyMatch(line -> line.matches("page:.* flags:0x[0-9a-f]{8} mapping:00000000 mapcount:0 count:-1"));
        machine.verify().orThrow();
    }

    @Test
    void wholePagesAreTakenAndTheRestGivenBack() {
        long free = machine.pages().freePageCount();
        long virt = kernel.allocPagesExact(5 * 4096 - 1, kernel.gfp(Gfp.GFP_KERNEL));
        machine.locked(() -> {
            machine.pages().drainAllPages();
            return null;
        });
        assertThat(machine.pages().freePageCount()).isEqualTo(free - 5);
        kernel.freePagesExact(virt, 5 * 4096 - 1);
        machine.verify().orThrow();
    }

    @Test
    void exhaustionOfADmaZoneTellsWhy() {
        int gfp = kernel.gfp(Gfp.GFP_DMA);
        int taken = 0;
        while (kernel.allocPages(gfp, 0) >= 0) {
            taken++;
        }
        assertThat(taken).isPositive();
        assertThat(machine.pages().explain(gfp, 0).reason())
                .startsWith("zone DMA: ")
                .contains("min watermark")
                .contains("lowmem_reserve 0");
        assertThat(log()).contains("sh: page allocation failure. order:0, mode:0x1", "Mem-info:");
        machine.verify().orThrow();
    }

    @Test
    void aPartThatIsMissingIsNamed() {
        assertThatThrownBy(() -> kernel.kmalloc(40, Gfp.GFP_KERNEL))
                .isInstanceOf(MissingPart.class)
                .hasMessageContaining("object allocator");
    }

    @Test
    void interruptHandlersRunInInterruptContextWhenTheCpuTakesThem() {
        List<String> seen = new ArrayList<>();
        assertThat(kernel.requestIrq(
                        9,
                        (own, irq) -> {
                            seen.add("irq " + irq + " in interrupt " + own.inInterrupt());
                            return true;
                        },
                        "test"))
                .isZero();
        machine.setContext(new ContextRequest(0, ContextRequest.Kind.HARDIRQ));
        machine.locked(() -> {
            machine.interrupts().raise(9);
            return null;
        });
        assertThat(seen).isEmpty();
        machine.setContext(new ContextRequest(0, ContextRequest.Kind.PROCESS));
        assertThat(seen).containsExactly("irq 9 in interrupt true");
        assertThat(kernel.inInterrupt()).isFalse();
    }

    @Test
    void timersRunWhenTheirTickHasCome() {
        List<Long> due = new ArrayList<>();
        machine.clock().register("test", argument -> due.add(machine.clock().jiffies() * 100 + argument));
        machine.clock().schedule(3, "test", 1);
        machine.clock().schedule(2, "test", 2);
        machine.tick(2);
        assertThat(due).containsExactly(202L);
        kernel.sleep(5);
        assertThat(due).containsExactly(202L, 301L);
        assertThat(kernel.jiffies()).isEqualTo(7);
    }

    @Test
    void theLastTaskThatSleepsIsAHang() {
        SimulatedMachine simulated = (SimulatedMachine) machine;
        assertThatThrownBy(() -> machine.locked(() -> {
                    simulated.tasks.sleepOn("pkmap_map_wait", "kmap has no free slot");
                    return null;
                }))
                .isInstanceOf(KernelHang.class)
                .hasMessageContaining("pkmap_map_wait");
    }

    @Test
    void aSleepingTaskIsWokenByAKernelThread() {
        SimulatedMachine simulated = (SimulatedMachine) machine;
        int pid = kernel.kthreadRun("waker", () -> {
            Kernel own = machine.kernel(Caller.of(100, "waker", "test"));
            machine.locked(() -> {
                simulated.tasks.wakeUp("q");
                return null;
            });
            own.printk("woke");
        });
        machine.locked(() -> {
            if (!log().contains("woke")) {
                simulated.tasks.sleepOn("q", "a test");
            }
            return null;
        });
        kernel.kthreadJoin(pid);
        assertThat(log()).contains("woke");
    }

    @Test
    void whatAModuleLeavesBehindIsReportedWithItsLine() {
        KernelModule module = new KernelModule() {
            @Override
            public String name() {
                return "leaky";
            }

            @Override
            public int init(Kernel own) {
                own.freePages(own.allocPages(Gfp.GFP_KERNEL, 0), 0);
                own.allocPages(Gfp.GFP_KERNEL, 3);
                own.printk("loaded with size=%s", own.parameter("size", "none"));
                return 0;
            }

            @Override
            public void exit(Kernel own) {
                own.printk("bye\n");
            }
        };
        assertThat(machine.modules().load(module, Map.of("size", "7", "sise", "8")))
                .isZero();
        assertThat(log()).endsWith("loaded with size=7", "leaky: unknown parameter 'sise' ignored");
        assertThat(machine.modules().list()).singleElement().satisfies(view -> {
            assertThat(view.name()).isEqualTo("leaky");
            assertThat(view.liveBytes()).isEqualTo(32768);
        });
        List<String> leaks = machine.modules().unload("leaky");
        assertThat(leaks)
                .singleElement()
                .asString()
                .matches("alloc_pages pfn:0x[0-9a-f]+, 32768 bytes, from KernelCallsTest.*init:\\d+ \\[leaky\\]");
        assertThat(machine.modules().list()).isEmpty();
    }

    @Test
    void listenersHearEventsInOrderAndAFailingOneIsRemoved() {
        List<String> heard = new ArrayList<>();
        machine.trace()
                .listen(
                        (point, header, values) -> {
                            throw new IllegalStateException("broken listener");
                        },
                        TracePoint.MM_PAGE_ALLOC);
        machine.trace()
                .listen(
                        (point, header, values) ->
                                heard.add(header.sequence() + " " + point.event() + " " + header.comm()),
                        TracePoint.MM_PAGE_ALLOC,
                        TracePoint.MM_PAGE_FREE);
        kernel.freePages(kernel.allocPages(Gfp.GFP_KERNEL, 4), 4);
        assertThat(heard).containsExactly("1 mm_page_alloc sh", "2 mm_page_free sh");
        assertThat(log()).anyMatch(line -> line.contains("a listener failed at kmem:mm_page_alloc"));
    }

    @Test
    void originsOfLivePagesAreKept() {
        machine.provenance().enable(true);
        int pfn = kernel.allocPages(Gfp.GFP_KERNEL, 2);
        assertThat(machine.provenance().page(pfn)).hasValueSatisfying(origin -> {
            assertThat(origin.site()).isEqualTo("test");
            assertThat(origin.requested()).isEqualTo(2);
        });
        kernel.freePages(pfn, 2);
        assertThat(machine.provenance().page(pfn)).isEmpty();
    }

    @Test
    void freePagesOfHighMemoryAreABugUntilTheBitIsDropped() {
        int mask = kernel.gfp(Gfp.GFP_KERNEL, Gfp.__GFP_HIGHMEM);
        assertThatThrownBy(() -> kernel.getFreePages(mask, 0)).isInstanceOf(KernelBug.class);
        Kernel later = TestMachines.boot("linux-6.1-686").kernel(Caller.of(1, "test", "test"));
        long virt = later.getFreePages(later.gfp(Gfp.GFP_KERNEL, Gfp.__GFP_HIGHMEM), 0);
        assertThat(virt).isBetween(0xc000_0000L, 0xf6bf_e000L);
    }
}
