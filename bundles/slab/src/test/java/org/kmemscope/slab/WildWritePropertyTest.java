package org.kmemscope.slab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.kmemscope.api.error.KernelException;
import org.kmemscope.api.error.MachineHalted;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;

/**
 * Whatever is written over the pages of slabs, a call ends with an answer or with the kernel's own words, and everything can still
 * be looked at.
 */
class WildWritePropertyTest {
    private static final int STEPS = 1500;
    private static final int WRITES = 20;
    private static final int[] VALUES = {0, -1, 0x6b6b6b6b, 0xc0000000, 17, 0xffffe000};

    @Property(tries = 60, shrinking = ShrinkingMode.OFF)
    void wildWritesEndInTheKernelsWords(@ForAll long seed) {
        Machine machine = TestMachines.boot("linux-2.6.38-mlinux,mem=64M,cpus=2");
        Kernel kernel = TestMachines.kernel(machine);
        Random random = new Random(seed);
        List<KmemCache> caches = new ArrayList<>();
        for (int size : new int[] {20, 128, 1000}) {
            caches.add(kernel.kmemCacheCreate(new CacheSpec("cache-" + size, size, 0, 0, ObjectConstructor.NONE)));
        }
        List<Long> held = new ArrayList<>();
        int failed = 0;
        for (int step = 0; step < STEPS; step++) {
            if (step > STEPS / 2 && step % (STEPS / 2 / WRITES) == 0) {
                writeWild(machine, random);
                look(machine, held, random);
            }
            try {
                call(machine, caches, held, random);
            } catch (MachineHalted halted) {
                throw new AssertionError("the model itself failed", halted);
            } catch (KernelException words) {
                failed++;
                assertThat(words.getMessage()).isNotBlank();
            }
        }
        assertThat(failed).isLessThan(STEPS);
        look(machine, held, random);
    }

    /** Writes a word into some slab, more often than not into its management. */
    private static void writeWild(Machine machine, Random random) {
        List<Long> pages = new ArrayList<>();
        for (int pfn = machine.frames().firstPfn(); pfn < machine.frames().endPfn(); pfn++) {
            if (machine.frames().is(pfn, PageFlag.SLAB)) {
                pages.add(machine.layout().pfnToVirt(pfn));
            }
        }
        long page = pages.get(random.nextInt(pages.size()));
        int offset = random.nextInt(random.nextBoolean() ? 64 : 4092);
        int value = random.nextBoolean() ? VALUES[random.nextInt(VALUES.length)] : random.nextInt();
        machine.mmu().write32(page + (offset & -4), value);
    }

    private static void look(Machine machine, List<Long> held, Random random) {
        assertThat(machine.views().slabCaches()).isNotEmpty();
        assertThat(machine.verify().checks()).isPositive();
        for (int i = 0; i < 20 && !held.isEmpty(); i++) {
            machine.whatis(held.get(random.nextInt(held.size())) + random.nextInt(4096));
        }
    }

    private static void call(Machine machine, List<KmemCache> caches, List<Long> held, Random random) {
        Kernel kernel = TestMachines.kernel(machine);
        TestMachines.onCpu(machine, random.nextInt(2));
        int dice = random.nextInt(100);
        if (dice < 1) {
            machine.objects().shrinkCache(caches.get(random.nextInt(caches.size())));
        } else if (dice < 30) {
            held.add(kernel.kmemCacheAlloc(caches.get(random.nextInt(caches.size())), Gfp.GFP_ATOMIC));
        } else if (held.isEmpty() || dice < 60) {
            held.add(kernel.kmalloc(1 + random.nextInt(3000), Gfp.GFP_ATOMIC));
        } else {
            kernel.kfree(held.remove(random.nextInt(held.size())));
        }
    }
}
