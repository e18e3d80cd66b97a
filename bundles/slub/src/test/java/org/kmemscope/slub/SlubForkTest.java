package org.kmemscope.slub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;

/** A copy of a machine goes on as the original would, random numbers included. */
class SlubForkTest {
    /** kmalloc and kfree at random; what was answered, and what is held at the end. */
    private static String work(Machine machine, List<Long> held, long seed) {
        Kernel kernel = TestMachines.kernel(machine);
        Random random = new Random(seed);
        StringBuilder answers = new StringBuilder();
        for (int step = 0; step < 2500; step++) {
            TestMachines.onCpu(machine, step % machine.profile().cpus());
            if (random.nextInt(5) < 3 || held.isEmpty()) {
                long object = kernel.kmalloc(1 + random.nextInt(1 << random.nextInt(15)), Gfp.GFP_KERNEL);
                answers.append(Long.toHexString(object)).append(' ');
                held.add(object);
            } else {
                kernel.kfree(held.remove(random.nextInt(held.size())));
            }
        }
        return answers.toString();
    }

    private static String states(Machine machine) {
        return machine.objects().recorded().orElseThrow().state().caches().stream()
                .map(state -> state.name() + " " + state.slabs() + " " + state.objects() + "\n" + NaiveSlub.text(state))
                .collect(Collectors.joining());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "linux-6.1-686-pae,cpus=4",
                "linux-6.1-armmp,slub_debug=FZPU",
                "linux-3.8.13-odroidx,cpus=2",
                "linux-2.6.29-goldfish,slub_debug=P"
            })
    void aCopyMadeInMidWorkGoesOnWithTheSameAnswers(String specification) {
        Machine machine = TestMachines.boot(specification);
        List<Long> held = new ArrayList<>();
        work(machine, held, 1);
        Machine copy = machine.fork("copy");
        List<Long> heldByCopy = new ArrayList<>(held);
        assertThat(states(copy)).isEqualTo(states(machine));
        KmemCache mine =
                TestMachines.kernel(machine).kmemCacheCreate(new CacheSpec("mine", 52, 0, 0, ObjectConstructor.NONE));
        KmemCache its =
                TestMachines.kernel(copy).kmemCacheCreate(new CacheSpec("mine", 52, 0, 0, ObjectConstructor.NONE));
        assertThat(its).isEqualTo(mine);
        assertThat(work(copy, heldByCopy, 2)).isEqualTo(work(machine, held, 2));
        assertThat(states(copy)).isEqualTo(states(machine));
        assertThat(copy.views().slabCaches()).isEqualTo(machine.views().slabCaches());
        assertThat(copy.verify().problems()).isEmpty();
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void whatTheCopyDoesIsNothingToTheOriginal() {
        Machine machine = TestMachines.boot("linux-6.1-686");
        String before = states(machine);
        Machine copy = machine.fork("copy");
        work(copy, new ArrayList<>(), 3);
        assertThat(states(machine)).isEqualTo(before).isNotEqualTo(states(copy));
    }

    @Test
    void aCopyMadeInAGracePeriodEndsItToo() {
        Machine machine = TestMachines.boot("linux-6.1-686-pae");
        Kernel kernel = TestMachines.kernel(machine);
        KmemCache cache = kernel.kmemCacheCreate(
                new CacheSpec("rcu", 3000, 0, SlabFlag.SLAB_TYPESAFE_BY_RCU.bit(), ObjectConstructor.NONE));
        kernel.kmemCacheFree(cache, kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL));
        assertThat(machine.objects().shrinkCache(cache)).isEqualTo(8);
        long before = machine.pages().freePageCount();
        Machine copy = machine.fork("copy");
        assertThat(copy.verify().problems()).isEmpty();
        machine.tick(1);
        copy.tick(1);
        machine.pages().drainAllPages();
        copy.pages().drainAllPages();
        assertThat(machine.pages().freePageCount()).isGreaterThan(before);
        assertThat(copy.pages().freePageCount()).isEqualTo(machine.pages().freePageCount());
        assertThat(copy.verify().problems()).isEmpty();
    }
}
