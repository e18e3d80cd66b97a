package org.kmemscope.slub;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.kmemscope.api.ground.ArchSpec.Arch;
import org.kmemscope.api.ground.BootOptions;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.page.PageFloor;

/**
 * Which caches kmalloc has.
 *
 * <p>Sizes are the powers of two from {@code KMALLOC_MIN_SIZE} to two pages (one page up to 2.6.29), and 96 and 192 where they are not
 * rounded up to the next power of two anyway. Larger requests go to the page allocator. The least size is 8; on ARM it is a line of the
 * cache, as a buffer for DMA must not share one. Source: {@code create_kmalloc_caches}, {@code kmalloc_info}.
 *
 * @param sizes sizes of the caches, in the order in which they are made
 * @param families kinds of memory there are caches for, in the order in which they are made
 * @param leastAlign least alignment of objects ({@code ARCH_KMALLOC_MINALIGN})
 * @param natural whether a power of two is aligned to itself, since 5.4
 * @param shared whether other caches may be merged with them, until 4.16
 * @param dmaOnDemand whether a cache for ZONE_DMA is made when it is first asked for, until 2.6.35
 * @param largest the largest size that is served ({@code KMALLOC_MAX_SIZE})
 */
record KmallocRules(
        List<Integer> sizes,
        List<Family> families,
        int leastAlign,
        boolean natural,
        boolean shared,
        boolean dmaOnDemand,
        long largest) {
    private static final int LEAST = 8;
    private static final int KB = 1024;
    private static final int LARGEST_SHIFT = 25;

    /** A kind of memory, with the names of its caches: a format with the size. */
    record Family(Kind kind, String names) {}

    /** Kinds of memory. */
    enum Kind {
        /** Any. */
        NORMAL,
        /** Charged to a memory cgroup. */
        CGROUP,
        /** Reclaimable. */
        RECLAIM,
        /** From ZONE_DMA. */
        DMA
    }

    static KmallocRules of(PageFloor floor, KernelVersion version, KernelConfig config, BootOptions options) {
        boolean arm = floor.profile().arch().arch() == Arch.ARM;
        int least = arm ? Math.max(LEAST, builtLine(floor, config)) : LEAST;
        int last = version.isAtLeast(2, 6, 30) ? 2 * Profile.PAGE_SIZE : Profile.PAGE_SIZE;
        long told = floor.profile().kernel().kmallocMax();
        int shift = Math.min(LARGEST_SHIFT, floor.pages().maxOrder() - 1 + Profile.PAGE_SHIFT);
        return new KmallocRules(
                sizes(least, last, version.isAtLeast(3, 10)),
                families(version, config, options),
                least,
                version.isAtLeast(5, 4),
                !version.isAtLeast(4, 16),
                !version.isAtLeast(2, 6, 35),
                told != 0 ? told : 1L << shift);
    }

    /** {@code L1_CACHE_BYTES}: what the kernel was built for. */
    static int builtLine(PageFloor floor, KernelConfig config) {
        int found = floor.profile().arch().cacheLine();
        int shift = config.integer("ARM_L1_CACHE_SHIFT", 0);
        return shift > 0 ? 1 << shift : found;
    }

    /** The odd sizes come before all others, or each behind the power of two below it since 3.10. */
    private static List<Integer> sizes(int least, int last, boolean inOrder) {
        IntStream odd = IntStream.of(96, 192).filter(size -> least <= size / 3);
        IntStream powers = IntStream.iterate(least, size -> size <= last, size -> size * 2);
        List<Integer> sizes =
                new ArrayList<>(IntStream.concat(odd, powers).boxed().toList());
        if (inOrder) {
            sizes.sort(null);
        }
        return sizes;
    }

    private static List<Family> families(KernelVersion version, KernelConfig config, BootOptions options) {
        List<Family> families = new ArrayList<>();
        families.add(new Family(Kind.NORMAL, "kmalloc-%s"));
        boolean nokmem = options.get("cgroup.memory")
                .filter(text -> text.contains("nokmem"))
                .isPresent();
        if (version.isAtLeast(5, 14) && config.is("MEMCG_KMEM") && !nokmem) {
            families.add(new Family(Kind.CGROUP, "kmalloc-cg-%s"));
        }
        if (version.isAtLeast(4, 20)) {
            families.add(new Family(Kind.RECLAIM, "kmalloc-rcl-%s"));
        }
        if (config.is("ZONE_DMA")) {
            families.add(new Family(Kind.DMA, version.isAtLeast(2, 6, 35) ? "dma-kmalloc-%s" : "kmalloc_dma-%s"));
        }
        return families;
    }

    /** The largest size that has a cache. */
    int lastSize() {
        return sizes.stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    /** A size as it stands in names: {@code 512}, {@code 1k} since 4.20, which is when there came to be reclaimable ones. */
    String label(int size) {
        boolean units = families.stream().anyMatch(family -> family.kind == Kind.RECLAIM);
        return units && size >= KB ? size / KB + "k" : Integer.toString(size);
    }

    /** Alignment that is asked for objects of a size. */
    int align(int size) {
        return natural && Integer.bitCount(size) == 1 ? Math.max(leastAlign, size) : leastAlign;
    }
}
