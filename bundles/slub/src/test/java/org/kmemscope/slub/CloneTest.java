package org.kmemscope.slub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.slab.SlabState;
import org.kmemscope.api.vmalloc.VmallocState;

/** A machine that boots from the recorded state of pages and caches goes on as the one it was recorded of. */
class CloneTest {
    private static List<Long> use(Machine machine, List<Long> live, long seed) {
        Random random = new Random(seed);
        int gfp = machine.gfp().parse("GFP_NOWAIT");
        List<Long> answers = new ArrayList<>();
        for (int step = 0; step < 3000; step++) {
            if (live.isEmpty() || random.nextInt(100) < 55) {
                long object = machine.objects().kmalloc(1 + random.nextInt(3000), gfp);
                answers.add(object);
                live.add(object);
            } else {
                machine.objects().kfree(live.remove(random.nextInt(live.size())));
            }
        }
        return answers;
    }

    @Test
    void aCloneHandsOutTheSameObjects() {
        Machine machine = TestMachines.boot("linux-6.1-686-pae,cpus=1");
        // frames in use by others, among which the clone finds room for what it needs itself
        for (int i = 0; i < 200; i++) {
            machine.pages().allocPages(machine.gfp().parse("GFP_KERNEL"), 3);
        }
        use(machine, new ArrayList<>(), 1);
        SlabState slabs = machine.objects().recorded().orElseThrow().state();
        PageState pages = machine.pages().state();
        Machine clone = TestMachines.boot(new MachineSeed(
                machine.profile(),
                Optional.of(pages),
                true,
                List.of(),
                Optional.of(slabs),
                VmallocState.EMPTY,
                List.of()));
        assertThat(clone.pages().freePageCount()).isEqualTo(machine.pages().freePageCount());
        // new slabs are shuffled by chance, so only objects of slabs that were there are the same
        List<Long> mine = use(clone, new ArrayList<>(), 2);
        List<Long> theirs = use(machine, new ArrayList<>(), 2);
        assertThat(mine.subList(0, 20)).isEqualTo(theirs.subList(0, 20));
        assertThat(clone.verify().problems()).isEmpty();
    }
}
