package org.kmemscope.api.slab;

import java.util.List;
import java.util.Optional;

/**
 * The exact state of caches of SLUB, as far as a module in the kernel can print it: what a machine is cloned from, and what two states
 * are compared by. Lists are head first; free lists are numbers of objects in the order in which they will be handed out. Arrays are not
 * copied.
 *
 * @param caches the caches, in any order
 */
public record SlabState(List<CacheState> caches) {
    /** Keeps an unmodifiable copy. */
    public SlabState {
        caches = List.copyOf(caches);
    }

    /**
     * A cache.
     *
     * @param name its name
     * @param random what its free pointers are mixed with ({@code random}); 0 where they are plain
     * @param sequence the order of objects that was drawn when it was created ({@code random_seq}), as numbers of objects; empty where
     *     free lists are in order
     * @param slabs slabs it has ({@code nr_slabs}); full ones are on no list, so they may be more than are listed
     * @param objects objects in all its slabs ({@code total_objects})
     * @param cpus what each CPU holds
     * @param partial the node's partial list
     */
    public record CacheState(
            String name,
            int random,
            int[] sequence,
            long slabs,
            long objects,
            List<CpuState> cpus,
            List<Slab> partial) {
        /** Keeps unmodifiable copies. */
        public CacheState {
            cpus = List.copyOf(cpus);
            partial = List.copyOf(partial);
        }
    }

    /**
     * What a CPU holds of a cache ({@code struct kmem_cache_cpu}).
     *
     * @param slab the slab it allocates from, if it has one
     * @param free its own free list; objects on it count as in use in their slab
     * @param partial its partial list
     */
    public record CpuState(Optional<Slab> slab, int[] free, List<Slab> partial) {
        /** Keeps an unmodifiable copy. */
        public CpuState {
            partial = List.copyOf(partial);
        }
    }

    /**
     * A slab.
     *
     * @param pfn its first frame
     * @param order log2 of its frames
     * @param objects objects it is divided into
     * @param inUse objects that are not on its own free list
     * @param frozen whether it belongs to a CPU
     * @param ahead on a CPU's partial list, slabs from here to the end ({@code slabs}); 0 elsewhere
     * @param free its own free list
     */
    public record Slab(int pfn, int order, int objects, int inUse, boolean frozen, int ahead, int[] free) {
        /** Frames of the slab. */
        public int pages() {
            return 1 << order;
        }
    }
}
