package org.kmemscope.vmalloc;

import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;

/**
 * Rules of the blocks from which vm_map_ram serves small requests.
 *
 * @param pages {@code VMAP_BBMAP_BITS}: pages of a block; 0 where vm_map_ram does not exist
 * @param searches whether the lowest free, naturally aligned run is searched; otherwise the next pages of a block are taken
 * @param newLast whether a new block is tried last; otherwise first
 * @param purgesFragments whether a purge gives up blocks in which nothing is mapped
 * @param objectBytes {@code sizeof(struct vmap_block)}
 */
record BlockRules(int pages, boolean searches, boolean newLast, boolean purgesFragments, int objectBytes) {
    /** {@code VMAP_MAX_ALLOC}: the largest request that is served from a block, in pages ({@code BITS_PER_LONG}). */
    static final int LARGEST = 32;

    private static final int MOST_PAGES = 1024;
    private static final int VMALLOC_PAGES = 32768;
    private static final int BLOCKS_PER_CPU = 16;
    private static final int BITS_PER_BYTE = 8;

    static BlockRules of(KernelVersion layer, KernelConfig config) {
        int pages = layer.isAtLeast(2, 6, 28) ? pages(config) : 0;
        boolean searches = !layer.isAtLeast(3, 12);
        // two bitmaps besides lock, area, queue, counters, lists and RCU head
        int bytes = searches ? 44 + 2 * pages / BITS_PER_BYTE : 48;
        return new BlockRules(pages, searches, layer.isAtLeast(4, 1), layer.isAtLeast(2, 6, 33), bytes);
    }

    /** Room for 16 blocks on each of {@code NR_CPUS} CPUs in 128 MiB, between 64 and 1024 pages. */
    private static int pages(KernelConfig config) {
        int cpus = config.is("SMP") ? config.integer("NR_CPUS", 1) : 1;
        int rounded = cpus <= 1 ? 1 : Integer.highestOneBit(cpus - 1) << 1;
        return Math.min(MOST_PAGES, Math.max(2 * LARGEST, VMALLOC_PAGES / rounded / BLOCKS_PER_CPU));
    }
}
