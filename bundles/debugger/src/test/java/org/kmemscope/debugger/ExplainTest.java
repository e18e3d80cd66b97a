package org.kmemscope.debugger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.debug.AllocationStory;
import org.kmemscope.api.error.TaskKilled;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.reclaim.UserTasks;
import org.kmemscope.buddy.BuddyProvider;
import org.kmemscope.gfp.EraGfpProvider;
import org.kmemscope.machine.MachineFactory;
import org.kmemscope.machine.Providers;
import org.kmemscope.mmu.PageTableMmuProvider;
import org.kmemscope.physmem.SparseMemoryProvider;
import org.kmemscope.reclaim.KernelReclaimProvider;
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
                        Optional.empty())
                .with(new KernelReclaimProvider());
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
        assertThat(story.steps())
                .filteredOn(step -> step.endsWith("passed over"))
                .hasSize(4)
                .last()
                .asString()
                .startsWith("zone DMA: ")
                .contains("lowmem_reserve 15");
    }

    @Test
    void whoIsShortOfMemoryWakesKswapdAndReclaims() {
        Machine machine = boot("linux-2.6.38-mlinux,mem=64M");
        explain.started(machine);
        fill(machine, "data");
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            AllocationStory story = allocate(machine, "GFP_KERNEL", 0);
            assertThat(story.result()).startsWith("pfn 0x");
            all.addAll(story.steps());
            if (i % 500 == 0) {
                machine.tick(1000);
                all.addAll(explain.last(machine).orElseThrow().steps());
            }
        }
        assertThat(all)
                .anyMatch(step -> step.startsWith("kswapd is woken for zone ") && step.endsWith(", order 0"))
                .anyMatch(step -> step.matches("later: kswapd freed \\d+ pages, and sleeps: the zones are balanced"))
                .anyMatch(step -> step.matches("direct reclaim looked at \\d+ pages and freed \\d+.*"));
    }

    private static void fill(Machine machine, String file) {
        machine.call(Caller.of(1, "sh", "test"), "read", () -> machine.reclaim()
                .pageCache()
                .read(file, 0, (int) machine.pages().totalPages()));
    }

    @Test
    void compactionIsToldWithWhatItMoved() {
        Machine machine = boot("linux-6.1-686-pae,mem=64M");
        explain.started(machine);
        Caller sh = Caller.of(1, "sh", "test");
        // every other page goes
        machine.call(sh, "touch", () -> {
            UserTasks tasks = machine.reclaim().tasks();
            int one = tasks.spawn("one", 0);
            int other = tasks.spawn("other", 0);
            for (int i = 0; i < 4_500; i++) {
                tasks.touch(one, 1);
                tasks.touch(other, 1);
            }
            tasks.exit(other);
            return null;
        });
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            all.addAll(allocate(machine, "GFP_KERNEL|__GFP_NORETRY|__GFP_NOWARN", 9)
                    .steps());
        }
        assertThat(all).anyMatch(step -> step.matches("compaction of zone \\w+ moved \\d+ pages, \\d+ could not .*"));
    }

    @Test
    void aStoryThatGoesRoundInCirclesIsToldOnce() {
        Machine machine = boot("linux-6.1-686-pae,mem=64M");
        explain.started(machine);
        assertThatThrownBy(() -> {
                    while (true) {
                        allocate(machine, "GFP_KERNEL", 0);
                    }
                })
                .isInstanceOf(TaskKilled.class);
        AllocationStory story = explain.last(machine).orElseThrow();
        assertThat(story.result()).isEqualTo("killed");
        assertThat(story.steps())
                .contains("direct reclaim looked at 0 pages and freed 0")
                .anyMatch(step -> step.endsWith("not enough for another round"))
                .last()
                .asString()
                .isEqualTo("the OOM killer took sh (1), which had 0 pages; it is the task that asked");
        assertThat(story.steps()).hasSizeLessThan(20);
    }

    @Test
    void repeatedStepsAreCounted() {
        assertThat(Repeats.shortened(List.of("a", "b", "c", "b", "c", "b", "c", "d")))
                .containsExactly("a", "b", "c", "these 2 steps came 2 times more", "d");
        assertThat(Repeats.shortened(List.of("a", "a", "a", "b", "b")))
                .containsExactly("a", "that came 2 times more", "b", "b");
        assertThat(Repeats.shortened(List.of())).isEmpty();
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
