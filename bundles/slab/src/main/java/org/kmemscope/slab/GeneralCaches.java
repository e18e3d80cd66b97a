package org.kmemscope.slab;

import java.util.Arrays;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * The caches behind kmalloc ({@code malloc_sizes}): one for each size, and its twin whose pages come from ZONE_DMA.
 *
 * <pre>
 *   size up to a page   classes[(size - 1) / 32]         number of the class
 *   larger              the class of a page, and one more for each power of two
 * </pre>
 */
final class GeneralCaches implements Stateful {
    private static final int STEP_SHIFT = 5;

    private final CacheTable caches;
    private final int[] sizes;
    private final byte[] classes = new byte[Profile.PAGE_SIZE >> STEP_SHIFT];
    private final Cache[] normal;
    private final Cache[] dma;
    private final int dmaBit;
    private final int max;
    /** Class of the largest size in {@code classes}, less its log2. */
    private final int largeClass;

    GeneralCaches(CacheTable caches, SlabRules rules, GfpMasks masks) {
        this.caches = caches;
        sizes = rules.generalSizes();
        normal = new Cache[sizes.length];
        dma = new Cache[sizes.length];
        dmaBit = masks.dma();
        max = rules.kmallocMax();
        for (int i = 0; i < classes.length; i++) {
            classes[i] = (byte) classBySearch((i + 1) << STEP_SHIFT);
        }
        largeClass = classes[classes.length - 1] - Profile.PAGE_SHIFT;
    }

    private int classBySearch(int size) {
        int found = Arrays.binarySearch(sizes, size);
        return found >= 0 ? found : -found - 1;
    }

    /** Number of the smallest class with room for so many bytes, 1 to the largest size. */
    int classOf(long size) {
        int last = (int) size - 1;
        return last < Profile.PAGE_SIZE
                ? classes[last >>> STEP_SHIFT]
                : largeClass + Integer.SIZE - Integer.numberOfLeadingZeros(last);
    }

    /** The cache that serves a size; null if it is too large for any. */
    Cache find(long size, int gfp) {
        if (size > max || size <= 0) {
            return null;
        }
        int number = classOf(size);
        return (gfp & dmaBit) != 0 ? dma[number] : normal[number];
    }

    int max() {
        return max;
    }

    int classes() {
        return sizes.length;
    }

    int size(int number) {
        return sizes[number];
    }

    Cache normal(int number) {
        return normal[number];
    }

    void setNormal(int number, Cache cache) {
        normal[number] = cache;
    }

    void setDma(int number, Cache cache) {
        dma[number] = cache;
    }

    boolean contains(Cache cache) {
        return Arrays.asList(normal).contains(cache) || Arrays.asList(dma).contains(cache);
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(ids(normal));
        out.putInts(ids(dma));
    }

    private static int[] ids(Cache[] of) {
        return Arrays.stream(of)
                .mapToInt(cache -> cache == null ? Cache.NO_CACHE : cache.id)
                .toArray();
    }

    @Override
    public void restore(StateReader in) {
        restore(in.getInts(), normal);
        restore(in.getInts(), dma);
    }

    private void restore(int[] ids, Cache[] into) {
        for (int i = 0; i < ids.length; i++) {
            into[i] = caches.byId(ids[i]);
        }
    }
}
