package org.kmemscope.dmadriver;

import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.vmalloc.Vmalloc;

/** As much of an object allocator and of a vmalloc area as a small driver needs. */
final class Fakes {
    private Fakes() {}

    /** Every object has a page of its own. */
    static ObjectAllocatorProvider objects() {
        return new ObjectAllocatorProvider() {
            @Override
            public String name() {
                return "fake";
            }

            @Override
            public ObjectAllocator create(PageFloor floor) {
                return (ObjectAllocator) Proxy.newProxyInstance(
                        Fakes.class.getClassLoader(),
                        new Class<?>[] {ObjectAllocator.class},
                        (proxy, method, arguments) -> switch (method.getName()) {
                            case "kmalloc" -> kmalloc(floor, (Integer) arguments[1]);
                            case "kfree" -> kfree(floor, (Long) arguments[0]);
                            case "verify", "describe" -> null;
                            default -> throw new UnsupportedOperationException(method.getName());
                        });
            }
        };
    }

    private static long kmalloc(PageFloor floor, int gfp) {
        int pfn = floor.pages().allocPages(gfp, 0);
        return pfn < 0 ? 0 : floor.layout().pfnToVirt(pfn);
    }

    private static Object kfree(PageFloor floor, long object) {
        if (object != 0) {
            floor.pages().freePages(floor.layout().virtToPfn(object), 0);
        }
        return null;
    }

    /** One area behind the other; pages come from high memory while there is some. */
    static Vmalloc vmalloc(PageFloor floor) {
        Map<Long, Integer> areas = new HashMap<>();
        long[] next = {floor.layout().vmallocStart()};
        return (Vmalloc) Proxy.newProxyInstance(
                Fakes.class.getClassLoader(), new Class<?>[] {Vmalloc.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "vmalloc" -> {
                            int pfn = floor.pages().allocPages(floor.gfp().parse("GFP_KERNEL|__GFP_HIGHMEM"), 0);
                            return map(floor, next, areas, new int[] {pfn});
                        }
                        case "vmap" -> {
                            return map(floor, next, areas, (int[]) arguments[0]);
                        }
                        case "vmallocToPfn" -> {
                            return (int) (floor.mmu().lookup((Long) arguments[0]) >>> Profile.PAGE_SHIFT);
                        }
                        case "vfree" -> {
                            int pfn = (int) (floor.mmu().unmap((Long) arguments[0]) >>> Profile.PAGE_SHIFT);
                            floor.mmu().flushAll();
                            floor.pages().freePages(pfn, 0);
                            return null;
                        }
                        case "vunmap" -> {
                            for (int page = areas.remove((Long) arguments[0]) - 1; page >= 0; page--) {
                                floor.mmu().unmap((Long) arguments[0] + (long) page * Profile.PAGE_SIZE);
                            }
                            floor.mmu().flushAll();
                            return null;
                        }
                        case "verify", "describe" -> {
                            return null;
                        }
                        default -> throw new UnsupportedOperationException(method.getName());
                    }
                });
    }

    private static long map(PageFloor floor, long[] next, Map<Long, Integer> areas, int[] pfns) {
        long virt = next[0];
        for (int page = 0; page < pfns.length; page++) {
            floor.mmu()
                    .map(
                            virt + (long) page * Profile.PAGE_SIZE,
                            (long) pfns[page] * Profile.PAGE_SIZE,
                            Protection.KERNEL);
        }
        areas.put(virt, pfns.length);
        next[0] += (pfns.length + 1L) * Profile.PAGE_SIZE;
        return virt;
    }
}
