package org.kmemscope.slob;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.testkit.TestMachine;

/** Every block is where the rules say, to the byte. */
class HeapOracleTest {
    private static final int PAGE = 4096;

    /**
     * A machine of each era, and what its heap does.
     *
     * @param header bytes before an object from kmalloc
     * @param minAlign least alignment of an object of a cache
     * @param natural whether powers of two are multiples of themselves
     * @param descriptor bytes of a {@code struct kmem_cache}
     * @param names whether names of caches are copied
     */
    private record Era(
            String machine,
            Supplier<NaiveSlob> model,
            int header,
            int minAlign,
            boolean natural,
            int descriptor,
            boolean names) {}

    private static final List<Era> ERAS = List.of(
            new Era("i386-32m", () -> new NaiveSlob(false, false, false, true), 4, 4, false, 20, false),
            new Era(
                    "linux-2.6.32-el6-pae,mem=128M",
                    () -> new NaiveSlob(true, true, false, true),
                    4,
                    4,
                    false,
                    20,
                    false),
            new Era("linux-3.2-686-pae,mem=128M", () -> new NaiveSlob(true, true, true, true), 4, 4, false, 20, false),
            new Era("linux-3.2-versatile", () -> new NaiveSlob(true, true, true, true), 32, 8, false, 20, false),
            new Era("linux-6.1-686-pae,mem=128M", () -> new NaiveSlob(true, true, true, false), 8, 8, true, 44, true));

    private record Held(long object, int size, KmemCache cache) {}

    private static final class Run {
        final Era era;
        final NaiveSlob model;
        final TestMachine machine;
        final ObjectAllocator objects;
        final int gfp;
        final List<KmemCache> caches = new ArrayList<>();
        final int[] sizes = {12, 33, 300, 1500};
        final int[] aligns = {0, 16, 64, 256};
        final List<Held> held = new ArrayList<>();

        Run(Era era) {
            this.era = era;
            model = era.model.get();
            machine = TestMachine.boot(era.machine, new SlobProvider());
            objects = machine.objects();
            gfp = machine.gfp(Gfp.GFP_KERNEL);
        }

        void createCaches() {
            for (int i = 0; i < sizes.length; i++) {
                String name = "cache-" + i;
                caches.add(objects.createCache(new CacheSpec(name, sizes[i], aligns[i], 0, ObjectConstructor.NONE)));
                long at = Long.decode(
                        machine.cache(name).orElseThrow().attributes().get("address"));
                assertThat(at).isEqualTo(model.take(era.descriptor, era.header, 0, () -> at & -PAGE));
                if (era.names) {
                    model.take(name.length() + 1 + era.header, era.header, era.header, () -> {
                        throw new AssertionError("a page has room for all of this");
                    });
                }
            }
        }

        void take(Random random) {
            int cache = random.nextInt(2 * sizes.length);
            if (cache < sizes.length) {
                long object = objects.allocObject(caches.get(cache), gfp);
                int align = Math.max(era.minAlign, aligns[cache]);
                assertThat(object).isEqualTo(model.take(sizes[cache], align, 0, () -> object & -PAGE));
                held.add(new Held(object, sizes[cache], caches.get(cache)));
                return;
            }
            int size = 1 + random.nextInt(random.nextInt(10) == 0 ? 3900 : 400);
            size = random.nextInt(4) == 0 ? Integer.highestOneBit(size) : size;
            long block = objects.kmalloc(size, gfp) - era.header;
            int align = era.natural && Integer.bitCount(size) == 1 ? Math.max(era.header, size) : era.header;
            assertThat(block).isEqualTo(model.take(size + era.header, align, era.header, () -> block & -PAGE));
            held.add(new Held(block + era.header, size, KmemCache.NONE));
        }

        void give(Held freed) {
            if (freed.cache() == KmemCache.NONE) {
                objects.kfree(freed.object());
                model.give(freed.object() - era.header, freed.size() + era.header);
            } else {
                objects.freeObject(freed.cache(), freed.object());
                model.give(freed.object(), freed.size());
            }
        }
    }

    @Property(tries = 15)
    void everyBlockIsWhereTheRulesSay(@ForAll long seed, @ForAll @IntRange(max = 4) int which) {
        Run run = new Run(ERAS.get(which));
        Random random = new Random(seed);
        int free = (int) run.machine.freePages();
        run.createCaches();
        double wave = 100.0 + random.nextInt(400);
        for (int step = 0; step < 2500; step++) {
            if (run.held.isEmpty() || random.nextInt(100) < 52 + 30 * Math.sin(step / wave)) {
                run.take(random);
            } else {
                run.give(run.held.remove(random.nextInt(run.held.size())));
            }
        }
        run.machine.verify();
        assertThat(free - run.machine.freePages()).isEqualTo(run.model.pages());
        run.held.forEach(run::give);
        run.machine.verify();
        assertThat(free - run.machine.freePages()).isEqualTo(run.model.pages()).isEqualTo(1);
    }
}
