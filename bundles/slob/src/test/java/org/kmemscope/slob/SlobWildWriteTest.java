package org.kmemscope.slob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.error.KernelException;
import org.kmemscope.api.error.MachineHalted;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.testkit.TestMachine;

/** What becomes of the heap when somebody writes over it. */
class SlobWildWriteTest {
    private static final int STEPS = 1500;
    private static final int WRITES = 25;
    private static final int[] VALUES = {0, -1, 0x6b6b6b6b, 0xc0000000, 17, 0x08000800, 0xffff};

    private final TestMachine machine = TestMachine.boot("linux-2.6.38-mlinux,mem=64M,cpus=2", new SlobProvider());
    private final Kernel kernel = machine.kernel();

    private List<String> problems() {
        return machine.machine().verify().problems();
    }

    @Test
    void anOverwrittenSizeIsNoticedWhenTheObjectComesBack() {
        long object = kernel.kmalloc(100, Gfp.GFP_KERNEL);
        kernel.kmalloc(100, Gfp.GFP_KERNEL);
        for (int size : new int[] {0, 50, 98, 200, 4096, -1, Integer.MAX_VALUE}) {
            kernel.write32(object - 4, size);
            assertThat(problems()).as("%d", size).isNotEmpty();
            assertThatThrownBy(() -> kernel.kfree(object))
                    .as("%d", size)
                    .hasMessageContaining("the size before object 0x%08x is overwritten: it says %d", object, size);
        }
        kernel.write32(object - 4, 100);
        kernel.kfree(object);
        machine.verify();
    }

    @Test
    void aWriteBehindAnObjectBreaksTheFreeBlockThere() {
        long object = kernel.kmalloc(100, Gfp.GFP_KERNEL);
        kernel.write32(object + 100, 0x41414141);
        assertThat(problems()).isNotEmpty();
        assertThatThrownBy(() -> kernel.kmalloc(20, Gfp.GFP_KERNEL))
                .hasMessageContaining("the free block 0x%08x is overwritten", object + 100);
        assertThatThrownBy(() -> kernel.kfree(object)).hasMessageContaining("is overwritten");
    }

    @Test
    void aFreeBlockThatClaimsAnObjectIsNotHandedOut() {
        long first = kernel.kmalloc(60, Gfp.GFP_KERNEL);
        long second = kernel.kmalloc(60, Gfp.GFP_KERNEL);
        kernel.kfree(first);
        // 64 units instead of 32: the second object would be part of it
        kernel.write32(first - 4, 64 << 16 | 64);
        assertThatThrownBy(() -> kernel.kmalloc(100, Gfp.GFP_KERNEL))
                .hasMessageContaining("an object that somebody holds");
        assertThat(kernel.read32(second - 4)).isEqualTo(60);
        assertThat(problems()).isNotEmpty();
    }

    @Test
    void aBrokenQueueOfRcuLosesWhatIsBehindTheBreak() {
        KmemCache cache = kernel.kmemCacheCreate(
                new CacheSpec("sock", 80, 0, SlabFlag.SLAB_TYPESAFE_BY_RCU.bit(), ObjectConstructor.NONE));
        List<Long> held = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            held.add(kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL));
        }
        held.forEach(object -> kernel.kmemCacheFree(cache, object));
        kernel.write32(held.get(1) + 88, 0x1234);
        assertThatThrownBy(() -> machine.machine().tick(1)).hasMessageContaining("struct slob_rcu 0x");
        assertThat(problems()).anyMatch(problem -> problem.contains("wait for a grace period"));
        long next = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        assertThat(next).isEqualTo(held.get(0));
        kernel.kmemCacheFree(cache, next);
        machine.machine().tick(1);
    }

    /** Whatever is written, a call ends with an answer or with words, and everything can still be looked at. */
    @Property(tries = 20, shrinking = ShrinkingMode.OFF)
    void wildWritesEndInWords(@ForAll long seed) {
        Random random = new Random(seed);
        List<KmemCache> caches = new ArrayList<>();
        for (int size : new int[] {20, 128, 1000}) {
            caches.add(kernel.kmemCacheCreate(new CacheSpec("cache-" + size, size, 0, 0, ObjectConstructor.NONE)));
        }
        caches.add(kernel.kmemCacheCreate(
                new CacheSpec("rcu", 300, 0, SlabFlag.SLAB_TYPESAFE_BY_RCU.bit(), ObjectConstructor.NONE)));
        List<Long> held = new ArrayList<>();
        int failed = 0;
        for (int step = 0; step < STEPS; step++) {
            if (step > STEPS / 2 && step % (STEPS / 2 / WRITES) == 0) {
                writeWild(random);
                look(held, random);
            }
            try {
                call(caches, held, random);
            } catch (MachineHalted halted) {
                throw new AssertionError("the model itself failed", halted);
            } catch (KernelException words) {
                failed++;
                assertThat(words.getMessage()).isNotBlank();
            }
        }
        assertThat(failed).isLessThan(STEPS);
        look(held, random);
    }

    private void writeWild(Random random) {
        List<Long> pages = new ArrayList<>();
        for (int pfn = machine.machine().frames().firstPfn();
                pfn < machine.machine().frames().endPfn();
                pfn++) {
            if (machine.machine().frames().is(pfn, PageFlag.SLAB)) {
                pages.add(machine.machine().layout().pfnToVirt(pfn));
            }
        }
        long page = pages.get(random.nextInt(pages.size()));
        int value = random.nextBoolean() ? VALUES[random.nextInt(VALUES.length)] : random.nextInt();
        machine.machine().mmu().write32(page + (random.nextInt(4092) & -4), value);
    }

    private void look(List<Long> held, Random random) {
        assertThat(machine.machine().views().slabCaches()).isNotEmpty();
        assertThat(machine.machine().verify().checks()).isPositive();
        for (int i = 0; i < 20 && !held.isEmpty(); i++) {
            machine.machine().whatis(held.get(random.nextInt(held.size())) + random.nextInt(4096));
        }
    }

    private void call(List<KmemCache> caches, List<Long> held, Random random) {
        int dice = random.nextInt(100);
        if (dice < 2) {
            machine.machine().tick(1);
        } else if (dice < 30) {
            held.add(kernel.kmemCacheAlloc(caches.get(random.nextInt(caches.size())), Gfp.GFP_ATOMIC));
        } else if (held.isEmpty() || dice < 60) {
            held.add(kernel.kmalloc(1 + random.nextInt(3000), Gfp.GFP_ATOMIC));
        } else if (dice < 80) {
            kernel.kfree(held.remove(random.nextInt(held.size())));
        } else {
            kernel.kmemCacheFree(caches.get(random.nextInt(caches.size())), held.remove(random.nextInt(held.size())));
        }
    }
}
