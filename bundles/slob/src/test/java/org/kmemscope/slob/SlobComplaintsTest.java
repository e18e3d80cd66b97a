package org.kmemscope.slob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine.ContextRequest;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.testkit.TestMachine;

/** What is refused, in which words; and what is said of an address. */
class SlobComplaintsTest {
    private final TestMachine machine = TestMachine.boot("linux-2.6.38-mlinux,mem=64M", new SlobProvider());
    private final Kernel kernel = machine.kernel();
    private final int gfp = machine.gfp(Gfp.GFP_KERNEL);

    private void refused(Runnable call, String words) {
        assertThatThrownBy(call::run)
                .isInstanceOf(KernelBug.class)
                .hasMessageStartingWith("kernel BUG at mm/slob.c: ")
                .hasMessageContaining(words);
    }

    private String whatis(long address) {
        return machine.machine().whatis(address).stream()
                .filter(fact -> fact.layer().equals("slob"))
                .map(fact -> fact.text())
                .findFirst()
                .orElse("");
    }

    private KmemCache cache(String name, int size, SlabFlag... flags) {
        int bits = flags.length == 0 ? 0 : flags[0].bit();
        return kernel.kmemCacheCreate(new CacheSpec(name, size, 0, bits, ObjectConstructor.NONE));
    }

    @Test
    void pointersThatAreNone() {
        long object = kernel.kmalloc(100, gfp);
        refused(() -> kernel.kfree(object + 8), "which is no object: object from kmalloc, allocated, offset +8");
        refused(() -> kernel.kfree(object - 4), "which is no object: size of the object from kmalloc behind it");
        refused(() -> kernel.kfree(0x1000), "which is not an address of low memory");
        kernel.kfree(object);
        machine.verify();
        int pfn = kernel.allocPages(gfp, 0);
        refused(() -> kernel.kfree(machine.machine().layout().pfnToVirt(pfn)), "which is no object: pfn 0x");
    }

    @Test
    void aSecondFreeIsADoubleFree() {
        kernel.kmalloc(100, gfp);
        long object = kernel.kmalloc(100, gfp);
        kernel.kfree(object);
        refused(() -> kernel.kfree(object), "double free detected: kfree() of");
        KmemCache sock = cache("sock", 80, SlabFlag.SLAB_TYPESAFE_BY_RCU);
        long waiting = kernel.kmemCacheAlloc(sock, gfp);
        kernel.kmemCacheFree(sock, waiting);
        refused(() -> kernel.kmemCacheFree(sock, waiting), "freed, waits for the end of a grace period");
        machine.verify();
    }

    @Test
    void objectsOfCachesHaveNoSizeThatKfreeCouldRead() {
        KmemCache cache = cache("inode", 400);
        long object = kernel.kmemCacheAlloc(cache, gfp);
        refused(() -> kernel.kfree(object), "there is no size before it");
        refused(() -> kernel.ksize(object), "there is no size before it");
        KmemCache other = cache("dentry", 100);
        refused(() -> kernel.kmemCacheFree(other, object), "to cache `dentry' of");
        machine.verify();
    }

    @Test
    void masksAndSizesThatCannotBe() {
        refused(
                () -> kernel.kmalloc(40, kernel.gfp(Gfp.GFP_KERNEL, Gfp.__GFP_HIGHMEM)),
                "comes from no higher zone".replace("comes", "come"));
        refused(() -> cache("none", 0), "with size 0, which is not within 1 to 4194304");
        refused(() -> cache("none", 5 << 20), "which is not within 1 to");
        machine.machine().setContext(new ContextRequest(0, ContextRequest.Kind.ATOMIC));
        assertThatThrownBy(() -> kernel.kmalloc(40, gfp))
                .hasMessageContaining("sleeping function called from invalid context at mm/slob.c");
        machine.onCpu(0);
    }

    @Test
    void aCacheIsAlignedToWhatAPageHas() {
        KmemCache wide = kernel.kmemCacheCreate(new CacheSpec("wide", 100, 8192, 0, ObjectConstructor.NONE));
        long free = machine.freePages();
        for (int i = 0; i < 20; i++) {
            try {
                assertThat(kernel.kmemCacheAlloc(wide, gfp) % 8192).isZero();
            } catch (KernelBug words) {
                assertThat(words).hasMessageContaining("a new page has no room for 100 bytes at a multiple of 8192");
            }
        }
        assertThat(free).isGreaterThanOrEqualTo(machine.freePages());
        machine.verify();
    }

    @Test
    void aPanicIsOneInTheWordsOfItsTime() {
        TestMachine small = TestMachine.boot("i386-32m,mem=16M", new SlobProvider());
        int hog = small.gfp(Gfp.GFP_ATOMIC, Gfp.__GFP_NOWARN);
        while (small.machine().pages().allocPages(hog, 0) >= 0) {
            // all there is
        }
        int made = 0;
        while (small.objects().kmalloc(16, hog) != 0) {
            made++;
        }
        assertThat(made).isZero();
        CacheSpec spec = new CacheSpec("vital", 40, 0, SlabFlag.SLAB_PANIC.bit(), ObjectConstructor.NONE);
        assertThatThrownBy(() -> small.objects().createCache(spec))
                .satisfiesAnyOf(
                        e -> assertThat(e).hasMessage("Kernel panic - not syncing: Cannot create slab cache vital"),
                        e -> assertThat(e).hasMessageStartingWith("Out of memory: "));
        small.verify();
    }

    @Test
    void everythingInAPageHasAName() {
        KmemCache sock = cache("sock", 83, SlabFlag.SLAB_TYPESAFE_BY_RCU);
        long descriptor =
                Long.decode(machine.cache("sock").orElseThrow().attributes().get("address"));
        assertThat(whatis(descriptor + 4)).startsWith("struct kmem_cache of cache sock, offset +4, in the page 0x");
        long object = kernel.kmemCacheAlloc(sock, gfp);
        assertThat(whatis(object + 10)).startsWith("object of cache sock, allocated, offset +10");
        assertThat(whatis(object + 83)).startsWith("struct slob_rcu of an object of cache sock, offset +0");
        kernel.kmemCacheFree(sock, object);
        assertThat(whatis(object)).contains("freed, waits for the end of a grace period");
        long general = kernel.kmalloc(50, gfp);
        assertThat(whatis(general - 1)).startsWith("size of the object from kmalloc behind it, offset +3 of 4");
        assertThat(whatis(general)).startsWith("object from kmalloc, allocated, offset +0");
        assertThat(whatis(general + 50)).startsWith("free block 0x");
        long large = kernel.kmalloc(9000, gfp);
        assertThat(whatis(large + 5000)).contains("offset +5000").contains("in pages of its own from 0x");
        assertThat(machine.objects().objectAt(large + 5000).orElseThrow().state())
                .isEqualTo(ObjectView.State.LARGE);
        KmemCache pages = cache("pages", 5000);
        long wide = kernel.kmemCacheAlloc(pages, gfp);
        assertThat(whatis(wide + 4999)).startsWith("object of cache pages, allocated, offset +4999");
        assertThat(whatis(wide + 5001)).startsWith("left over behind an object of cache pages");
        assertThat(machine.objects().objectAt(wide + 5001)).isEmpty();
        machine.verify();
    }
}
