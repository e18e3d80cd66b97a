package org.kmemscope.slab;

import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;

/**
 * Sizes of the allocator's own structures. They are allocated like any other object, and show in {@code /proc/slabinfo}; what is in
 * them is kept on the host, but for the list heads. In bytes:
 *
 * <pre>
 *   struct array_cache   | avail | limit | batchcount | touched | lock | entry[] ...
 *   struct kmem_list3    | slabs_partial | slabs_full | slabs_free | free_objects | free_limit | colour_next | lock |
 *                        | shared | alien | next_reap | free_touched |
 *   struct kmem_cache    | array[cpus] | 15 words of numbers | name | next | nodelists[1] |
 * </pre>
 *
 * <p>A spinlock is nothing on one CPU, a word with SMP, four words with CONFIG_DEBUG_SPINLOCK. Source: {@code mm/slab.c},
 * {@code include/linux/slab_def.h}.
 *
 * @param arrayHeader an {@code array_cache} without its entries
 * @param lists a {@code kmem_list3}
 * @param descriptor a {@code kmem_cache}
 * @param tuning what is needed while the arrays of a cache are exchanged ({@code ccupdate_struct})
 */
record ControlSizes(int arrayHeader, int lists, int descriptor, int tuning) {
    private static final int WORD = CacheGeometry.WORD;
    private static final int DEBUG_LOCK = 4 * WORD;
    private static final int ARRAY_WORDS = 4;
    private static final int LISTS_WORDS = 13;
    /** Words of a {@code kmem_cache} beside its per-CPU array. */
    private static final int DESCRIPTOR_WORDS = 19;

    static ControlSizes of(KernelVersion version, KernelConfig config, int cpus) {
        int lock = config.is("DEBUG_SPINLOCK") ? DEBUG_LOCK : config.is("SMP") ? WORD : 0;
        int tableCpus = cpus;
        int words = DESCRIPTOR_WORDS;
        if (version.isAtLeast(3, 6)) {
            // three fields that all object allocators share were added: refcount, object_size, align; dflags went,
            // nodelists moved
            words += 3;
        } else if (version.isAtLeast(3, 1)) {
            // nodelists became a pointer to behind the array
            words += 1;
        } else {
            // before, the tables had a slot for each CPU that the kernel was built for
            tableCpus = config.is("SMP") ? config.integer("NR_CPUS", Math.max(cpus, 8)) : 1;
        }
        return new ControlSizes(
                ARRAY_WORDS * WORD + lock,
                LISTS_WORDS * WORD + lock,
                (words + tableCpus) * WORD,
                (1 + tableCpus) * WORD);
    }

    /** A per-CPU or shared array with room for so many objects. */
    int array(int entries) {
        return arrayHeader + entries * WORD;
    }
}
