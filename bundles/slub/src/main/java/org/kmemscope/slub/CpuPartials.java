package org.kmemscope.slub;

import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.Profile;

/**
 * The partial slabs that each CPU keeps ({@code cpu_partial}), so that objects that are freed to full slabs, and those that the next
 * allocations will need, do not take the node's lock.
 *
 * <pre>
 *   CPU    slab ←── partial: newest → ... → oldest
 *                     ↑ a full slab that an object came back to; slabs fetched from the node beside the one that was needed
 *                     ↓ when there are too many: all of them
 *   node            partial list, its tail
 * </pre>
 *
 * <p>Slabs on the list are frozen. The first knows how many there are. What is too many is counted in free objects at the time they were
 * put there; from 5.16 on in slabs, which is what it costs to move them. Source: {@code put_cpu_partial}, {@code unfreeze_partials},
 * {@code slub_set_cpu_partial}.
 */
final class CpuPartials {
    private final Slabs slabs;
    private final NodeLists lists;
    private final SlabMaker maker;
    private final Rule rule;
    private final SlubRules.EmptySlabs emptySlabs;

    /** How a CPU's partial slabs are counted. */
    enum Rule {
        /** There are none: up to 3.1, or without CONFIG_SLUB_CPU_PARTIAL from 3.11 on. */
        NONE(new int[0][]),
        /** In free objects; how many are fetched from the node is seen by all that are on the list then, 3.2 to 3.8. */
        OBJECTS_ON_LIST(new int[][] {{Profile.PAGE_SIZE, 2}, {1024, 6}, {256, 13}, {0, 30}}),
        /** In free objects, 3.9 to 5.15. */
        OBJECTS(new int[][] {{Profile.PAGE_SIZE, 2}, {1024, 6}, {256, 13}, {0, 30}}),
        /** In slabs that are half full on average, since 5.16. */
        SLABS(new int[][] {{Profile.PAGE_SIZE, 6}, {1024, 24}, {256, 52}, {0, 120}});

        private final int[][] bySize;

        Rule(int[][] bySize) {
            this.bySize = bySize;
        }

        static Rule of(KernelVersion version, KernelConfig config) {
            boolean configured = version.isAtLeast(3, 11) ? config.is("SLUB_CPU_PARTIAL") : version.isAtLeast(3, 2);
            if (!configured) {
                return NONE;
            }
            return version.isAtLeast(5, 16) ? SLABS : version.isAtLeast(3, 9) ? OBJECTS : OBJECTS_ON_LIST;
        }

        /** Free objects that a CPU shall hold in partial slabs, by the bytes from one object to the next. */
        int objects(int size) {
            for (int[] row : bySize) {
                if (size >= row[0]) {
                    return row[1];
                }
            }
            return 0;
        }

        /** Slabs in which so many free objects are. */
        int slabs(int objects, int perSlab) {
            return (2 * objects + perSlab - 1) / perSlab;
        }
    }

    CpuPartials(Basis basis, NodeLists lists, SlabMaker maker) {
        slabs = basis.slabs();
        this.lists = lists;
        this.maker = maker;
        rule = basis.rules().partials();
        emptySlabs = basis.rules().emptySlabs();
    }

    /** {@code kmem_cache_has_cpu_partial()}. */
    boolean has(Cache cache) {
        return rule != Rule.NONE && !cache.debug;
    }

    /**
     * Puts a frozen slab first on the list of a CPU.
     *
     * @param drain whether the list may be given to the node if it is full; not while slabs are being fetched from there
     */
    void put(Cache cache, int cpu, int slab, boolean drain) {
        int old = cache.partial[cpu];
        int drained = Slabs.NONE;
        if (old != Slabs.NONE && drain && isFull(cache, old)) {
            drained = old;
            old = Slabs.NONE;
        }
        slabs.setAhead(
                slab,
                (old == Slabs.NONE ? 0 : slabs.ahead(old)) + 1,
                (old == Slabs.NONE ? 0 : slabs.aheadObjects(old)) + slabs.objects(slab) - slabs.inUse(slab));
        slabs.setNext(slab, old);
        cache.partial[cpu] = slab;
        if (drained != Slabs.NONE) {
            unfreeze(cache, drained);
        }
    }

    private boolean isFull(Cache cache, int first) {
        return rule == Rule.SLABS
                ? slabs.ahead(first) >= cache.made.cpuPartialSlabs()
                : slabs.aheadObjects(first) > cache.made.cpuPartial();
    }

    /**
     * Whether enough slabs were fetched from the node.
     *
     * @param moved slabs that were put on the list of the CPU
     * @param free free objects in these and in the slab that the CPU allocates from now
     */
    boolean isEnough(Cache cache, int cpu, int moved, int free) {
        if (!has(cache)) {
            return true;
        }
        return switch (rule) {
            case SLABS -> moved > cache.made.cpuPartialSlabs() / 2;
            case OBJECTS -> free > cache.made.cpuPartial() / 2;
            default -> moved > 0 && slabs.aheadObjects(cache.partial[cpu]) > cache.made.cpuPartial() / 2;
        };
    }

    /** Takes the first slab off the list of a CPU; {@link Slabs#NONE} if it is empty. */
    int take(Cache cache, int cpu) {
        int slab = cache.partial[cpu];
        if (slab != Slabs.NONE) {
            cache.partial[cpu] = slabs.next(slab);
            slabs.setNext(slab, Slabs.NONE);
            slabs.setAhead(slab, 0, 0);
        }
        return slab;
    }

    /** Gives all partial slabs of a CPU to the node. */
    void flush(Cache cache, int cpu) {
        int first = cache.partial[cpu];
        cache.partial[cpu] = Slabs.NONE;
        unfreeze(cache, first);
    }

    /** Empty ones that the node does not want are given back last, the last one first. */
    private void unfreeze(Cache cache, int first) {
        int dropped = Slabs.NONE;
        int slab = first;
        while (slab != Slabs.NONE) {
            int next = slabs.next(slab);
            slabs.setFrozen(slab, false);
            slabs.setAhead(slab, 0, 0);
            if (slabs.inUse(slab) == 0 && emptySlabs.drops(cache)) {
                slabs.setNext(slab, dropped);
                dropped = slab;
            } else {
                lists.addLast(cache, slab);
            }
            slab = next;
        }
        while (dropped != Slabs.NONE) {
            int next = slabs.next(dropped);
            maker.discard(cache, dropped);
            dropped = next;
        }
    }
}
