package org.kmemscope.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.error.MachineHalted;
import org.kmemscope.api.error.MissingPart;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Exchange.Part;
import org.kmemscope.api.machine.ExchangeReport;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.SlabHandover;

/** What happens when nobody takes over, or somebody who cannot. */
class ExchangeFailureTest extends ExchangeRig {
    // ---- nobody is there

    @Test
    void withNobodyBoundACallFailsWithOneLineAndNothingIsLost() {
        KmemCache packets = cache("packets", 200);
        long packet = kernel.kmemCacheAlloc(packets, Gfp.GFP_KERNEL);
        kernel.write64(packet, 42);
        ExchangeReport report = MachineFactory.park(machine, Part.OBJECT);
        assertThat(report.to()).isEqualTo("none");
        String line =
                "no object allocator: first has left: 1 cache and 1 object are parked; start a bundle that provides one";
        assertThatThrownBy(() -> kmalloc(100)).isInstanceOf(MissingPart.class).hasMessage(line);
        assertThatThrownBy(() -> kernel.kmemCacheFree(packets, packet)).hasMessage(line);
        assertThatThrownBy(() -> kernel.kfree(packet)).hasMessage(line);
        assertThat(kernel.allocPages(Gfp.GFP_KERNEL, 0)).isPositive();
        assertThat(machine.whatis(packet))
                .anySatisfy(fact -> assertThat(fact.layer()).isEqualTo("handed over"));
        assertThat(machine.verify().problems()).isEmpty();
        Machine copy = machine.fork("copy");
        for (Machine either : List.of(machine, copy)) {
            assertThat(MachineFactory.exchangeState(either).get(0).parked())
                    .isEqualTo("first has left: 1 cache and 1 object are parked");
            assertThat(MachineFactory.exchange(either, second).to()).isEqualTo("second");
            Kernel again = either.kernel(Caller.of(1, "sh", "test"));
            assertThat(again.read64(packet)).isEqualTo(42);
            again.kmemCacheFree(packets, packet);
            assertThat(again.kmemCacheDestroy(packets)).isTrue();
            assertThat(either.verify().problems()).isEmpty();
        }
    }

    @Test
    void aMachineWithoutOneTakesTheFirstThatComes() {
        Machine bare = TestMachines.boot("i386-32m");
        Kernel other = bare.kernel(Caller.of(1, "sh", "test"));
        assertThatThrownBy(() -> other.kmalloc(1, Gfp.GFP_KERNEL))
                .hasMessage("no object allocator: nothing is parked; start a bundle that provides one");
        assertThat(MachineFactory.exchange(bare, first).refusal()).isEmpty();
        other.kfree(other.kmalloc(1, Gfp.GFP_KERNEL));
    }

    // ---- those who cannot

    /** Everything that can be seen of a machine but its log. */
    private static String everything(Machine of) {
        return of.views().zones() + " " + of.views().slabCaches() + " "
                + of.pages().state().zones().size() + " " + MachineFactory.exchangeState(of);
    }

    @Test
    void aSuccessorThatRefusesOrFailsLeavesTheMachineAsItWas() {
        KmemCache packets = cache("packets", 200);
        long packet = kernel.kmemCacheAlloc(packets, Gfp.GFP_KERNEL);
        swap(second);
        swap(first);
        kmalloc(700);
        for (RuntimeException failure :
                List.of(new IllegalStateException("packets are not for me"), new ArrayIndexOutOfBoundsException("7"))) {
            Machine copy = machine.fork("copy");
            String before = everything(machine);
            second.whenMade = floor -> {
                for (int i = 0; i < 100; i++) {
                    int pfn = floor.pages().allocPages(0, 2);
                    floor.ram().fill((long) pfn << 12, 4096, 0x66);
                }
                floor.clock().register("leak", unused -> {});
                floor.clock().schedule(1, "leak", 0);
                throw failure;
            };
            ExchangeReport report = swap(second);
            assertThat(report.to()).isEqualTo("first");
            assertThat(report.refusal()).startsWith("second cannot take over: ").contains(failure.getMessage());
            assertThat(log()).contains("kmemscope: " + report.refusal());
            assertThat(everything(machine)).isEqualTo(before).isEqualTo(everything(copy));
            for (int i = 0; i < 200; i++) {
                long there = copy.kernel(Caller.of(1, "sh", "test")).kmalloc(i * 20L + 1, Gfp.GFP_KERNEL);
                assertThat(kmalloc(i * 20L + 1)).isEqualTo(there);
            }
            machine.tick(20);
        }
        kernel.kmemCacheFree(packets, packet);
        second.whenMade = floor -> {};
        assertThat(swap(second).refusal()).isEmpty();
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void aSuccessorThatForgetsACacheIsRefused() {
        KmemCache packets = cache("packets", 200);
        PlainObjects.Maker forgetful = new PlainObjects.Maker("forgetful") {
            @Override
            public ObjectAllocator create(PageFloor floor, SlabHandover handover) {
                return super.create(floor, SlabHandover.NONE);
            }
        };
        assertThat(swap(forgetful).refusal())
                .startsWith("forgetful cannot take over: ")
                .contains("packets");
        kernel.kmemCacheFree(packets, kernel.kmemCacheAlloc(packets, Gfp.GFP_KERNEL));
    }

    @Test
    void anAllocatorThatLosesAnObjectStays() {
        long object = kmalloc(100);
        first.whenLeaving =
                handover -> new SlabHandover(handover.from(), handover.lastCacheId(), handover.caches(), List.of());
        assertThat(swap(second).refusal())
                .isEqualTo("first cannot leave: it hands over 0 objects of slabs, but users hold 1");
        assertThat(machine.parts()).containsEntry("object", "first");
        kernel.kfree(object);
        assertThat(swap(second).refusal()).isEmpty();
    }

    @Test
    void anAllocatorThatFailsToLeaveStays() {
        long object = kmalloc(100);
        first.whenLeaving = handover -> {
            throw new IllegalStateException("my lists are broken");
        };
        assertThat(swap(second).refusal()).isEqualTo("first cannot leave: my lists are broken");
        kernel.kfree(object);
        machine.tick(20);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void wrongHandoversAreNotBelieved() {
        KmemCache packets = cache("packets", 200);
        kernel.kmemCacheAlloc(packets, Gfp.GFP_KERNEL);
        for (SlabHandover.Block wrong : List.of(
                new SlabHandover.Block(-5, 0, new int[] {0}, new int[] {8}, new int[] {0}, "x", false),
                new SlabHandover.Block(0x100, 0, new int[] {0}, new int[] {8}, new int[] {0}, "x", false),
                new SlabHandover.Block(block(), 0, new int[] {4090}, new int[] {8}, new int[] {0}, "x", false),
                new SlabHandover.Block(block(), 0, new int[] {0}, new int[] {8}, new int[] {77}, "x", false),
                new SlabHandover.Block(block(), 0, new int[] {0}, new int[] {0}, new int[] {0}, "x", false),
                new SlabHandover.Block(block(), 0, new int[] {0}, new int[] {8, 8}, new int[] {0}, "x", false))) {
            first.whenLeaving = handover ->
                    new SlabHandover(handover.from(), handover.lastCacheId(), handover.caches(), List.of(wrong));
            assertThat(swap(second).refusal())
                    .as("%s", wrong)
                    .startsWith("first cannot leave: it hands over ")
                    .contains("pfn 0x");
        }
        first.whenLeaving =
                handover -> new SlabHandover(handover.from(), handover.lastCacheId(), List.of(), handover.blocks());
        assertThat(swap(second).refusal()).isEqualTo("first cannot leave: it hands over 0 of 1 caches");
        assertThat(machine.verify().problems()).isEmpty();
    }

    private int block() {
        return kernel.allocPages(Gfp.GFP_KERNEL, 0);
    }

    @Test
    void aBundleThatGoesAsksOthersUntilOneTakesOver() {
        long object = kmalloc(100);
        second.whenMade = floor -> {
            floor.pages().allocPages(0, 3);
            throw new IllegalStateException("not today");
        };
        PlainObjects.Maker third = new PlainObjects.Maker("third");
        Exchanges exchanges = MachineFactory.of(machine);
        ExchangeReport report = exchanges.objects(() -> List.of(second, third), false);
        assertThat(report.to()).isEqualTo("third");
        assertThat(report.refusal()).isEqualTo("second cannot take over: not today");
        assertThat(report.verify().problems()).isEmpty();
        report = exchanges.objects(() -> List.of(second), false);
        assertThat(report.to()).isEqualTo("none");
        assertThat(machine.verify().problems()).isEmpty();
        second.whenMade = floor -> {};
        swap(second);
        kernel.kfree(object);
    }

    @Test
    void aProviderThatIsBrokenHaltsTheMachineToo() {
        first.beforeAllocation = size -> {
            throw new NoClassDefFoundError("plain/Gone");
        };
        assertThatThrownBy(() -> kmalloc(64))
                .isInstanceOf(MachineHalted.class)
                .hasMessageContaining("first is broken: java.lang.NoClassDefFoundError: plain/Gone");
    }

    @Test
    void aProviderThatFailsInAnAllocationHaltsTheMachineWithEverythingKept() {
        long object = kmalloc(100);
        kernel.write64(object, 42);
        swap(second);
        second.beforeAllocation = size -> {
            throw new IndexOutOfBoundsException("index 9 of 4");
        };
        assertThatThrownBy(() -> kmalloc(64))
                .isInstanceOf(MachineHalted.class)
                .hasMessage(
                        "machine test is halted: kmalloc failed with java.lang.IndexOutOfBoundsException: index 9 of 4;"
                                + " everything is kept as it was at that moment, for whoever looks");
        assertThatThrownBy(() -> kernel.kfree(object)).isInstanceOf(MachineHalted.class);
        assertThat(machine.ram().read64(machine.layout().virtToPhys(object))).isEqualTo(42);
        assertThat(machine.verify().problems()).isEmpty();
        assertThatThrownBy(() -> MachineFactory.exchange(machine, first))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("machine test is halted");
    }
}
