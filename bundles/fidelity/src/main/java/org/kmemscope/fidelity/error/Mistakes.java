package org.kmemscope.fidelity.error;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.SlabFlag;

/** The mistakes, by the names under which a module makes them, in the order in which it does. */
final class Mistakes {
    /** The device that the module registers. */
    static final String DEVICE = "oracle";
    /** Stands for it while the module has taken its coherent mask away. */
    static final String MASKLESS = "maskless";

    private static final int PAGE = 4096;
    private static final int LARGE = 65536;
    private static final int MIB = 1 << 20;
    private static final int LOCAL_WINDOWS = 16;

    private Mistakes() {}

    static Map<String, Consumer<Stage>> all() {
        Map<String, Consumer<Stage>> all = new LinkedHashMap<>();
        requests(all);
        areas(all);
        objects(all);
        checks(all);
        devices(all);
        pointers(all);
        fatal(all);
        return all;
    }

    /** Requests that cannot be served. */
    private static void requests(Map<String, Consumer<Stage>> all) {
        all.put("order11", stage -> {
            int pfn = stage.kernel()
                    .allocPages(
                            stage.mask(Gfp.GFP_KERNEL), stage.machine().pages().maxOrder());
            stage.print("ret=%s", pointer(pfn >= 0));
        });
        all.put("nofail_order2", Mistakes::nofail);
        all.put("kmalloc_highmem_small", stage -> highmem(stage, PAGE, 16));
        all.put("kmalloc_highmem_large", stage -> highmem(stage, LARGE, 1));
        all.put("kmalloc_dma32", stage -> {
            object(stage, 100, stage.mask(Gfp.GFP_KERNEL, Gfp.__GFP_DMA32));
            object(stage, LARGE, stage.mask(Gfp.GFP_KERNEL, Gfp.__GFP_DMA32));
        });
        all.put("kmalloc_dma_highmem", stage -> object(stage, LARGE, stage.mask(Gfp.GFP_DMA, Gfp.__GFP_HIGHMEM)));
        all.put("order10_fail", stage -> stage.eat("order10_fail", stage.mask(Gfp.GFP_KERNEL, Gfp.__GFP_NORETRY), 10));
        all.put("dma_fail", stage -> stage.eat("dma_fail", stage.mask(Gfp.GFP_DMA, Gfp.GFP_NOWAIT), 0));
        all.put("atomic_fail", stage -> stage.eat("atomic_fail", stage.mask(Gfp.GFP_ATOMIC), 0));
        all.put("kmalloc_atomic_fail", Mistakes::atomicObjects);
    }

    /** Wrong uses of the vmalloc space. */
    private static void areas(Map<String, Consumer<Stage>> all) {
        all.put(
                "vmalloc_0",
                stage -> stage.print("ret=%s", pointer(stage.kernel().vmalloc(0) != 0)));
        all.put("vmalloc_huge", stage -> {
            vmalloc(stage, stage.machine().pages().totalPages() * PAGE);
            vmalloc(stage, stage.machine().pages().totalPages() * PAGE + 16L * MIB);
        });
        all.put(
                "vmalloc_area",
                stage -> vmalloc(
                        stage,
                        stage.machine().layout().vmallocEnd()
                                - stage.machine().layout().vmallocStart()));
        all.put("vfree_bad", stage -> stage.kernel().vfree(stage.kernel().vmalloc(2 * PAGE) + 1));
        all.put("vfree_nonexistent", stage -> {
            stage.kernel().vfree(stage.kernel().vmalloc(2 * PAGE));
            stage.kernel().vfree(stage.machine().layout().vmallocEnd() - 64L * PAGE);
        });
        all.put("vfree_lowmem", stage -> stage.kernel()
                .vfree(stage.kernel().getFreePages(stage.mask(Gfp.GFP_KERNEL), 0)));
        all.put("ioremap_ram", stage -> {
            int pfn = stage.page(Gfp.GFP_KERNEL);
            stage.print("ret=%s", pointer(stage.kernel().ioremap(Stage.phys(pfn), PAGE) != 0));
            stage.kernel().freePages(pfn, 0);
        });
        all.put("iounmap_bad", stage -> stage.kernel()
                .iounmap(stage.machine().layout().vmallocEnd() - 128L * PAGE));
    }

    /** Wrong uses of caches. */
    private static void objects(Map<String, Consumer<Stage>> all) {
        all.put("kfree_page", stage -> stage.kernel()
                .kfree(stage.kernel().getFreePages(stage.mask(Gfp.GFP_KERNEL), 0)));
        all.put("slab_leak", stage -> {
            KmemCache cache = stage.cache("oracle_leak", 200, List.of(SlabFlag.SLAB_TYPESAFE_BY_RCU));
            long one = stage.kernel().kmemCacheAlloc(cache, stage.mask(Gfp.GFP_KERNEL));
            long two = stage.kernel().kmemCacheAlloc(cache, stage.mask(Gfp.GFP_KERNEL));
            stage.print("obj=%s %s", pointer(one != 0), pointer(two != 0));
            stage.kernel().kmemCacheDestroy(cache);
        });
        all.put("slab_dup", stage -> {
            KmemCache one = stage.cache("oracle_dup", 200, List.of(SlabFlag.SLAB_TYPESAFE_BY_RCU));
            KmemCache two = stage.cache("oracle_dup", 200, List.of(SlabFlag.SLAB_TYPESAFE_BY_RCU));
            stage.print("s=%s s2=%s", pointer(one.id() != 0), pointer(two.id() != 0));
        });
        all.put(
                "slab_too_big",
                stage -> stage.print(
                        "s=%s",
                        pointer(stage.cache("oracle_5m", 5 * MIB, List.of()).id() != 0)));
        all.put("kmem_cache_free_wrong", stage -> {
            KmemCache one = stage.cache("oracle_w1", 200, List.of(SlabFlag.SLAB_TYPESAFE_BY_RCU));
            KmemCache two = stage.cache("oracle_w2", 300, List.of(SlabFlag.SLAB_TYPESAFE_BY_RCU));
            stage.kernel().kmemCacheFree(two, stage.kernel().kmemCacheAlloc(one, stage.mask(Gfp.GFP_KERNEL)));
        });
    }

    /** What checked caches find. */
    private static void checks(Map<String, Consumer<Stage>> all) {
        all.put("redzone", stage -> {
            KmemCache cache = stage.cache("oracle_rz", 100, Stage.DEBUGGED);
            long object = stage.kernel().kmemCacheAlloc(cache, stage.mask(Gfp.GFP_KERNEL));
            stage.print("obj=%s", pointer(object != 0));
            stage.kernel().memset(object, 0x41, 100);
            stage.kernel().write8(object + 100, 0x42);
            stage.kernel().kmemCacheFree(cache, object);
        });
        all.put("use_after_free", Mistakes::useAfterFree);
        all.put("double_free_debug", stage -> {
            KmemCache cache = stage.cache("oracle_df", 100, Stage.DEBUGGED);
            long object = stage.kernel().kmemCacheAlloc(cache, stage.mask(Gfp.GFP_KERNEL));
            stage.kernel().kmemCacheFree(cache, object);
            stage.kernel().kmemCacheFree(cache, object);
        });
    }

    /** DMA that cannot be; pages and windows that are not as they were given. */
    private static void devices(Map<String, Consumer<Stage>> all) {
        all.put("dma_no_mask", stage -> {
            DmaDevice device = stage.kernel().device(MASKLESS);
            DmaBuffer buffer = stage.kernel().dmaAllocCoherent(device, PAGE, stage.mask(Gfp.GFP_KERNEL));
            stage.print("ret=%s", pointer(!buffer.failed()));
        });
        all.put("dma_overflow", stage -> {
            DmaDevice device = stage.kernel().device(DEVICE);
            stage.kernel().dmaSetMask(device, (1L << 24) - 1);
            int pfn = stage.page(Gfp.GFP_KERNEL);
            long handle =
                    stage.kernel().dmaMapSingle(device, stage.kernel().pageAddress(pfn), PAGE, Direction.DMA_TO_DEVICE);
            stage.print("err=%d", stage.kernel().dmaMappingError(device, handle) ? -12 : 0);
        });
        all.put("dma_map_vmalloc", stage -> {
            DmaDevice device = stage.kernel().device(DEVICE);
            long handle =
                    stage.kernel().dmaMapSingle(device, stage.kernel().vmalloc(PAGE), PAGE, Direction.DMA_TO_DEVICE);
            stage.print("err=%d", stage.kernel().dmaMappingError(device, handle) ? -12 : 0);
        });
        all.put("bad_page", stage -> {
            int pfn = stage.page(Gfp.GFP_KERNEL);
            stage.machine().frames().setMapping(pfn, 0x1234500);
            stage.kernel().freePages(pfn, 0);
            stage.machine().pages().drainAllPages();
        });
        all.put("free_wrong_order", stage -> {
            int pfn = stage.page(Gfp.GFP_KERNEL);
            stage.kernel().freePages(pfn, 1);
        });
        all.put("kmap_local_order", stage -> {
            int two = stage.page(Gfp.GFP_HIGHUSER);
            int one = stage.page(Gfp.GFP_HIGHUSER);
            long a = stage.kmapLocal(one);
            long b = stage.kmapLocal(two);
            stage.kunmapLocal(a);
            stage.kunmapLocal(b);
        });
    }

    /** Pointers that lead nowhere, and objects that are freed already. */
    private static void pointers(Map<String, Consumer<Stage>> all) {
        all.put("kfree_garbage", stage -> stage.kernel().kfree(0x12345678L));
        all.put("null_deref", stage -> stage.kernel().write8(0x10, 1));
        all.put("zero_size_deref", stage -> {
            long object = stage.kernel().kmalloc(0, stage.mask(Gfp.GFP_KERNEL));
            stage.print("a=0x%x", object);
            stage.kernel().write8(object, 1);
        });
        all.put("highmem_deref", stage -> {
            long address = stage.kernel().pageAddress(stage.page(Gfp.GFP_HIGHUSER));
            stage.print("page_address=0x%x", address);
            stage.kernel().write8(address, 1);
        });
        all.put("vmalloc_guard", stage -> {
            long one = stage.kernel().vmalloc(PAGE);
            stage.kernel().vmalloc(PAGE);
            stage.kernel().write8(one + PAGE, 1);
        });
        all.put("touch_freed_vmalloc", stage -> {
            long area = stage.kernel().vmalloc(MIB);
            stage.kernel().vfree(area);
            stage.machine().vmalloc().purge();
            stage.kernel().write8(area, 1);
        });
        all.put("double_kfree", stage -> {
            long object = stage.kernel().kmalloc(100, stage.mask(Gfp.GFP_KERNEL));
            stage.kernel().kfree(object);
            stage.kernel().kfree(object);
        });
    }

    /** Those of another boot, where what has been said once can be said again. */
    private static void fatal(Map<String, Consumer<Stage>> all) {
        all.put(
                "kmalloc_8m",
                stage -> stage.print(
                        "ret=%s", pointer(stage.kernel().kmalloc(8L * MIB, stage.mask(Gfp.GFP_KERNEL)) != 0)));
        all.put(
                "kmalloc_4m1",
                stage -> stage.print(
                        "ret=%s", pointer(stage.kernel().kmalloc(4L * MIB + 1, stage.mask(Gfp.GFP_KERNEL)) != 0)));
        all.put("kunmap_unmapped", stage -> {
            int pfn = stage.page(Gfp.GFP_HIGHUSER);
            stage.print("zone=%s", stage.zone(pfn));
            stage.kernel().kunmap(pfn);
        });
        all.put("kmap_local_17", stage -> {
            int pfn = stage.page(Gfp.GFP_HIGHUSER);
            for (int i = 0; i < LOCAL_WINDOWS + 1; i++) {
                stage.print("n=%d 0x%x", i, stage.kmapLocal(pfn));
            }
        });
        all.put("page_double_free", stage -> {
            int pfn = stage.page(Gfp.GFP_KERNEL);
            stage.kernel().freePages(pfn, 0);
            stage.kernel().freePages(pfn, 0);
            stage.machine().pages().drainAllPages();
        });
    }

    private static String pointer(boolean some) {
        return some ? "some" : "0x0";
    }

    private static void nofail(Stage stage) {
        int pfn = stage.kernel().allocPages(stage.mask(Gfp.GFP_KERNEL, Gfp.__GFP_NOFAIL), 2);
        stage.print("ret=%s", pointer(pfn >= 0));
        stage.kernel().freePages(pfn, 2);
    }

    private static void highmem(Stage stage, long size, int count) {
        List<Long> objects = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long object = stage.kernel().kmalloc(size, stage.mask(Gfp.GFP_KERNEL, Gfp.__GFP_HIGHMEM));
            stage.print("ret=%s zone=%s", pointer(object != 0), stage.zoneOf(object));
            objects.add(object);
        }
        objects.forEach(stage.kernel()::kfree);
    }

    private static void object(Stage stage, long size, int mask) {
        long object = stage.kernel().kmalloc(size, mask);
        stage.print(
                "ret=%s ksize=%d zone=%s", pointer(object != 0), stage.kernel().ksize(object), stage.zoneOf(object));
        stage.kernel().kfree(object);
    }

    private static void atomicObjects(Stage stage) {
        Kernel kernel = stage.kernel();
        List<Long> objects = new ArrayList<>();
        long object = kernel.kmalloc(PAGE, stage.mask(Gfp.GFP_ATOMIC));
        while (object != 0) {
            objects.add(object);
            object = kernel.kmalloc(PAGE, stage.mask(Gfp.GFP_ATOMIC));
        }
        objects.forEach(kernel::kfree);
    }

    private static void vmalloc(Stage stage, long size) {
        long area = stage.kernel().vmalloc(size);
        stage.print("size=%d ret=%s", size, pointer(area != 0));
        stage.kernel().vfree(area);
    }

    private static void useAfterFree(Stage stage) {
        KmemCache cache = stage.cache("oracle_uaf", 100, Stage.DEBUGGED);
        Kernel kernel = stage.kernel();
        int mask = stage.mask(Gfp.GFP_KERNEL);
        long object = kernel.kmemCacheAlloc(cache, mask);
        stage.print("obj=%s", pointer(object != 0));
        kernel.kmemCacheFree(cache, object);
        kernel.write8(object + 20, 0x43);
        int tries = 0;
        long again = 0;
        while (tries < 100 && again != object) {
            again = kernel.kmemCacheAlloc(cache, mask);
            tries += again == object ? 0 : 1;
        }
        stage.print("got_same_after=%d", tries);
    }
}
