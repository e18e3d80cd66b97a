package org.kmemscope.slub;

/**
 * The lists of slabs that no CPU works on ({@code struct kmem_cache_node}): those with free objects, and for caches with
 * SLAB_STORE_USER the full ones.
 */
final class NodeLists {
    private final Slabs slabs;

    NodeLists(Slabs slabs) {
        this.slabs = slabs;
    }

    /** {@code add_partial()} with DEACTIVATE_TO_HEAD: its free objects are still in the CPU's cache. */
    void addFirst(Cache cache, int slab) {
        int first = cache.partialFirst;
        slabs.setPrev(slab, Slabs.NONE);
        slabs.setNext(slab, first);
        if (first == Slabs.NONE) {
            cache.partialLast = slab;
        } else {
            slabs.setPrev(first, slab);
        }
        cache.partialFirst = slab;
        added(cache, slab);
    }

    /** {@code add_partial()} with DEACTIVATE_TO_TAIL: its other objects get time to come back, too. */
    void addLast(Cache cache, int slab) {
        int last = cache.partialLast;
        slabs.setNext(slab, Slabs.NONE);
        slabs.setPrev(slab, last);
        if (last == Slabs.NONE) {
            cache.partialFirst = slab;
        } else {
            slabs.setNext(last, slab);
        }
        cache.partialLast = slab;
        added(cache, slab);
    }

    private void added(Cache cache, int slab) {
        cache.partialCount++;
        slabs.setList(slab, Slabs.PARTIAL);
    }

    /** {@code remove_partial()}. */
    void remove(Cache cache, int slab) {
        int prev = slabs.prev(slab);
        int next = slabs.next(slab);
        if (prev == Slabs.NONE) {
            cache.partialFirst = next;
        } else {
            slabs.setNext(prev, next);
        }
        if (next == Slabs.NONE) {
            cache.partialLast = prev;
        } else {
            slabs.setPrev(next, prev);
        }
        cache.partialCount--;
        unlinked(slab);
    }

    /** {@code add_full()}. */
    void addFull(Cache cache, int slab) {
        int first = cache.fullFirst;
        slabs.setPrev(slab, Slabs.NONE);
        slabs.setNext(slab, first);
        if (first != Slabs.NONE) {
            slabs.setPrev(first, slab);
        }
        cache.fullFirst = slab;
        slabs.setList(slab, Slabs.FULL);
    }

    /** {@code remove_full()}. */
    void removeFull(Cache cache, int slab) {
        int prev = slabs.prev(slab);
        int next = slabs.next(slab);
        if (prev == Slabs.NONE) {
            cache.fullFirst = next;
        } else {
            slabs.setNext(prev, next);
        }
        if (next != Slabs.NONE) {
            slabs.setPrev(next, prev);
        }
        unlinked(slab);
    }

    private void unlinked(int slab) {
        slabs.setPrev(slab, Slabs.NONE);
        slabs.setNext(slab, Slabs.NONE);
        slabs.setList(slab, Slabs.NO_LIST);
    }
}
