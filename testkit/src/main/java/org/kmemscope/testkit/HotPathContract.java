package org.kmemscope.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectConstructor;

/** Taking and giving objects makes no garbage on the host. */
interface HotPathContract extends ObjectContract {
    @TestFactory
    default Stream<DynamicTest> takingAndGivingAllocatesNothingOnTheHost() {
        return onEachMachine(machine -> {
            assumeTrue(
                    ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads
                            && threads.isThreadAllocatedMemorySupported(),
                    "this virtual machine does not count what a thread allocates");
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            HotWork work = new HotWork(machine);
            work.run();
            long id = Thread.currentThread().getId();
            long best = Long.MAX_VALUE;
            for (int attempt = 0; attempt < 5 && best > 0; attempt++) {
                long before = threads.getThreadAllocatedBytes(id);
                work.run();
                best = Math.min(best, threads.getThreadAllocatedBytes(id) - before);
            }
            // one host object for each of the simulated ones would be hundreds of kilobytes
            assertThat(best).isLessThan(4096);
        });
    }

    /** The same work again and again. */
    final class HotWork {
        private static final int OBJECTS = 500;
        private static final int ROUNDS = 30;

        private final ObjectAllocator objects;
        private final KmemCache cache;
        private final int gfp;
        private final long[] held = new long[OBJECTS];

        HotWork(TestMachine machine) {
            objects = machine.objects();
            gfp = machine.gfp(Gfp.GFP_KERNEL);
            cache = objects.createCache(new CacheSpec("hot", 200, 0, 0, ObjectConstructor.NONE));
        }

        void run() {
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
    }
}
