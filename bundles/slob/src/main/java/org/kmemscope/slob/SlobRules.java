package org.kmemscope.slob;

import org.kmemscope.api.ground.ArchSpec.Arch;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelSpec;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.slab.SlabFlag;

/**
 * The SLOB's rules of one kernel on one machine: the only place in this bundle that looks at a version. Linux had it from 2.6.16 to 6.3;
 * the rules are known from 2.6.24 on. A machine with a later kernel gets those of 6.3.
 *
 * @param lists how many lists of pages there are: one, or one for each of three ranges of sizes. Three since 2.6.25 ("slob: reduce
 *     external fragmentation by using three free lists").
 * @param mergesNewFirst whether a block that becomes the first free one of its page is merged with the one behind it. Since 2.6.25
 *     ("slob: fix free block merging at head of subpage").
 * @param ownListOnFirstFree whether a page that gets its first free block goes to the list of that block's size. Since 2.6.37 ("SLOB:
 *     Free objects to their own list"); before, to the list of the smallest.
 * @param beginsBehindFull whether a search that filled its page lets the next one begin behind it; until 5.1
 * @param naturalAlign whether kmalloc of a power of two is a multiple of its size. Since 5.4 ("mm, sl[aou]b: guarantee natural
 *     alignment for kmalloc(power-of-two)").
 * @param kmallocAlign alignment of what kmalloc returns, and bytes of the header before it
 * @param minAlign least alignment of a cache's objects ({@code ARCH_SLAB_MINALIGN})
 * @param line bytes of a line of the CPU's cache, which SLAB_HWCACHE_ALIGN aligns to
 * @param halvesLine whether objects smaller than half a line are aligned to half of it only. Since 3.9, when {@code
 *     calculate_alignment()} became common to all object allocators.
 * @param descriptorSize {@code sizeof(struct kmem_cache)}
 * @param copiesNames whether the name of a cache is copied into an object. Since 3.7.
 * @param largeKeepsSize whether {@code ksize} of an object of whole pages tells what was asked for; until 3.6 ("mm/slob: Drop usage of
 *     page->private for storing page-sized allocations")
 * @param kmallocMax largest size kmalloc serves
 * @param panicWords what the kernel dies with when a cache with SLAB_PANIC cannot be made; a format with its name
 */
record SlobRules(
        int lists,
        boolean mergesNewFirst,
        boolean ownListOnFirstFree,
        boolean beginsBehindFull,
        boolean naturalAlign,
        int kmallocAlign,
        int minAlign,
        int line,
        boolean halvesLine,
        int descriptorSize,
        boolean copiesNames,
        boolean largeKeepsSize,
        long kmallocMax,
        String panicWords) {
    /** {@code SLOB_BREAK1} and {@code 2}: below which size a block is served from the first list, and from the second. */
    private static final int[] BREAKS = {256, 1024};

    private static final int WORD = 4;
    /** {@code __alignof__(unsigned long long)} on i386. */
    private static final int LONG_ALIGN = 8;
    /** {@code ARCH_SLAB_MINALIGN} of ARM: the EABI wants 64-bit values at multiples of 8. */
    private static final int EABI_ALIGN = 8;

    /** Size, align, flags, name, constructor. */
    private static final int OLD_DESCRIPTOR = 20;
    /** The object's own size, a count of references and the links of the list of all caches came with the common code of 3.7. */
    private static final int COMMON_DESCRIPTOR = 36;
    /** {@code useroffset} and {@code usersize}, 4.16. */
    private static final int HARDENED_DESCRIPTOR = 44;

    static SlobRules of(PageFloor floor) {
        KernelSpec kernel = floor.profile().kernel();
        KernelVersion version = kernel.version();
        boolean arm = floor.profile().arch().arch() == Arch.ARM;
        int line = builtLine(floor);
        // "slab, slub, slob: Unify alignment definition", 3.8
        int wordAlign = version.isAtLeast(3, 8) ? LONG_ALIGN : WORD;
        int minAlign = arm ? EABI_ALIGN : wordAlign;
        boolean commonAlign = version.isAtLeast(3, 9);
        boolean commonCode = version.isAtLeast(3, 7);
        return new SlobRules(
                version.isAtLeast(2, 6, 25) ? BREAKS.length + 1 : 1,
                version.isAtLeast(2, 6, 25),
                version.isAtLeast(2, 6, 37),
                !version.isAtLeast(5, 2),
                version.isAtLeast(5, 4),
                // devices write into what kmalloc returns: on ARM it must not share a line of the cache
                arm ? line : minAlign,
                minAlign,
                commonAlign ? floor.profile().arch().cacheLine() : line,
                commonAlign,
                version.isAtLeast(4, 16) ? HARDENED_DESCRIPTOR : commonCode ? COMMON_DESCRIPTOR : OLD_DESCRIPTOR,
                commonCode,
                !commonCode,
                kmallocMax(floor),
                commonCode
                        ? "kmem_cache_create: Failed to create slab '%s'. Error -12"
                        : "Cannot create slab cache %s");
    }

    /** {@code L1_CACHE_BYTES}: what the kernel was built for, not what it finds. */
    private static int builtLine(PageFloor floor) {
        KernelConfig config = floor.profile().kernel().config();
        int found = Integer.numberOfTrailingZeros(floor.profile().arch().cacheLine());
        return 1 << config.integer("X86_L1_CACHE_SHIFT", config.integer("ARM_L1_CACHE_SHIFT", found));
    }

    /** No limit of its own: the largest block of pages. */
    private static long kmallocMax(PageFloor floor) {
        long told = floor.profile().kernel().kmallocMax();
        long largestBlock = (long) Profile.PAGE_SIZE << floor.pages().maxOrder() - 1;
        return told != 0 ? Math.min(told, largestBlock) : largestBlock;
    }

    /** The list of pages that serves blocks of a size. */
    int listOf(int bytes) {
        int list = 0;
        while (list < lists - 1 && bytes >= BREAKS[list]) {
            list++;
        }
        return list;
    }

    /** Alignment of what kmalloc of a size returns, in bytes. */
    int kmallocAlign(int size) {
        return naturalAlign && Integer.bitCount(size) == 1 ? Math.max(size, kmallocAlign) : kmallocAlign;
    }

    /** Alignment of the objects of a cache, in bytes. */
    int cacheAlign(int size, int align, int flags) {
        int wanted = Math.max(align, minAlign);
        if ((flags & SlabFlag.SLAB_HWCACHE_ALIGN.bit()) == 0) {
            return wanted;
        }
        int part = line;
        while (halvesLine && size <= part / 2) {
            part /= 2;
        }
        return Math.max(wanted, part);
    }
}
