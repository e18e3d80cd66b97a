package org.kmemscope.debugger;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.debug.AllocationStory;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.gfp.EraGfpProvider;
import org.kmemscope.machine.MachineFactory;
import org.kmemscope.machine.Providers;
import org.kmemscope.mmu.PageTableMmuProvider;
import org.kmemscope.physmem.SparseMemoryProvider;
import org.kmemscope.zone.ZoneProvider;

class ExplainTest {
    private static Machine boot(String specification) {
        MachineFactory factory = new MachineFactory(Path.of("../../config/profiles"));
        Providers providers = new Providers(
                new SparseMemoryProvider(),
                new PageTableMmuProvider(),
                new EraGfpProvider(),
                new BuddyProvider(),
                new ZoneProvider(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        return factory.boot("test", factory.load(specification), providers);
    }

    private final ExplainService explain = new ExplainService();

    private AllocationStory allocate(Machine machine, String gfp, int order) {
        Kernel kernel = machine.kernel(Caller.of(1, "sh", "test"));
        kernel.allocPages(machine.gfp().parse(gfp), order);
        return explain.last(machine).orElseThrow();
    }

    @Test
    void aLargeBlockIsSplitFromTheFreeAreas() {
        Machine machine = boot("i386-1g");
        explain.started(machine);
        AllocationStory story = allocate(machine, "GFP_KERNEL", 8);
        assertThat(story.request()).isEqualTo("GFP_KERNEL, order 8");
        assertThat(story.result()).startsWith("pfn 0x").endsWith("zone Normal");
        assertThat(story.steps().get(0))
                .startsWith("zone Normal: ")
                .contains("against watermark 1170 + lowmem_reserve 0 = 1170")
                .endsWith("above it");
        assertThat(story.steps())
                .satisfiesOnlyOnce(step -> assertThat(step).startsWith("a block of order 10"))
                .extracting(step -> step.split(" ")[0])
                .containsSubsequence("nothing", "a", "taken");
        assertThat(story.steps()).anyMatch(step -> step.startsWith("nothing of type Unmovable: fell back on Movable"));
        assertThat(story.steps().get(story.steps().size() - 1))
                .startsWith("taken from the free areas, order 8, Unmovable");
    }

    @Test
    void aSinglePageComesFromARefilledList() {
        Machine machine = boot("linux-6.1-686-pae");
        explain.started(machine);
        AllocationStory story = allocate(machine, "GFP_HIGHUSER_MOVABLE", 0);
        assertThat(story.steps())
                .anyMatch(step -> step.startsWith("the per-CPU list of order 0, Movable, was empty: refilled with 7"));
        assertThat(story.steps()).last().asString().startsWith("taken from the per-CPU list of order 0, Movable");
        assertThat(allocate(machine, "GFP_HIGHUSER_MOVABLE", 0).steps()).hasSize(2);
    }

    @Test
    void aFailureTellsEachZoneThatWasPassedOver() {
        Machine machine = boot("i386-32m");
        explain.started(machine);
        AllocationStory story = allocate(machine, "GFP_ATOMIC", 10);
        while (!story.result().equals("failed")) {
            story = allocate(machine, "GFP_ATOMIC", 10);
        }
        assertThat(story.steps()).hasSize(4).allMatch(step -> step.endsWith("passed over"));
        assertThat(story.steps().get(3)).startsWith("zone DMA: ").contains("lowmem_reserve 15");
    }

    @Test
    void aMachineThatWentIsForgotten() {
        Machine machine = boot("i386-32m");
        explain.started(machine);
        allocate(machine, "GFP_KERNEL", 0);
        explain.removed(machine);
        assertThat(explain.last(machine)).isEmpty();
    }
}
