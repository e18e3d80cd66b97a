package org.kmemscope.slub;

import org.kmemscope.api.ground.ArchSpec.Arch;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;

/**
 * Sizes of the allocator's own structures, in bytes. They are objects of caches themselves, and show in {@code /proc/slabinfo}; what is
 * in them is kept on the host.
 *
 * <pre>
 *   struct kmem_cache        a word for each number in it, a list head, a kobject; 116 bytes in 3.8, 140 in 6.1
 *   struct kmem_cache_node   | list_lock | nr_partial | partial | with CONFIG_SLUB_DEBUG: nr_slabs | total_objects | full |
 * </pre>
 *
 * <p>A spinlock is nothing on one CPU, a word with SMP; CONFIG_DEBUG_SPINLOCK adds three words, a lock that lets others break in (ARM
 * with PREEMPT before its ticket locks, 3.6) one. Source: {@code include/linux/slub_def.h}, {@code mm/slab.h}; sizes as captured.
 *
 * @param descriptor a {@code kmem_cache}
 * @param node a {@code kmem_cache_node}
 * @param cached whether both come from caches of their own, since 2.6.37; before, a descriptor is kmalloc'ed and the node is part of it
 * @param asKmalloc whether these two are aligned as objects of kmalloc, and that of descriptors is listed as the older, since 3.7
 */
record StructSizes(int descriptor, int node, boolean cached, boolean asKmalloc) {
    private static final int WORD = ObjectLayout.WORD;
    private static final int NODE_WORDS = 3;
    private static final int NODE_DEBUG_WORDS = 4;
    private static final int DEBUG_LOCK_WORDS = 3;
    /** Words of a {@code kmem_cache}: with an embedded node; then with a pointer to it; with cpu_partial; with what came until 5.16. */
    private static final int EMBEDDED_WORDS = 36;

    private static final int POINTER_WORDS = 28;
    private static final int CPU_PARTIAL_WORDS = 29;
    private static final int LATE_WORDS = 33;

    static StructSizes of(KernelVersion version, KernelConfig config, Arch arch) {
        int lock = config.is("SMP") ? WORD : 0;
        if (arch == Arch.ARM && config.is("SMP") && config.is("PREEMPT") && !version.isAtLeast(3, 6)) {
            lock += WORD;
        }
        if (config.is("DEBUG_SPINLOCK")) {
            lock = Math.max(lock, WORD) + DEBUG_LOCK_WORDS * WORD;
        }
        int node = lock + NODE_WORDS * WORD + (config.is("SLUB_DEBUG") ? NODE_DEBUG_WORDS * WORD : 0);
        return new StructSizes(
                words(version, config) * WORD, node, version.isAtLeast(2, 6, 37), version.isAtLeast(3, 7));
    }

    private static int words(KernelVersion version, KernelConfig config) {
        if (version.isAtLeast(4, 6)) {
            return LATE_WORDS
                    + (config.is("SLAB_FREELIST_HARDENED") ? 1 : 0)
                    + (config.is("SLAB_FREELIST_RANDOM") ? 1 : 0);
        }
        if (version.isAtLeast(3, 2)) {
            return CPU_PARTIAL_WORDS;
        }
        return version.isAtLeast(2, 6, 37) ? POINTER_WORDS : EMBEDDED_WORDS;
    }
}
