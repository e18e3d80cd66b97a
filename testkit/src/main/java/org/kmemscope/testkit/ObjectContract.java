package org.kmemscope.testkit;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.kmemscope.api.slab.ObjectAllocatorProvider;

/** What the parts of {@link ObjectAllocatorContract} know of the allocator they test. */
interface ObjectContract {
    /** The smallest machine: to be cross-checked after every step. */
    String SMALL_MACHINE = "i386-32m,mem=16M";

    /** The allocator that is tested. */
    ObjectAllocatorProvider provider();

    /** The machines it is tested on: old and new rules, i386 and ARM, one CPU and several, with and without ZONE_DMA and high memory. */
    default List<String> machines() {
        return List.of(
                "i386-32m,cpus=1",
                "linux-2.6.38-mlinux,mem=64M,cpus=4",
                "linux-3.2-vexpress,mem=64M,cpus=2",
                "linux-6.1-686-pae,mem=128M");
    }

    /**
     * Whether a request for ZONE_DMA gets memory from there. SLOB does not look at the mask where it has memory already.
     */
    default boolean separatesZones() {
        return true;
    }

    /**
     * Whether {@code kfree()} believes an address in pages that are no slab, and frees them: so does SLUB in Linux, whoever has them.
     */
    default boolean believesLargePointers() {
        return false;
    }

    /** Pages that may stay with the allocator when all objects are freed and all caches shrunk, beyond those it booted with. */
    default int keptPages() {
        return 40;
    }

    /** One test for each machine. */
    default Stream<DynamicTest> onEachMachine(Consumer<TestMachine> test) {
        return machines().stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    TestMachine machine = TestMachine.boot(name, provider());
                    test.accept(machine);
                    machine.verify();
                }));
    }
}
