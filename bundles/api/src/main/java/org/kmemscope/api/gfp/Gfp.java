package org.kmemscope.api.gfp;

/**
 * The names of GFP flags and of the masks that combine them, of every era; {@link GfpTable} gives the numbers. A flag that the
 * machine's kernel does not have is refused when it is used, as a compiler would refuse it.
 *
 * <p>The constants are spelled as in C, so that a driver reads {@code kernel.kmalloc(40, GFP_KERNEL)} with a static import.
 */
public enum Gfp {
    /** From ZONE_DMA. */
    __GFP_DMA,
    /** May come from high memory. */
    __GFP_HIGHMEM,
    /** From ZONE_DMA32. */
    __GFP_DMA32,
    /** The page can be moved: ZONE_MOVABLE may serve it, migrate type movable. */
    __GFP_MOVABLE,
    /** The page can be reclaimed through a shrinker: migrate type reclaimable. */
    __GFP_RECLAIMABLE,
    /** 4.3 and before: the caller may sleep and reclaim. */
    __GFP_WAIT,
    /** May use the emergency reserve. */
    __GFP_HIGH,
    /** May start disk I/O. */
    __GFP_IO,
    /** May call into file systems. */
    __GFP_FS,
    /** 4.14 and before: wants a page that is not in the CPU's cache. */
    __GFP_COLD,
    /** Fails without a report. */
    __GFP_NOWARN,
    /** 4.12 and before: try hard, but may fail. */
    __GFP_REPEAT,
    /** 4.13 and later: try hard, but may fail. */
    __GFP_RETRY_MAYFAIL,
    /** Retries for ever. */
    __GFP_NOFAIL,
    /** Never retries. */
    __GFP_NORETRY,
    /** 3.6 and later: may use every page there is. */
    __GFP_MEMALLOC,
    /** Makes a compound page of the block. */
    __GFP_COMP,
    /** Zeroes the pages. */
    __GFP_ZERO,
    /** Keeps away from the reserves, whoever asks. */
    __GFP_NOMEMALLOC,
    /** Enforces the hard wall of cpusets. */
    __GFP_HARDWALL,
    /** Only from this node. */
    __GFP_THISNODE,
    /** 2.6.31 to 4.14: kmemcheck does not track the memory. */
    __GFP_NOTRACK,
    /** 2.6.38 to 4.3: does not wake kswapd. */
    __GFP_NO_KSWAPD,
    /** 2.6.39 to 4.9: on behalf of another node. */
    __GFP_OTHER_NODE,
    /** 3.8 to 3.15: charged to a memory cgroup. */
    __GFP_KMEMCG,
    /** 4.1 to 4.4: not charged to a memory cgroup. */
    __GFP_NOACCOUNT,
    /** 4.4 to 6.2: the caller cannot sleep and has high priority. */
    __GFP_ATOMIC,
    /** 4.4 and later: the caller may reclaim directly. */
    __GFP_DIRECT_RECLAIM,
    /** 4.4 and later: wakes kswapd. */
    __GFP_KSWAPD_RECLAIM,
    /** 3.3 and later: the page will be written to soon. */
    __GFP_WRITE,
    /** 4.5 and later: charged to a memory cgroup. */
    __GFP_ACCOUNT,
    /** 5.14 and later: zeroes memory tags. */
    __GFP_ZEROTAGS,
    /** 5.18 and later: does not zero, the owner does. */
    __GFP_SKIP_ZERO,
    /** 5.18 to 6.3: KASAN does not mark the memory as accessible. */
    __GFP_SKIP_KASAN_UNPOISON,
    /** 5.14 to 6.3: KASAN does not mark the memory when it is freed. */
    __GFP_SKIP_KASAN_POISON,
    /** 6.4 and later: both of the above. */
    __GFP_SKIP_KASAN,
    /** 4.12 and later: lockdep does not follow this request. */
    __GFP_NOLOCKDEP,
    /** 4.4 and later: both ways of reclaim. */
    __GFP_RECLAIM,
    /** Cannot sleep, high priority. */
    GFP_ATOMIC,
    /** Cannot sleep. */
    GFP_NOWAIT,
    /** May sleep, no I/O. */
    GFP_NOIO,
    /** May sleep, no file system. */
    GFP_NOFS,
    /** The normal mask of kernel code. */
    GFP_KERNEL,
    /** 4.5 and later: as GFP_KERNEL, charged to a memory cgroup. */
    GFP_KERNEL_ACCOUNT,
    /** 4.13 and before: GFP_KERNEL for short-lived, reclaimable memory. */
    GFP_TEMPORARY,
    /** For user space, directly usable by the kernel. */
    GFP_USER,
    /** For user space, possibly in high memory. */
    GFP_HIGHUSER,
    /** For user space, possibly in high memory, movable. */
    GFP_HIGHUSER_MOVABLE,
    /** 2.6.38 and later: huge pages. */
    GFP_TRANSHUGE,
    /** 4.8 and later: huge pages without reclaim. */
    GFP_TRANSHUGE_LIGHT,
    /** 2.6.34 to 4.3: I/O and file systems, to be taken out of a mask; not a mask to allocate with. */
    GFP_IOFS,
    /** ZONE_DMA. */
    GFP_DMA,
    /** ZONE_DMA32. */
    GFP_DMA32;

    /** Whether this is a mask that combines flags ({@code GFP_KERNEL}) or names one for another ({@code GFP_DMA}). */
    public boolean isComposite() {
        return !name().startsWith("__") || this == __GFP_RECLAIM;
    }
}
