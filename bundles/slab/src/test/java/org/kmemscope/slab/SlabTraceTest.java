package org.kmemscope.slab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.trace.TracePoint;

/** Events and their fields, as {@code include/trace/events/kmem.h} has them. */
class SlabTraceTest {
    private final Machine machine = TestMachines.boot("linux-3.2-686-pae");
    private final Kernel kernel = machine.kernel(Caller.of(7, "insmod", "driver_init"));
    private final List<String> events = new ArrayList<>();

    @BeforeEach
    void listen() {
        machine.trace()
                .listen(
                        (point, header, values) -> {
                            StringBuilder line = new StringBuilder(point.event());
                            for (int i = 0; i < point.fields().size(); i++) {
                                line.append(' ').append(text(point.fields().get(i), values[i]));
                            }
                            events.add(line.toString());
                        },
                        TracePoint.KMALLOC,
                        TracePoint.KFREE,
                        TracePoint.KMEM_CACHE_ALLOC,
                        TracePoint.KMEM_CACHE_FREE,
                        TracePoint.MM_PAGE_ALLOC,
                        TracePoint.MM_PAGE_FREE);
    }

    private String text(TracePoint.Field field, long value) {
        return switch (field.kind()) {
            case SITE, TEXT -> machine.trace().callSites().text(value);
            case PTR, PFN -> Long.toHexString(value);
            case GFP -> machine.gfp().format((int) value);
            case DEC -> Long.toString(value);
        };
    }

    private static String hex(long value) {
        return Long.toHexString(value);
    }

    @Test
    void kmallocTellsWhatWasAskedForAndWhatWasGiven() {
        long object = kernel.kmalloc(100, Gfp.GFP_KERNEL);
        kernel.kfree(object);
        kernel.kfree(0);
        assertThat(events)
                .containsExactly(
                        "kmalloc driver_init " + hex(object) + " 100 128 GFP_KERNEL",
                        "kfree driver_init " + hex(object),
                        "kfree driver_init 0");
    }

    @Test
    void whatNeverReachesACacheIsNoEvent() {
        assertThat(kernel.kmalloc(0, Gfp.GFP_KERNEL)).isEqualTo(ObjectAllocator.ZERO_SIZE_PTR);
        assertThat(kernel.kmalloc(5 << 20, Gfp.GFP_KERNEL)).isZero();
        assertThat(events).isEmpty();
    }

    @Test
    void aSlabOfLargeObjectsTakesPagesAndAManagementObject() {
        KmemCache cache = kernel.kmemCacheCreate(new CacheSpec("large", 1024, 0, 0, ObjectConstructor.NONE));
        events.clear();
        long object = kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        int pfn = machine.layout().virtToPfn(object);
        int type = machine.frames().blockType(pfn);
        assertThat(events).hasSize(3);
        assertThat(events.get(0)).isEqualTo("mm_page_alloc " + hex(pfn) + " 0 " + type + " GFP_KERNEL");
        assertThat(events.get(1)).matches("kmem_cache_alloc driver_init [0-9a-f]+ 64 64 GFP_KERNEL size-64");
        assertThat(events.get(2))
                .isEqualTo("kmem_cache_alloc driver_init " + hex(object) + " 1024 1024 GFP_KERNEL large");
        events.clear();
        kernel.kmemCacheFree(cache, object);
        assertThat(events).containsExactly("kmem_cache_free driver_init " + hex(object) + " large");
        events.clear();
        machine.objects().shrinkCache(cache);
        assertThat(events.get(0)).isEqualTo("mm_page_free " + hex(pfn) + " 0");
        assertThat(events.get(1)).matches("kmem_cache_free .* size-64");
    }

    @Test
    void aNewCacheTakesItsDescriptorItsArraysAndItsListHeads() {
        kernel.kmemCacheCreate(new CacheSpec("new", 100, 0, 0, ObjectConstructor.NONE));
        List<String> shapes = events.stream()
                .filter(event -> !event.startsWith("mm_"))
                .map(event -> event.replaceAll(" [0-9a-f]{8}", " P"))
                .toList();
        assertThat(shapes)
                .containsExactly(
                        "kmem_cache_alloc driver_init P 128 128 GFP_KERNEL|GFP_ZERO kmem_cache",
                        "kmalloc driver_init P 8 32 GFP_KERNEL|GFP_ZERO",
                        "kmalloc driver_init P 500 512 GFP_KERNEL",
                        "kfree driver_init P",
                        "kmalloc driver_init P 56 64 GFP_KERNEL");
    }

    @Test
    void whatIsLiveIsKnownByItsOrigin() {
        machine.provenance().enable(true);
        long object = kernel.kmalloc(40, Gfp.GFP_KERNEL);
        assertThat(machine.provenance().object(object).orElseThrow().site()).isEqualTo("driver_init");
        kernel.kfree(object);
        assertThat(machine.provenance().object(object)).isEmpty();
    }
}
