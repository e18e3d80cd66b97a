package org.kmemscope.slab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.view.SlabCacheView;

/** Arrays of free objects, by CPU and shared, and the reaper that empties them. */
class ArraysTest {
    private static final String CACHE = "test";
    private static final int SIZE = 128;
    /** Objects of a slab with lines of 64 bytes. */
    private static final int PER_SLAB = 30;

    private final List<Long> objects = new ArrayList<>();

    private static KmemCache create(Machine machine) {
        return TestMachines.kernel(machine).kmemCacheCreate(new CacheSpec(CACHE, SIZE, 0, 0, ObjectConstructor.NONE));
    }

    private void allocate(Machine machine, KmemCache cache, int count) {
        Kernel kernel = TestMachines.kernel(machine);
        for (int i = 0; i < count; i++) {
            objects.add(kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL));
        }
    }

    private void free(Machine machine, KmemCache cache, int count) {
        Kernel kernel = TestMachines.kernel(machine);
        for (int i = 0; i < count; i++) {
            kernel.kmemCacheFree(cache, objects.remove(objects.size() - 1));
        }
    }

    private static String array(Machine machine) {
        return TestMachines.cache(machine, CACHE).attributes().get("array");
    }

    private static String counts(Machine machine) {
        SlabCacheView view = TestMachines.cache(machine, CACHE);
        return view.activeObjects() + "/" + view.objects() + " " + view.activeSlabs() + "/" + view.slabs();
    }

    private static void seconds(Machine machine, int seconds) {
        machine.tick((long) seconds * machine.clock().hz());
    }

    @Test
    void anArrayThatWasNotUsedIsRefilledWithSixteenAndThenWithABatch() {
        Machine machine = TestMachines.boot("linux-2.6.38-mlinux");
        KmemCache cache = create(machine);
        allocate(machine, cache, 1);
        assertThat(array(machine)).isEqualTo("15/120");
        assertThat(counts(machine)).isEqualTo("16/30 1/1");
        allocate(machine, cache, 16);
        assertThat(array(machine)).as("14 of the first slab were left").isEqualTo("13/120");
        allocate(machine, cache, 14);
        assertThat(array(machine)).as("a new slab, all of it").isEqualTo("29/120");
        assertThat(counts(machine)).isEqualTo("60/60 2/2");
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void aFullArrayGivesABatchOfItsOldestBack() {
        Machine machine = TestMachines.boot("linux-2.6.38-mlinux");
        KmemCache cache = create(machine);
        allocate(machine, cache, 5 * PER_SLAB);
        assertThat(array(machine)).isEqualTo("0/120");
        free(machine, cache, 120);
        assertThat(array(machine)).isEqualTo("120/120");
        assertThat(counts(machine)).isEqualTo("150/150 5/5");
        free(machine, cache, 1);
        assertThat(array(machine)).isEqualTo("61/120");
        assertThat(counts(machine)).as("two slabs are empty, and kept").isEqualTo("90/150 3/5");
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void aboveItsLimitOfFreeObjectsACacheGivesEmptySlabsBackAtOnce() {
        Machine machine = TestMachines.boot("linux-2.6.38-mlinux");
        KmemCache cache = create(machine);
        int limit = (1 + 1) * 60 + PER_SLAB;
        assertThat(TestMachines.cache(machine, CACHE).attributes()).containsEntry("free_limit", "" + limit);
        allocate(machine, cache, 20 * PER_SLAB);
        free(machine, cache, 20 * PER_SLAB);
        SlabCacheView view = TestMachines.cache(machine, CACHE);
        assertThat(view.objects() - view.activeObjects()).isBetween((long) limit - PER_SLAB, (long) limit);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void theReaperLeavesAnArrayAloneForATurnAndThenTakesAFifth() {
        Machine machine = TestMachines.boot("linux-2.6.38-mlinux");
        KmemCache cache = create(machine);
        seconds(machine, 1);
        allocate(machine, cache, 120);
        free(machine, cache, 120);
        assertThat(array(machine)).isEqualTo("120/120");
        seconds(machine, 2);
        assertThat(array(machine)).as("used since the last turn").isEqualTo("120/120");
        seconds(machine, 2);
        assertThat(array(machine)).isEqualTo("96/120");
        seconds(machine, 8);
        assertThat(array(machine)).isEqualTo("0/120");
        seconds(machine, 40);
        assertThat(array(machine)).isEqualTo("0/120");
        assertThat(counts(machine)).isEqualTo("0/0 0/0");
        assertThat(Long.parseLong(
                        TestMachines.cache(machine, CACHE).attributes().get("reaped")))
                .isPositive();
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void aRestSmallerThanAFifthGoesByHalves() {
        Machine machine = TestMachines.boot("linux-2.6.38-mlinux");
        KmemCache cache = create(machine);
        seconds(machine, 1);
        allocate(machine, cache, 150);
        free(machine, cache, 100);
        seconds(machine, 2);
        List<String> turns = new ArrayList<>();
        for (int turn = 0; turn < 8; turn++) {
            seconds(machine, 2);
            turns.add(array(machine).replace("/120", ""));
        }
        assertThat(turns).containsExactly("76", "52", "28", "4", "2", "1", "0", "0");
    }

    @Test
    void anIdleMachineGivesAllItCanBackInTime() {
        Machine machine = TestMachines.boot("i386-1g,cpus=2");
        KmemCache cache = create(machine);
        for (int cpu = 0; cpu < 2; cpu++) {
            TestMachines.onCpu(machine, cpu);
            allocate(machine, cache, 500);
        }
        free(machine, cache, 1000);
        seconds(machine, 300);
        assertThat(counts(machine)).isEqualTo("0/0 0/0");
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void whatOneCpuFreesAnotherGetsThroughTheSharedArray() {
        Machine machine = TestMachines.boot("linux-2.6.38-mlinux,cpus=2");
        KmemCache cache = create(machine);
        assertThat(TestMachines.cache(machine, CACHE).sharedFactor()).isEqualTo(8);
        allocate(machine, cache, 10 * PER_SLAB);
        free(machine, cache, 121);
        assertThat(TestMachines.cache(machine, CACHE).sharedAvailable()).isEqualTo(60);
        assertThat(counts(machine)).as("those in arrays are in use").isEqualTo("300/300 10/10");
        TestMachines.onCpu(machine, 1);
        allocate(machine, cache, 1);
        assertThat(array(machine)).isEqualTo("61/120 15/120");
        assertThat(TestMachines.cache(machine, CACHE).sharedAvailable()).isEqualTo(44);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void aFullSharedArrayLetsObjectsPassToTheirSlabs() {
        Machine machine = TestMachines.boot("linux-2.6.38-mlinux,cpus=2");
        KmemCache cache = create(machine);
        allocate(machine, cache, 40 * PER_SLAB);
        free(machine, cache, 40 * PER_SLAB);
        assertThat(TestMachines.cache(machine, CACHE).sharedAvailable()).isEqualTo(8 * 60);
        SlabCacheView view = TestMachines.cache(machine, CACHE);
        assertThat(view.activeObjects()).isLessThan(view.objects());
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void objectsLargerThanAPageAreNotShared() {
        Machine machine = TestMachines.boot("linux-2.6.38-mlinux,cpus=2");
        assertThat(TestMachines.cache(machine, "size-4096").sharedFactor()).isEqualTo(8);
        assertThat(TestMachines.cache(machine, "size-8192").sharedFactor()).isZero();
    }

    /** "slab: fix regression in touched logic": a shared array that is in use is reaped all the same before 2.6.34. */
    @ParameterizedTest
    @CsvSource({"linux-2.6.29-vbox-pae, true", "linux-2.6.38-mlinux, false"})
    void theReaperTakesFromASharedArrayInUseOnlyBefore2634(String profile, boolean reaped) {
        Machine machine = TestMachines.boot(profile + ",cpus=2");
        KmemCache cache = create(machine);
        allocate(machine, cache, 40 * PER_SLAB);
        free(machine, cache, 40 * PER_SLAB);
        TestMachines.onCpu(machine, 1);
        for (int second = 0; second < 12; second++) {
            allocate(machine, cache, 20);
            seconds(machine, 1);
        }
        int inArray = Integer.parseInt(array(machine).split("[ /]")[2]);
        long moved = objects.size() + inArray;
        assertThat(480 - moved - TestMachines.cache(machine, CACHE).sharedAvailable() > 0)
                .isEqualTo(reaped);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void whereAnObjectIsCanBeSeen() {
        Machine machine = TestMachines.boot("linux-2.6.38-mlinux,cpus=2");
        KmemCache cache = create(machine);
        allocate(machine, cache, 10 * PER_SLAB);
        long first = objects.get(0);
        long last = objects.get(objects.size() - 1);
        assertThat(state(machine, last)).isEqualTo(ObjectView.State.ALLOCATED);
        free(machine, cache, 10 * PER_SLAB);
        assertThat(state(machine, last)).as("in the shared array").isEqualTo(ObjectView.State.CPU_CACHED);
        assertThat(state(machine, first)).as("in the CPU's array").isEqualTo(ObjectView.State.CPU_CACHED);
        machine.objects().shrinkCache(cache);
        assertThat(machine.objects().objectAt(first)).as("its slab is gone").isEmpty();
        allocate(machine, cache, 1);
        long slab = machine.objects().objectAt(objects.get(0)).orElseThrow().slab();
        long oldest = slab + 200;
        assertThat(state(machine, oldest))
                .as("all of a new slab goes to the array")
                .isEqualTo(ObjectView.State.CPU_CACHED);
        seconds(machine, 4);
        assertThat(state(machine, oldest)).as("reaped").isEqualTo(ObjectView.State.FREE);
    }

    private static ObjectView.State state(Machine machine, long object) {
        return machine.objects().objectAt(object).orElseThrow().state();
    }
}
