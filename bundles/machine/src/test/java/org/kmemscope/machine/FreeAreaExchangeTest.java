package org.kmemscope.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.error.MissingPart;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Exchange.Part;
import org.kmemscope.api.machine.ExchangeReport;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.zone.FreeAreaHost;
import org.kmemscope.api.zone.FreeAreaProvider;
import org.kmemscope.api.zone.FreeAreas;
import org.kmemscope.buddy.BuddyProvider;

/** The exchange of engines of free areas: for another instance of buddy, and for some that fail. */
class FreeAreaExchangeTest {
    private static final int STEPS = 600;

    /** Buddy under another name. */
    private static class Other implements FreeAreaProvider {
        private final BuddyProvider buddy = new BuddyProvider();

        @Override
        public String name() {
            return "other";
        }

        @Override
        public FreeAreas create(Ground ground, FreeAreaHost host, int maxOrder) {
            return buddy.create(ground, host, maxOrder);
        }
    }

    private static Kernel kernel(Machine machine) {
        return machine.kernel(Caller.of(1, "sh", "test"));
    }

    private static List<Integer> work(Machine machine, List<int[]> live, long seed) {
        return ForkTest.work(machine, live, seed, STEPS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-1g", "linux-6.1-686-pae,mem=256M", "arm-exynos4412", "linux-2.6.38-mlinux,mem=64M"})
    void everyAnswerIsTheSameAsWithoutAnExchange(String specification) {
        Machine machine = TestMachines.boot(specification);
        List<int[]> live = new ArrayList<>();
        work(machine, live, 1);
        Machine copy = machine.fork("copy");
        List<int[]> liveCopy = new ArrayList<>(live);
        for (int round = 0; round < 4; round++) {
            ExchangeReport report =
                    MachineFactory.exchange(machine, round % 2 == 0 ? new Other() : new BuddyProvider());
            assertThat(report.refusal()).isEmpty();
            assertThat(report.verify().problems()).isEmpty();
            assertThat(report.taken().get("free pages"))
                    .isEqualTo(machine.pages().freePageCount());
            assertThat(machine.views().zones()).isEqualTo(copy.views().zones());
            assertThat(work(machine, live, round)).isEqualTo(work(copy, liveCopy, round));
        }
        assertThat(machine.fork("after").verify().problems()).isEmpty();
        assertThat(machine.parts()).containsEntry("free areas", "buddy");
    }

    @Test
    void anEngineThatFailsLeavesTheMachineAsItWas() {
        Machine machine = TestMachines.boot("i386-32m");
        Machine copy = machine.fork("copy");
        for (int failsAt = 0; failsAt < 20; failsAt += 4) {
            int limit = failsAt;
            ExchangeReport report = MachineFactory.exchange(machine, new Other() {
                private int appended;

                @Override
                public FreeAreas create(Ground ground, FreeAreaHost host, int maxOrder) {
                    if (limit == 0 && host.zoneIndex() == 1) {
                        throw new IllegalStateException("no room for " + host.zoneIndex());
                    }
                    FreeAreas areas = super.create(ground, host, maxOrder);
                    return (FreeAreas) Proxy.newProxyInstance(
                            getClass().getClassLoader(), new Class<?>[] {FreeAreas.class}, (proxy, method, values) -> {
                                if (method.getName().equals("append") && ++appended == limit) {
                                    throw new IndexOutOfBoundsException("block " + limit);
                                }
                                return method.invoke(areas, values);
                            });
                }
            });
            assertThat(report.refusal()).startsWith("other cannot take over: ");
            assertThat(report.to()).isEqualTo("buddy");
            assertThat(report.verify().problems()).isEmpty();
            assertThat(machine.views().zones()).isEqualTo(copy.views().zones());
            assertThat(work(machine, new ArrayList<>(), failsAt)).isEqualTo(work(copy, new ArrayList<>(), failsAt));
        }
    }

    @Test
    void withoutAnEngineCallsFailWithOneLineAndWhatTimersFreeIsKept() {
        Machine machine = TestMachines.boot("i386-32m");
        Kernel kernel = kernel(machine);
        List<int[]> live = new ArrayList<>();
        work(machine, live, 3);
        long blocks = MachineFactory.park(machine, Part.PAGE).taken().get("free blocks");
        assertThatThrownBy(() -> kernel.allocPages(Gfp.GFP_KERNEL, 0))
                .isInstanceOf(MissingPart.class)
                .hasMessage(String.format(
                        "no engine of free areas: buddy has left: %d free blocks of %d pages are parked; start a bundle"
                                + " that provides one",
                        blocks, machine.pages().freePageCount()));
        int[] first = live.get(0);
        assertThatThrownBy(() -> kernel.freePages(first[0], first[1])).isInstanceOf(MissingPart.class);
        assertThatThrownBy(() -> machine.fork("copy")).isInstanceOf(IllegalStateException.class);
        long free = machine.pages().freePageCount();
        // what the machine does by itself goes on
        machine.locked(() -> {
            live.forEach(block -> machine.pages().freePages(block[0], block[1]));
            machine.pages().drainAllPages();
            return null;
        });
        assertThat(machine.pages().freePageCount()).isGreaterThan(free);
        assertThat(machine.verify().problems()).isEmpty();
        assertThat(machine.views().zones()).isNotEmpty();
        assertThat(MachineFactory.exchangeState(machine).get(1).parked()).startsWith("buddy has left: ");

        ExchangeReport report = MachineFactory.exchange(machine, new Other());

        assertThat(report.refusal()).isEmpty();
        assertThat(report.from()).isEqualTo("none");
        assertThat(report.verify().problems()).isEmpty();
        assertThat(kernel.allocPages(Gfp.GFP_KERNEL, 0)).isPositive();
    }
}
