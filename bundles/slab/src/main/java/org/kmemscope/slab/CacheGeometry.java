package org.kmemscope.slab;

import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.slab.SlabFlag;

/**
 * How a cache lays objects into its slabs. Pure arithmetic, done once when the cache is created.
 *
 * <pre>
 *   on the slab    | colour | struct slab | index of each object | pad | object 0 | object 1 | ... | left over |
 *                           └────── managementSize, a multiple of align ─────┘
 *   off the slab   | colour | object 0 | object 1 | ... | left over |      struct slab and indexes lie in another cache
 * </pre>
 *
 * <p>Terms: the <em>colour</em> is a gap of 0, 1, 2, ... steps at the start, another one for each new slab, so that objects of
 * different slabs do not fall on the same lines of the CPU's cache; <em>left over</em> is what no object fits into, and what colours
 * are made of.
 *
 * <ol>
 *   <li>The size is rounded up to words. Align is the largest of: the cache line, halved as long as two objects fit into half of it
 *       (only with SLAB_HWCACHE_ALIGN); the architecture's minimum; what was asked for. Then the size is rounded up to it.
 *   <li>Objects of an eighth of a page and more have their management off the slab, by their size before the last rounding; the
 *       general caches that are needed to make others do not.
 *   <li>Orders are tried from 0 up: the first that wastes at most an eighth, or the last one allowed, wins; reclaimable caches
 *       take the first that holds an object. A slab managed from outside must not have more objects than an object of its cache
 *       would have room for indexes.
 *   <li>If the left over has room for the management, it moves back onto the slab.
 * </ol>
 *
 * <p>Source: {@code kmem_cache_create}, {@code cache_estimate}, {@code calculate_slab_order} of 2.6.24 to 3.9.
 *
 * @param size bytes of an object with its padding ({@code buffer_size})
 * @param align alignment of each object
 * @param objects objects of a slab; 0 if none fits
 * @param order log2 of the pages of a slab
 * @param offSlab whether the management lies in an object of another cache
 * @param managementSize bytes of {@code struct slab} with its indexes ({@code slab_size})
 * @param colours number of colours; 0 and 1 both mean that every slab is alike
 * @param colourStep bytes from one colour to the next ({@code colour_off})
 */
record CacheGeometry(
        int size, int align, int objects, int order, boolean offSlab, int managementSize, int colours, int colourStep) {
    /** {@code BYTES_PER_WORD}. */
    static final int WORD = 4;

    /** Smallest size, before alignment, of objects with their management off the slab. */
    private static final int OFF_SLAB_SIZE = Profile.PAGE_SIZE >> 3;
    /** At most this part of a slab may be left over. */
    private static final int WASTE = 8;

    /**
     * What the arithmetic needs to know of a machine.
     *
     * @param cacheLine size of a line of the CPU's cache at run time ({@code cache_line_size()})
     * @param minAlign alignment that the architecture wants of every object ({@code ARCH_SLAB_MINALIGN})
     * @param lastOrder no higher order is tried unless nothing fits ({@code slab_break_gfp_order})
     * @param maxOrder highest order there is for slabs
     */
    record Rules(int cacheLine, int minAlign, int lastOrder, int maxOrder) {}

    /**
     * The geometry of a cache.
     *
     * @param wanted bytes of an object, at least a word
     * @param wantedAlign a power of two, or 0
     * @param flags bits of {@link SlabFlag}
     * @param early whether the management must stay on the slab ({@code slab_early_init})
     */
    static CacheGeometry of(int wanted, int wantedAlign, int flags, boolean early, Rules rules) {
        int words = roundUp(wanted, WORD);
        int align = Math.max(Math.max(lineAlign(words, flags, rules), rules.minAlign), wantedAlign);
        int size = roundUp(words, align);
        boolean off = words >= OFF_SLAB_SIZE && !early;
        int mostObjects = off ? (size - SlabMemory.SIZE) / SlabMemory.INDEX_SIZE : Integer.MAX_VALUE;
        int order = 0;
        int objects = 0;
        for (int tried = 0; tried <= rules.maxOrder; tried++) {
            int fitting = fitting(tried, size, align, off);
            if (fitting == 0) {
                continue;
            }
            if (fitting > mostObjects) {
                break;
            }
            order = tried;
            objects = fitting;
            long bytes = slabBytes(order);
            boolean lastTry = (flags & SlabFlag.SLAB_RECLAIM_ACCOUNT.bit()) != 0 || order >= rules.lastOrder;
            if (lastTry || leftOver(order, size, objects, align, off) * WASTE <= bytes) {
                break;
            }
        }
        return settle(size, align, objects, order, off, rules);
    }

    /** The geometry of the cache of {@code struct kmem_cache}: on the slab, lowest order that holds one, aligned to lines. */
    static CacheGeometry ofDescriptors(int bytes, Rules rules) {
        int size = roundUp(bytes, rules.cacheLine);
        int order = 0;
        while (fitting(order, size, rules.cacheLine, false) == 0) {
            order++;
        }
        return settle(size, rules.cacheLine, fitting(order, size, rules.cacheLine, false), order, false, rules);
    }

    private static CacheGeometry settle(int size, int align, int objects, int order, boolean off, Rules rules) {
        int bare = SlabMemory.SIZE + objects * SlabMemory.INDEX_SIZE;
        int aligned = roundUp(bare, align);
        long left = objects == 0 ? 0 : leftOver(order, size, objects, align, off);
        boolean movesBack = off && left >= aligned;
        int step = Math.max(rules.cacheLine, align);
        int colours = (int) ((movesBack ? left - aligned : left) / step);
        boolean offSlab = off && !movesBack;
        return new CacheGeometry(size, align, objects, order, offSlab, offSlab ? bare : aligned, colours, step);
    }

    private static int lineAlign(int size, int flags, Rules rules) {
        if ((flags & SlabFlag.SLAB_HWCACHE_ALIGN.bit()) == 0) {
            return WORD;
        }
        int align = rules.cacheLine;
        while (size <= align / 2) {
            align /= 2;
        }
        return align;
    }

    /** How many objects a slab of this order holds. */
    private static int fitting(int order, int size, int align, boolean off) {
        long bytes = slabBytes(order);
        if (off) {
            return (int) (bytes / size);
        }
        // either right or one too many: the padding after the indexes is not in it
        int objects = (int) ((bytes - SlabMemory.SIZE) / (size + SlabMemory.INDEX_SIZE));
        return objects > 0 && leftOver(order, size, objects, align, false) < 0 ? objects - 1 : objects;
    }

    private static long leftOver(int order, int size, int objects, int align, boolean off) {
        int management = off ? 0 : roundUp(SlabMemory.SIZE + objects * SlabMemory.INDEX_SIZE, align);
        return slabBytes(order) - management - (long) objects * size;
    }

    private static long slabBytes(int order) {
        return (long) Profile.PAGE_SIZE << order;
    }

    static int roundUp(int value, int step) {
        return (value + step - 1) / step * step;
    }

    /** Whether a slab holds any object at all. */
    boolean fits() {
        return objects > 0;
    }

    /** Pages of a slab. */
    int pages() {
        return 1 << order;
    }

    /** Bytes of a slab. */
    long bytes() {
        return slabBytes(order);
    }
}
