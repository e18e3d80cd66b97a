package org.kmemscope.slab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.error.KernelOops;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.view.ObjectView;

/** What is refused, in which words; nothing is changed by a refused call. */
class BadPointerTest {
    private final Machine machine = TestMachines.boot("linux-2.6.38-mlinux");
    private final Kernel kernel = TestMachines.kernel(machine);

    @AfterEach
    void nothingWasHarmed() {
        assertThat(machine.verify().problems()).isEmpty();
    }

    private void assertBug(Runnable call, String words) {
        assertThatThrownBy(call::run).isInstanceOf(KernelBug.class).hasMessageContaining(words);
    }

    private boolean logged(String text) {
        return machine.log().lines().stream().anyMatch(line -> line.text().equals(text));
    }

    @Test
    void aSecondFreeIsADoubleFreeWhereverTheObjectIs() {
        long object = kernel.kmalloc(64, Gfp.GFP_KERNEL);
        kernel.kfree(object);
        String words = "slab error in verify_redzone_free(): cache `size-64': double free detected";
        assertBug(() -> kernel.kfree(object), words);
        assertThat(logged(words)).isTrue();
        machine.objects().shrinkCache(machine.objects().cache("size-64"));
        assertBug(() -> kernel.kfree(object), "double free detected");
        assertThat(machine.objects().objectAt(object).orElseThrow().state()).isEqualTo(ObjectView.State.FREE);
    }

    @Test
    void aPointerIntoAnObjectIsNoObject() {
        long object = kernel.kmalloc(64, Gfp.GFP_KERNEL);
        assertBug(() -> kernel.kfree(object + 12), "which is no object: object ");
        assertBug(() -> kernel.kfree(object + 1), "offset +1");
        kernel.kfree(object);
    }

    @Test
    void aPointerIntoTheManagementIsNoObject() {
        long object = kernel.kmalloc(64, Gfp.GFP_KERNEL);
        long slab = machine.objects().objectAt(object).orElseThrow().slab();
        assertBug(() -> kernel.kfree(slab), "which is no object: struct slab of slab");
        assertBug(() -> kernel.kfree(slab + SlabMemory.SIZE), "free index (kmem_bufctl_t) of object 0 of slab");
        kernel.kfree(object);
    }

    @Test
    void anAddressOutsideLowMemoryIsOutOfRange() {
        assertBug(() -> kernel.kfree(0x1000), "kfree_debugcheck: out of range ptr 1000h.");
        assertBug(() -> kernel.kfree(machine.layout().vmallocStart()), "out of range ptr");
        assertThat(logged("kfree_debugcheck: out of range ptr 1000h.")).isTrue();
    }

    @Test
    void aPageIsNoObject() {
        int pfn = kernel.allocPages(Gfp.GFP_KERNEL, 0);
        long page = machine.layout().pfnToVirt(pfn);
        assertBug(() -> kernel.kfree(page), "kernel BUG at mm/slab.c: kfree() of 0x");
        assertBug(() -> kernel.ksize(page), "which is in no slab");
        kernel.freePages(pfn, 0);
    }

    @Test
    void anObjectGoesBackToItsOwnCacheOnly() {
        KmemCache mine = kernel.kmemCacheCreate(new CacheSpec("mine", 64, 0, 0, ObjectConstructor.NONE));
        long general = kernel.kmalloc(64, Gfp.GFP_KERNEL);
        assertBug(
                () -> kernel.kmemCacheFree(mine, general),
                "kmem_cache_free() to cache `mine' of 0x" + Long.toHexString(general)
                        + ", which is of cache `size-64'");
        long object = kernel.kmemCacheAlloc(mine, Gfp.GFP_KERNEL);
        kernel.kmemCacheFree(mine, object);
        assertBug(() -> kernel.kmemCacheFree(mine, object), "cache `mine': double free detected");
        assertBug(() -> kernel.kmemCacheFree(mine, 0), "out of range ptr 0h");
        kernel.kfree(general);
        // kfree() takes objects of any cache
        long other = kernel.kmemCacheAlloc(mine, Gfp.GFP_KERNEL);
        kernel.kfree(other);
        assertThat(kernel.kmemCacheDestroy(mine)).isTrue();
    }

    @Test
    void aCacheThatIsNotThereIsAnOopsOrABug() {
        assertThatThrownBy(() -> kernel.kmemCacheAlloc(KmemCache.NONE, kernel.gfp(Gfp.GFP_KERNEL)))
                .isInstanceOf(KernelOops.class)
                .hasMessageContaining("NULL pointer dereference");
        KmemCache gone = kernel.kmemCacheCreate(new CacheSpec("gone", 64, 0, 0, ObjectConstructor.NONE));
        assertThat(kernel.kmemCacheDestroy(gone)).isTrue();
        assertBug(
                () -> kernel.kmemCacheAlloc(gone, kernel.gfp(Gfp.GFP_KERNEL)), "`gone', which does not exist any more");
        assertBug(() -> kernel.kmemCacheDestroy(gone), "`gone', which does not exist any more");
    }
}
