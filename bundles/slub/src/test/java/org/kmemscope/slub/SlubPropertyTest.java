package org.kmemscope.slub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.slab.SlabState;
import org.kmemscope.slub.NaiveSlub.Era;

/**
 * Random work on several CPUs against {@link NaiveSlub}: every address, and all lists in between; and no live object loses a byte.
 */
class SlubPropertyTest {
    private record Kind(String machine, Era era) {}

    private static final List<Kind> KINDS = List.of(
            new Kind("linux-6.1-686-pae,cpus=3", Era.SLABS),
            new Kind("linux-6.1-armmp,cpus=1,mem=512M", Era.SLABS),
            new Kind("linux-3.8.13-odroidx,cpus=2", Era.ON_LIST),
            new Kind("linux-3.4.67-goldfish", Era.ON_LIST),
            new Kind("linux-3.0.15-itop4412,cpus=2", Era.OLD),
            new Kind("linux-2.6.29-goldfish", Era.OLD));

    private static final int[] SIZES = {8, 24, 100, 192, 700, 2000, 5000, 30000};
    private static final int STEPS = 1500;

    private record Live(long object, int pfn, int index, byte stamp) {}

    private static final class Work {
        final Machine machine;
        final Kernel kernel;
        final Random random;
        final KmemCache cache;
        final int size;
        final NaiveSlub naive;
        final List<Live> live = new ArrayList<>();

        Work(Kind kind, long seed) {
            machine = TestMachines.boot(kind.machine());
            kernel = TestMachines.kernel(machine);
            random = new Random(seed);
            size = SIZES[random.nextInt(SIZES.length)];
            cache = kernel.kmemCacheCreate(
                    new CacheSpec("work", size, 0, SlabFlag.SLAB_NOMERGE.bit(), ObjectConstructor.NONE));
            var attributes = TestMachines.cache(machine, "work").attributes();
            naive = new NaiveSlub(
                    kind.era(),
                    machine.profile().cpus(),
                    Integer.parseInt(attributes.get("min_partial")),
                    Integer.parseInt(attributes.get(kind.era() == Era.SLABS ? "cpu_partial_slabs" : "cpu_partial")));
        }

        SlabState.CacheState state() {
            return machine.objects().recorded().orElseThrow().state(cache);
        }

        void step(int number) {
            int cpu = random.nextInt(machine.profile().cpus());
            TestMachines.onCpu(machine, cpu);
            if (live.isEmpty() || random.nextInt(100) < 50 + 40 * Math.sin(number / 120.0)) {
                allocate(cpu, (byte) number);
            } else {
                free(cpu, live.remove(random.nextInt(live.size())));
            }
        }

        private void allocate(int cpu, byte stamp) {
            long object = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
            Optional<int[]> expected = naive.allocate(cpu);
            if (expected.isEmpty()) {
                naive.learn(cpu, state().cpus().get(cpu));
            }
            int pfn = machine.frames().compoundHead(machine.layout().virtToPfn(object));
            int index = machine.objects().objectAt(object).orElseThrow().index();
            expected.ifPresent(place ->
                    assertThat(List.of(pfn, index)).as("slab and object").isEqualTo(List.of(place[0], place[1])));
            kernel.memset(object, stamp, size);
            live.add(new Live(object, pfn, index, stamp));
        }

        private void free(int cpu, Live was) {
            byte[] kept = new byte[size];
            Arrays.fill(kept, was.stamp());
            assertThat(Arrays.equals(kernel.read(was.object(), size), kept))
                    .as("bytes of 0x%x", was.object())
                    .isTrue();
            kernel.kmemCacheFree(cache, was.object());
            naive.free(cpu, was.pfn(), was.index());
        }

        void compare() {
            assertThat(NaiveSlub.text(state())).isEqualTo(naive.text());
        }
    }

    @Property(tries = 24)
    void everyAddressIsTheOneThatTheRulesTell(@ForAll long seed, @ForAll @IntRange(max = 5) int which) {
        Work work = new Work(KINDS.get(which), seed);
        for (int step = 0; step < STEPS; step++) {
            work.step(step);
            if (step % 100 == 0) {
                work.compare();
            }
        }
        work.compare();
        assertThat(work.machine.verify().problems()).isEmpty();
        TestMachines.onCpu(work.machine, 0);
        work.live.forEach(was -> work.kernel.kmemCacheFree(work.cache, was.object()));
        assertThat(work.kernel.kmemCacheDestroy(work.cache)).isTrue();
        assertThat(work.machine.verify().problems()).isEmpty();
    }
}
