package org.kmemscope.debugger;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.debug.WorkMeasure;
import org.kmemscope.api.debug.WorkMeter.Gauge;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.gfp.EraGfpProvider;
import org.kmemscope.machine.MachineFactory;
import org.kmemscope.machine.Providers;
import org.kmemscope.mmu.PageTableMmuProvider;
import org.kmemscope.physmem.SparseMemoryProvider;
import org.kmemscope.reclaim.KernelReclaimProvider;
import org.kmemscope.slub.SlubProvider;
import org.kmemscope.zone.ZoneProvider;

/** What a gauge counts is what a list of the same objects and pages says. SLUB asks itself for nothing, so that nothing is beside it. */
class WorkMeterTest {
    private final Machine machine = boot();
    private final Kernel kernel = machine.kernel(Caller.of(1, "sh", "test"));
    private final Gauge gauge = new WorkMeterService().attach(machine);

    private static Machine boot() {
        MachineFactory factory = new MachineFactory(Path.of("../../config/profiles"));
        Providers providers = new Providers(
                        new SparseMemoryProvider(),
                        new PageTableMmuProvider(),
                        new EraGfpProvider(),
                        new BuddyProvider(),
                        new ZoneProvider(),
                        Optional.of(new SlubProvider()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())
                .with(new KernelReclaimProvider());
        return factory.boot("test", factory.load("i386-32m"), providers);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void bytesAndPagesOfRandomWorkAreCounted(long seed) {
        Random random = new Random(seed);
        List<Long> objects = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        List<Integer> blocks = new ArrayList<>();
        List<Integer> orders = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    int size = 1 + random.nextInt(20_000);
                    objects.add(kernel.kmalloc(size, Gfp.GFP_KERNEL));
                    sizes.add(size);
                }
                case 2 -> {
                    int order = random.nextInt(3);
                    blocks.add(kernel.allocPages(machine.gfp().of(Gfp.GFP_KERNEL), order));
                    orders.add(order);
                }
                default -> {
                    if (!objects.isEmpty()) {
                        int which = random.nextInt(objects.size());
                        kernel.kfree(objects.remove(which));
                        sizes.remove(which);
                    }
                    if (!blocks.isEmpty() && random.nextBoolean()) {
                        int which = random.nextInt(blocks.size());
                        kernel.freePages(blocks.remove(which), orders.remove(which));
                    }
                }
            }
            gauge.sample();
        }

        WorkMeasure work = gauge.end();

        long asked = sizes.stream().mapToLong(Integer::longValue).sum();
        long held = orders.stream().mapToLong(order -> 1L << order).sum();
        assertThat(work.end().requested()).isEqualTo(asked);
        assertThat(work.end().objects()).isEqualTo(objects.size());
        assertThat(work.end().allotted()).isGreaterThanOrEqualTo(asked);
        assertThat(work.end().held()).isGreaterThanOrEqualTo(work.end().allotted());
        assertThat(work.end().pages() - work.start().pages())
                .isEqualTo(held + work.end().held() / 4096);
        assertThat(work.mostPages()).isGreaterThanOrEqualTo(work.peak().pages());
        assertThat(work.peak().pages()).isGreaterThanOrEqualTo(work.end().pages());
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void failuresOfOneKindInARowAreOne() {
        int gfp = machine.gfp().of(Gfp.GFP_ATOMIC) | machine.gfp().of(Gfp.__GFP_NOWARN);
        while (kernel.allocPages(gfp, 10) >= 0) {
            // until there is none
        }
        kernel.allocPages(gfp, 10);
        kernel.allocPages(gfp, 9);

        List<WorkMeasure.Failed> failures = gauge.end().failures();

        assertThat(failures).first().isEqualTo(new WorkMeasure.Failed(10, "GFP_ATOMIC|GFP_NOWARN", "test", 2));
        assertThat(failures).hasSizeBetween(1, 2);
    }

    @Test
    void aGaugeThatHasEndedListensNoMore() {
        WorkMeasure before = gauge.end();
        kernel.kmalloc(100, Gfp.GFP_KERNEL);

        assertThat(gauge.end().steps()).isEqualTo(before.steps());
    }
}
