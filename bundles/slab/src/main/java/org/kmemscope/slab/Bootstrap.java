package org.kmemscope.slab;

import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.slab.SlabFlag;

/**
 * How the allocator comes up, though what it needs for a cache are objects of caches ({@code kmem_cache_init}).
 *
 * <ol>
 *   <li>The cache of {@code struct kmem_cache}, with static arrays and list heads. Linux has them in its init section; here a page is
 *       borrowed for the heads.
 *   <li>The general cache that arrays for one object come from, static ones too.
 *   <li>The general cache that list heads come from: its array is an object already.
 *   <li>All other general caches, by size, each followed by its twin for ZONE_DMA. From here on the management may lie off the
 *       slabs.
 *   <li>The static parts of the first three are exchanged for objects.
 *   <li>Every cache gets its final arrays, the newest first.
 * </ol>
 */
final class Bootstrap {
    private final PageFloor floor;
    private final SlabRules rules;
    private final SlabMemory memory;
    private final CacheTable caches;
    private final GeneralCaches general;
    private final ObjectPaths objects;
    private final ControlObjects control;
    private final CacheFactory factory;
    private final int cpu;
    private final int gfp;

    Bootstrap(Basis basis, GeneralCaches general, ObjectPaths objects, ControlObjects control, CacheFactory factory) {
        floor = basis.floor();
        rules = basis.rules();
        memory = basis.memory();
        caches = basis.caches();
        this.general = general;
        this.objects = objects;
        this.control = control;
        this.factory = factory;
        cpu = floor.context().cpu();
        gfp = rules.earlyGfp();
    }

    void run() {
        int borrowed = floor.pages().allocPages(gfp, 0);
        if (borrowed == PageAllocator.NONE) {
            throw noMemory();
        }
        int listsSize = rules.sizes().lists();
        long heads = floor.layout().pfnToVirt(borrowed);

        Cache descriptors = factory.createDescriptorCache();
        control.useBootArray(descriptors, cpu, 0);
        control.useLists(descriptors, heads);

        int arrayClass = general.classOf(rules.sizes().array(ControlObjects.BOOT_LIMIT));
        Cache ofArrays = createNormal(arrayClass, true);
        control.useBootArray(ofArrays, cpu, 0);
        control.useLists(ofArrays, heads + listsSize);
        caches.chainFirst(ofArrays);

        int listsClass = general.classOf(listsSize);
        if (listsClass != arrayClass) {
            Cache ofLists = createNormal(listsClass, true);
            control.useBootArray(ofLists, cpu, bootArray());
            control.useLists(ofLists, heads + 2L * listsSize);
            caches.chainFirst(ofLists);
        }
        createOthers();

        descriptors.arrays[cpu].home = bootArray();
        ofArrays.arrays[cpu].home = bootArray();
        moveLists(descriptors);
        moveLists(ofArrays);
        if (listsClass != arrayClass) {
            moveLists(general.normal(listsClass));
        }
        floor.pages().freePages(borrowed, 0);

        for (Cache cache : caches.all()) {
            if (!factory.enable(cache, gfp)) {
                throw noMemory();
            }
        }
    }

    private Cache createNormal(int number, boolean early) {
        int size = general.size(number);
        Cache cache = factory.createGeneral(String.format(rules.normalName(), size), size, 0, early);
        general.setNormal(number, cache);
        return cache;
    }

    private void createOthers() {
        for (int number = 0; number < general.classes(); number++) {
            if (general.normal(number) == null) {
                finish(createNormal(number, false));
            }
            if (rules.dmaCaches()) {
                int size = general.size(number);
                Cache dma = factory.createGeneral(
                        String.format(rules.dmaName(), size), size, SlabFlag.SLAB_CACHE_DMA.bit(), false);
                general.setDma(number, dma);
                finish(dma);
            }
        }
    }

    private void finish(Cache cache) {
        control.useBootArray(cache, cpu, bootArray());
        control.useLists(cache, object(rules.sizes().lists()));
        caches.chainFirst(cache);
    }

    private long bootArray() {
        return object(rules.sizes().array(ControlObjects.BOOT_LIMIT));
    }

    private long object(int size) {
        long object = objects.kmalloc(size, gfp);
        if (object == 0) {
            throw noMemory();
        }
        return object;
    }

    private void moveLists(Cache cache) {
        long home = object(rules.sizes().lists());
        memory.moveLists(cache.lists, home);
        cache.lists = home;
    }

    private static KernelBug noMemory() {
        return new KernelBug("kernel BUG at mm/slab.c: kmem_cache_init() without memory");
    }
}
