package org.kmemscope.slab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectConstructor;

/** Taking and giving objects makes no garbage, neither in the CPU's array nor between array and slabs. */
class HotPathTest {
    private static final int OBJECTS = 500;
    private static final int ROUNDS = 200;

    private final Machine machine = TestMachines.boot("linux-2.6.38-mlinux,cpus=2");
    private final ObjectAllocator objects = machine.objects();
    private final int gfp = machine.gfp().of(Gfp.GFP_KERNEL);
    private final KmemCache cache = objects.createCache(new CacheSpec("hot", 200, 0, 0, ObjectConstructor.NONE));
    private final long[] held = new long[OBJECTS];

    private void work() {
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < OBJECTS; i++) {
                held[i] = (i & 1) == 0 ? objects.kmalloc(40 + i, gfp) : objects.allocObject(cache, gfp);
            }
            for (int i = 0; i < OBJECTS; i++) {
                if ((i & 1) == 0) {
                    objects.kfree(held[i]);
                } else {
                    objects.freeObject(cache, held[i]);
                }
            }
        }
    }

    @Test
    void takingAndGivingAllocatesNothingOnTheHost() {
        assumeThat(ManagementFactory.getThreadMXBean()).isInstanceOf(ThreadMXBean.class);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        assumeThat(threads.isThreadAllocatedMemorySupported()).isTrue();
        work();
        long id = Thread.currentThread().getId();
        long best = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 5 && best > 0; attempt++) {
            long before = threads.getThreadAllocatedBytes(id);
            work();
            best = Math.min(best, threads.getThreadAllocatedBytes(id) - before);
        }
        // 100,000 objects taken and given: one host object each would be megabytes
        assertThat(best).isLessThan(4_096);
        assertThat(machine.verify().problems()).isEmpty();
    }
}
