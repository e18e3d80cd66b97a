package org.kmemscope.slub;

import java.util.Arrays;
import java.util.List;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * The caches behind kmalloc, by kind of memory and size ({@code kmalloc_caches}).
 *
 * <pre>
 *   size up to 192   classes[(size - 1) / 8]       number of the size
 *   larger           the next power of two
 * </pre>
 */
final class KmallocCaches implements Stateful {
    private static final int STEP_SHIFT = 3;
    private static final int LAST_ODD = 192;
    private static final int NONE = -1;

    private final CacheTable caches;
    private final int[] sizes;
    private final int lastSize;
    private final byte[] classes = new byte[LAST_ODD >> STEP_SHIFT];
    private final byte[] powers = new byte[Integer.SIZE];
    /** First cache of each kind in {@code table}; that of normal memory for a kind without caches. */
    private final int[] rows;

    private final Cache[] table;
    private final int dmaBit;
    private final int reclaimBit;
    private final int accountBit;
    private final boolean onDemand;
    private CacheFactory factory;

    KmallocCaches(Basis basis) {
        caches = basis.caches();
        KmallocRules rules = basis.rules().kmalloc();
        sizes = rules.sizes().stream().mapToInt(Integer::intValue).sorted().toArray();
        lastSize = rules.lastSize();
        onDemand = rules.dmaOnDemand();
        for (int i = 0; i < classes.length; i++) {
            classes[i] = (byte) classOf((i + 1) << STEP_SHIFT);
        }
        for (int shift = 0; shift < powers.length - 1; shift++) {
            powers[shift] = (byte) (1 << shift <= lastSize ? classOf(1 << shift) : NONE);
        }
        List<KmallocRules.Kind> kinds =
                rules.families().stream().map(KmallocRules.Family::kind).toList();
        rows = new int[KmallocRules.Kind.values().length];
        for (KmallocRules.Kind kind : KmallocRules.Kind.values()) {
            rows[kind.ordinal()] = Math.max(0, kinds.indexOf(kind)) * sizes.length;
        }
        table = new Cache[kinds.size() * sizes.length];
        dmaBit = basis.masks().dma();
        // a kernel without such a kind does not look at the bit
        reclaimBit = kinds.contains(KmallocRules.Kind.RECLAIM) ? basis.masks().reclaimable() : 0;
        accountBit = kinds.contains(KmallocRules.Kind.CGROUP) ? basis.masks().account() : 0;
    }

    private int classOf(int size) {
        int found = Arrays.binarySearch(sizes, size);
        return found >= 0 ? found : -found - 1;
    }

    /** Who makes caches for ZONE_DMA when they are first asked for. */
    void setFactory(CacheFactory factory) {
        this.factory = factory;
    }

    /** The largest size that has a cache. */
    int lastSize() {
        return lastSize;
    }

    /**
     * The cache that serves a size.
     *
     * @param size 1 to {@link #lastSize}
     * @return the cache; null if it would have to be made first and cannot be
     */
    Cache find(int size, int gfp) {
        int at = size <= LAST_ODD
                ? classes[(size - 1) >>> STEP_SHIFT]
                : powers[Integer.SIZE - Integer.numberOfLeadingZeros(size - 1)];
        if ((gfp & (dmaBit | reclaimBit | accountBit)) == 0) {
            return table[at];
        }
        KmallocRules.Kind kind = (gfp & dmaBit) != 0
                ? KmallocRules.Kind.DMA
                : (gfp & reclaimBit) != 0 ? KmallocRules.Kind.RECLAIM : KmallocRules.Kind.CGROUP;
        int place = rows[kind.ordinal()] + at;
        if (table[place] == null && onDemand) {
            table[place] = factory.createKmalloc(KmallocRules.Kind.DMA, sizes[at]);
        }
        return table[place];
    }

    void set(KmallocRules.Kind kind, int size, Cache cache) {
        table[rows[kind.ordinal()] + classOf(size)] = cache;
    }

    boolean contains(Cache cache) {
        return Arrays.asList(table).contains(cache);
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(Arrays.stream(table)
                .mapToInt(cache -> cache == null ? Cache.NO_CACHE : cache.number)
                .toArray());
    }

    @Override
    public void restore(StateReader in) {
        int[] numbers = in.getInts();
        for (int i = 0; i < numbers.length; i++) {
            table[i] = caches.byNumber(numbers[i]);
        }
    }
}
