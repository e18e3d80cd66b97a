package org.kmemscope.slub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.error.KernelException;
import org.kmemscope.api.error.KernelOops;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machine.ContextRequest;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.ObjectView;

/** Wrong pointers, wrong caches, wrong contexts, and wild writes. */
class SlubMisuseTest {
    private static final String LATER = "linux-6.1-686-pae";
    private static final String EARLIER = "linux-3.8.13-odroidx";

    private Machine machine;
    private Kernel kernel;

    private void boot(String specification) {
        machine = TestMachines.boot(specification);
        kernel = TestMachines.kernel(machine);
    }

    private void assertBug(Runnable call, String words) {
        assertThatThrownBy(call::run).isInstanceOf(KernelBug.class).hasMessageContaining(words);
    }

    private boolean logged(String text) {
        return machine.log().lines().stream().anyMatch(line -> line.text().contains(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {LATER, EARLIER})
    void aSecondFreeIsRefusedWhereverTheObjectIs(String specification) {
        boot(specification);
        long object = kernel.kmalloc(64, Gfp.GFP_KERNEL);
        kernel.kfree(object);
        assertThat(machine.objects().objectAt(object).orElseThrow().state()).isEqualTo(ObjectView.State.CPU_CACHED);
        assertBug(() -> kernel.kfree(object), "Object already free: kfree() of 0x" + Long.toHexString(object));
        machine.objects().shrinkCache(machine.objects().cache("kmalloc-64"));
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void aPointerIntoAnObjectIsInvalid() {
        boot(LATER);
        long object = kernel.kmalloc(64, Gfp.GFP_KERNEL);
        assertBug(() -> kernel.kfree(object + 12), "Invalid object pointer: kfree() of 0x");
        assertBug(() -> kernel.kfree(object + 1), "offset +1");
        assertBug(() -> kernel.kfree(0x1234_5678L), "no address of low memory");
        kernel.kfree(object);
        assertThat(machine.verify().problems()).isEmpty();
    }

    /** Later kernels warn, and free the page. */
    @Test
    void aPageIsFreedWithAWarningOrIsABug() {
        boot(LATER);
        int pfn = kernel.allocPages(Gfp.GFP_KERNEL, 0);
        kernel.kfree(machine.layout().pfnToVirt(pfn));
        assertThat(logged("at mm/slab_common.c: free_large_kmalloc()")).isTrue();
        assertThat(logged("object pointer: 0x")).isTrue();
        assertThat(machine.frames().count(pfn)).isZero();
        assertThat(machine.verify().problems()).isEmpty();
        boot(EARLIER);
        int other = kernel.allocPages(Gfp.GFP_KERNEL, 0);
        assertBug(() -> kernel.kfree(machine.layout().pfnToVirt(other)), "in no slab and in no compound page");
        assertThat(machine.frames().count(other)).isEqualTo(1);
    }

    @Test
    void anObjectGoesBackToItsOwnCacheOnly() {
        boot(EARLIER);
        KmemCache mine = kernel.kmemCacheCreate(new CacheSpec("mine", 300, 0, 0, ObjectConstructor.NONE));
        long general = kernel.kmalloc(64, Gfp.GFP_KERNEL);
        assertBug(() -> kernel.kmemCacheFree(mine, general), "which is of cache `kmalloc-64'");
        long object = kernel.kmemCacheAlloc(mine, Gfp.GFP_KERNEL);
        // kfree() takes objects of any cache
        kernel.kfree(object);
        kernel.kfree(general);
        assertThat(kernel.kmemCacheDestroy(mine)).isTrue();
        assertBug(() -> kernel.kmemCacheAlloc(mine, Gfp.GFP_KERNEL), "which does not exist any more");
        assertThatThrownBy(() -> kernel.kmemCacheAlloc(KmemCache.NONE, Gfp.GFP_KERNEL))
                .isInstanceOf(KernelOops.class);
        assertThat(machine.verify().problems()).isEmpty();
    }

    @Test
    void cachesThatTheKernelNeedsStay() {
        boot(LATER);
        for (String name : List.of("kmem_cache", "kmem_cache_node", "kmalloc-64", "dma-kmalloc-64")) {
            KmemCache cache = machine.objects().cache(name);
            assertBug(() -> kernel.kmemCacheDestroy(cache), "which the kernel itself needs");
        }
    }

    @Test
    void whoMayNotSleepIsTold() {
        boot(LATER);
        machine.setContext(new ContextRequest(0, ContextRequest.Kind.SOFTIRQ));
        assertBug(() -> kernel.kmalloc(64, Gfp.GFP_KERNEL), "sleeping function called from invalid context");
        kernel.kfree(kernel.kmalloc(64, Gfp.GFP_ATOMIC));
        assertBug(
                () -> kernel.kmemCacheCreate(new CacheSpec("mine", 300, 0, 0, ObjectConstructor.NONE)),
                "interrupts being served");
    }

    @Test
    void highMemoryIsABugBeforeItWasMended() {
        boot(EARLIER);
        int mask = machine.gfp().of(Gfp.GFP_KERNEL) | machine.gfp().of(Gfp.__GFP_HIGHMEM);
        List<Long> held = new ArrayList<>();
        assertBug(
                () -> {
                    // only a new slab needs pages
                    for (int i = 0; i < 100; i++) {
                        held.add(kernel.kmalloc(2048, mask));
                    }
                },
                "an object has an address in the linear mapping");
        held.forEach(kernel::kfree);
        assertThat(machine.verify().problems()).isEmpty();
    }

    // ---- wild writes

    private long freePointer(String cache, long object) {
        return object
                + Long.parseLong(TestMachines.cache(machine, cache).attributes().get("offset"));
    }

    /** With plain pointers, what is written over one is the address of the object after the next. */
    @Test
    void aWriteOverAFreePointerLeadsAstray() {
        boot(EARLIER);
        long mine = kernel.kmalloc(128, Gfp.GFP_KERNEL);
        long other = kernel.kmalloc(128, Gfp.GFP_KERNEL);
        kernel.kfree(mine);
        machine.mmu().write32(freePointer("kmalloc-128", mine), (int) other);
        assertThat(machine.verify().problems()).isNotEmpty();
        assertThat(kernel.kmalloc(128, Gfp.GFP_KERNEL)).isEqualTo(mine);
        assertBug(() -> kernel.kmalloc(128, Gfp.GFP_KERNEL), "a free pointer led to 0x" + Long.toHexString(other));
    }

    /** Hardened, it is garbage, and the kernel oopses when it follows it. */
    @Test
    void aHardenedPointerThatWasOverwrittenIsGarbage() {
        boot(LATER);
        long object = kernel.kmalloc(128, Gfp.GFP_KERNEL);
        kernel.kfree(object);
        machine.mmu().write32(freePointer("kmalloc-128", object), 0x4141_4141);
        assertThat(kernel.kmalloc(128, Gfp.GFP_KERNEL)).isEqualTo(object);
        assertThatThrownBy(() -> kernel.kmalloc(128, Gfp.GFP_KERNEL)).isInstanceOf(KernelException.class);
    }

    @Test
    void whatIsWrittenIntoAFreeObjectIsFoundOnlyWithPoison() {
        boot(LATER);
        KmemCache cache = kernel.kmemCacheCreate(new CacheSpec(
                "poisoned",
                100,
                0,
                SlabFlag.SLAB_POISON.bit() | SlabFlag.SLAB_CONSISTENCY_CHECKS.bit(),
                ObjectConstructor.NONE));
        long object = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        kernel.kmemCacheFree(cache, object);
        kernel.memset(object + 10, 0, 2);
        assertThat(kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL)).isNotEqualTo(object);
        assertThat(logged("BUG poisoned (Not tainted): Poison overwritten")).isTrue();
        assertThat(logged("FIX poisoned: Marking all objects used")).isTrue();
        assertThat(machine.verify().problems()).isEmpty();
    }
}
