package org.kmemscope.slab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.error.KernelHang;
import org.kmemscope.api.error.KernelOops;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.kernel.Mempool;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machine.ContextRequest;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.machine.Providers;
import org.kmemscope.vmalloc.KernelVmallocProvider;

/** Calls that the kernel makes of kmalloc, vmalloc and caches: copies, either of two, many at once, pools. */
class DerivedCallsTest {
    private final Machine machine = boot("linux-2.6.38-mlinux,mem=64M");
    private final Kernel kernel = TestMachines.kernel(machine);
    private final int gfp = kernel.gfp(Gfp.GFP_KERNEL);

    private static Machine boot(String specification) {
        Providers bare = TestMachines.providers();
        return TestMachines.FACTORY.boot(
                "test",
                TestMachines.FACTORY.load(specification),
                new Providers(
                        bare.memory(),
                        bare.mmu(),
                        bare.gfp(),
                        bare.freeAreas(),
                        bare.pages(),
                        bare.objects(),
                        Optional.of(new KernelVmallocProvider()),
                        Optional.empty(),
                        Optional.empty()));
    }

    @AfterEach
    void allAgrees() {
        assertThat(machine.verify().problems()).isEmpty();
    }

    private KmemCache cache(String name, int size) {
        return kernel.kmemCacheCreate(new CacheSpec(name, size, 0, 0, ObjectConstructor.NONE));
    }

    /** Takes all pages that a request which may not sleep can have, and all objects of a size. */
    private List<Long> exhaust(int size) {
        int mask = kernel.gfp(Gfp.GFP_ATOMIC, Gfp.__GFP_NOWARN);
        while (kernel.allocPages(mask, 0) >= 0) {
            // nobody gives them back
        }
        List<Long> held = new ArrayList<>();
        for (long object = kernel.kmalloc(size, mask); object != 0; object = kernel.kmalloc(size, mask)) {
            held.add(object);
        }
        return held;
    }

    // ---- copies, and growing

    @Test
    void aCopyHasTheBytes() {
        long source = kernel.kmalloc(100, gfp);
        kernel.memset(source, 0x5c, 100);
        long copy = kernel.kmemdup(source, 100, gfp);
        assertThat(copy).isNotEqualTo(source);
        assertThat(kernel.read(copy, 100)).containsOnly(0x5c);
        kernel.kfree(source);
        kernel.kfree(copy);
    }

    @Test
    void anObjectGrowsWhereItIsAsLongAsItFits() {
        long object = kernel.kmalloc(40, gfp);
        kernel.memset(object, 0x77, 40);
        assertThat(kernel.krealloc(object, 60, gfp)).isEqualTo(object);
        long larger = kernel.krealloc(object, 500, gfp);
        assertThat(larger).isNotEqualTo(object);
        assertThat(kernel.read(larger, 40)).containsOnly(0x77);
        assertThat(machine.objects().objectAt(object).orElseThrow().state()).isNotEqualTo(ObjectView.State.ALLOCATED);
        assertThat(kernel.krealloc(larger, 0, gfp)).isEqualTo(16);
        assertThat(kernel.krealloc(0, 30, gfp)).isNotZero();
    }

    @Test
    void whereThereIsNoMemoryTheOldObjectStays() {
        long object = kernel.kmalloc(40, gfp);
        exhaust(4096);
        assertThat(kernel.krealloc(object, 4000, kernel.gfp(Gfp.GFP_ATOMIC, Gfp.__GFP_NOWARN)))
                .isZero();
        assertThat(kernel.ksize(object)).isEqualTo(64);
        kernel.kfree(object);
    }

    // ---- either of two

    @Test
    void whatIsSmallOrThereInOnePieceIsFromKmalloc() {
        for (long size : new long[] {100, 4096, 100_000}) {
            long address = kernel.kvmalloc(size, gfp);
            assertThat(machine.layout().isLinear(address)).isTrue();
            kernel.kvfree(address);
        }
        kernel.kvfree(0);
    }

    @Test
    void whatKmallocCannotHaveIsFromVmalloc() {
        long most = machine.objects().kmallocMax();
        long lines = machine.log().written();
        long address = kernel.kvmalloc(most + 1, kernel.gfp(Gfp.GFP_KERNEL, Gfp.__GFP_ZERO));
        assertThat(address)
                .isBetween(machine.layout().vmallocStart(), machine.layout().vmallocEnd());
        assertThat(kernel.read(address, 5000)).containsOnly(0);
        assertThat(machine.log().written()).as("no warning").isEqualTo(lines);
        kernel.kvfree(address);
        assertThat(kernel.kvmalloc(most + 1, kernel.gfp(Gfp.GFP_ATOMIC)))
                .as("who may not sleep cannot have vmalloc")
                .isZero();
    }

    // ---- many at once

    @Test
    void manyObjectsAreTakenAndGivenInOneCall() {
        KmemCache cache = cache("bulk", 200);
        long[] objects = new long[50];
        assertThat(kernel.kmemCacheAllocBulk(cache, gfp, 40, objects)).isEqualTo(40);
        assertThat(Arrays.stream(objects, 0, 40).distinct()).hasSize(40).doesNotContain(0L);
        assertThat(objects[40]).isZero();
        kernel.kmemCacheFreeBulk(cache, 40, objects);
        assertThat(kernel.kmemCacheShrink(cache)).isEqualTo(3);
        assertThat(kernel.kmemCacheDestroy(cache)).isTrue();
    }

    @Test
    void ifOneIsMissingNoneIsTaken() {
        KmemCache cache = cache("bulk", 200);
        long one = kernel.kmemCacheAlloc(cache, gfp);
        exhaust(4096);
        int left = TestMachines.cache(machine, "bulk").objectsPerSlab() - 1;
        long[] objects = new long[left + 1];
        int mask = kernel.gfp(Gfp.GFP_ATOMIC, Gfp.__GFP_NOWARN);
        assertThat(kernel.kmemCacheAllocBulk(cache, mask, left + 1, objects)).isZero();
        assertThat(kernel.kmemCacheAllocBulk(cache, mask, left, objects)).isEqualTo(left);
        kernel.kmemCacheFreeBulk(cache, left, objects);
        kernel.kmemCacheFree(cache, one);
    }

    // ---- pools

    @Test
    void aPoolIsTwoObjectsInRamAndWhatItKeepsBack() {
        KmemCache cache = cache("bio", 120);
        Mempool pool = kernel.mempoolCreate(4, cache);
        assertThat(pool.id()).isPositive();
        assertThat(TestMachines.cache(machine, "bio").attributes())
                .containsEntry("allocs", "4")
                .containsEntry("frees", "0");
        long object = kernel.mempoolAlloc(pool, gfp);
        assertThat(TestMachines.cache(machine, "bio").attributes()).containsEntry("allocs", "5");
        kernel.mempoolFree(pool, object);
        assertThat(TestMachines.cache(machine, "bio").attributes()).containsEntry("frees", "1");
        kernel.mempoolFree(pool, 0);
        kernel.mempoolDestroy(pool);
        assertThat(kernel.kmemCacheDestroy(cache)).isTrue();
        assertThatThrownBy(() -> kernel.mempoolAlloc(pool, gfp))
                .isInstanceOf(KernelBug.class)
                .hasMessageContaining("does not exist any more");
        assertThatThrownBy(() -> kernel.mempoolAlloc(Mempool.NONE, gfp)).isInstanceOf(KernelOops.class);
    }

    @Test
    void whenThereIsNoMemoryThePoolStillHasSome() {
        Mempool pool = kernel.mempoolCreateKmalloc(3, 4096);
        exhaust(4096);
        int atomic = kernel.gfp(Gfp.GFP_ATOMIC, Gfp.__GFP_NOWARN);
        List<Long> kept = new ArrayList<>();
        for (long object = kernel.mempoolAlloc(pool, atomic); object != 0; object = kernel.mempoolAlloc(pool, atomic)) {
            kept.add(object);
        }
        assertThat(kept).hasSize(3).doesNotHaveDuplicates();
        Machine copy = machine.fork("copy");
        kernel.mempoolFree(pool, kept.get(1));
        assertThat(kernel.mempoolAlloc(pool, atomic)).as("comes back first").isEqualTo(kept.get(1));
        assertThat(TestMachines.kernel(copy).mempoolAlloc(pool, atomic))
                .as("the copy's pool is its own")
                .isZero();
        assertThatThrownBy(() -> kernel.mempoolAlloc(pool, kernel.gfp(Gfp.GFP_NOIO)))
                .as("who waits is woken by nobody here")
                .isInstanceOf(KernelHang.class)
                .hasMessageContaining("memory pool 0x");
        assertThatThrownBy(() -> kernel.mempoolDestroy(pool))
                .isInstanceOf(KernelBug.class)
                .hasMessageContaining("misses 3 of its 3 objects");
        kept.forEach(object -> kernel.mempoolFree(pool, object));
        kernel.mempoolDestroy(pool);
    }

    @Test
    void whoWaitsGetsWhatAnotherGivesBack() {
        Mempool pool = kernel.mempoolCreateKmalloc(1, 4096);
        exhaust(4096);
        long last = kernel.mempoolAlloc(pool, kernel.gfp(Gfp.GFP_ATOMIC, Gfp.__GFP_NOWARN));
        assertThat(last).isNotZero();
        List<Long> got = new ArrayList<>();
        // both are there before either runs: a task that nobody could wake would be told so
        int[] threads = machine.locked(() -> new int[] {
            kernel.kthreadRun("waiter", () -> {
                Kernel own = machine.kernel(Caller.of(100, "waiter", "test"));
                got.add(own.mempoolAlloc(pool, own.gfp(Gfp.GFP_NOIO)));
            }),
            kernel.kthreadRun("giver", () -> machine.kernel(Caller.of(101, "giver", "test"))
                    .mempoolFree(pool, last))
        });
        Arrays.stream(threads).forEach(kernel::kthreadJoin);
        assertThat(got).containsExactly(last);
        kernel.mempoolFree(pool, last);
        kernel.mempoolDestroy(pool);
    }

    @Test
    void poolsMaySleepWhenTheyAreMade() {
        machine.setContext(new ContextRequest(0, ContextRequest.Kind.ATOMIC));
        assertThatThrownBy(() -> kernel.mempoolCreateKmalloc(2, 64))
                .hasMessageContaining("sleeping function called from invalid context");
        machine.setContext(new ContextRequest(0, ContextRequest.Kind.PROCESS));
        assertThatThrownBy(() -> kernel.mempoolCreateKmalloc(0, 64)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sinceThreeThreeAPoolIsDestroyedWhateverIsMissing() {
        Machine later = boot("linux-3.8.13-odroidx,mem=256M");
        Kernel its = TestMachines.kernel(later);
        Mempool pool = its.mempoolCreateKmalloc(2, 64);
        int mask = its.gfp(Gfp.GFP_KERNEL);
        long first = its.mempoolAlloc(pool, mask);
        its.mempoolDestroy(pool);
        its.kfree(first);
        assertThat(later.verify().problems()).isEmpty();
    }
}
