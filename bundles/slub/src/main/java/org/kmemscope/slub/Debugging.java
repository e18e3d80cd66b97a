package org.kmemscope.slub;

import org.kmemscope.api.slab.SlabFlag;

/** Debug flags. */
final class Debugging {
    private final Slabs slabs;
    private final NodeLists lists;

    Debugging(Basis basis, FreeLists freeLists, NodeLists lists) {
        slabs = basis.slabs();
        this.lists = lists;
    }

    void initSlab(Cache cache, int slab) {}

    boolean allocates(Cache cache, int slab, long object, int asked) {
        return true;
    }

    boolean frees(Cache cache, int slab, long object) {
        return true;
    }

    void checkEmpty(Cache cache, int slab) {}

    void listObjects(Cache cache, int slab) {}

    /** Full slabs are on a list only where somebody may want to know who has their objects. */
    void addFull(Cache cache, int slab) {
        if (cache.has(SlabFlag.SLAB_STORE_USER)) {
            lists.addFull(cache, slab);
        }
    }

    void removeFull(Cache cache, int slab) {
        if (slabs.list(slab) == Slabs.FULL) {
            lists.removeFull(cache, slab);
        }
    }
}
