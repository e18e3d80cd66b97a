package org.kmemscope.slub;

import java.util.BitSet;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * What caches with debug flags do beside allocating and freeing ({@code SLAB_DEBUG_FLAGS}, {@code slub_debug=}).
 *
 * <ol>
 *   <li>A new slab is filled with padding, its objects with red zones and poison.
 *   <li>Before an object is handed out, it is looked at; what is not as it should be is reported, put right, and the slab is not used any
 *       more.
 *   <li>Before one is taken back, it is looked at too; a pointer that is none, or a second free, is reported and ignored.
 *   <li>Both leave a track, if SLAB_STORE_USER says so.
 * </ol>
 *
 * <p>Up to 4.4 every debug flag brings the checks with it; later only SLAB_CONSISTENCY_CHECKS does. Source: {@code
 * alloc_debug_processing}, {@code free_debug_processing}, {@code validate_slab}.
 */
final class Debugging implements Stateful {
    private final Slabs slabs;
    private final FreeLists freeLists;
    private final NodeLists lists;
    private final Tracks tracks;
    private final Reports reports;
    private final ObjectChecks checks;
    private final ObjectMemory memory;
    private final SlubRules rules;
    /** Objects that count as in use beyond those that somebody holds. */
    private long stray;

    Debugging(Basis basis, FreeLists freeLists, NodeLists lists) {
        slabs = basis.slabs();
        memory = basis.memory();
        rules = basis.rules();
        this.freeLists = freeLists;
        this.lists = lists;
        tracks = new Tracks(basis);
        reports = new Reports(basis, freeLists, tracks);
        checks = new ObjectChecks(basis, freeLists, reports);
    }

    Reports reports() {
        return reports;
    }

    /** {@link org.kmemscope.api.slab.ObjectAllocator#strayObjects}. */
    long stray() {
        return stray;
    }

    private boolean looks(Cache cache) {
        return rules.checksAlways() || cache.has(SlabFlag.SLAB_CONSISTENCY_CHECKS);
    }

    // ---- slabs

    /** The patterns of a new slab, before its free list is made. */
    void initSlab(Cache cache, int slab) {
        checks.initSlab(cache, slab);
        for (int i = 0; i < slabs.objects(slab); i++) {
            long object = slabs.object(slab, i);
            checks.init(cache, object, false);
            if (cache.has(SlabFlag.SLAB_STORE_USER)) {
                tracks.clear(cache, object);
            }
        }
    }

    /** A last look at a slab that is given back ({@code __free_slab()}). */
    void checkEmpty(Cache cache, int slab) {
        if (looks(cache)) {
            checks.leftOver(cache, slab);
            for (int i = 0; i < slabs.objects(slab); i++) {
                checks.object(cache, slab, slabs.object(slab, i), false);
            }
        }
    }

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

    // ---- objects

    /**
     * Looks at a free object that is to be handed out.
     *
     * @param asked bytes that kmalloc was asked for
     * @return whether it may be; if not, its slab counts as full
     */
    boolean allocates(Cache cache, int slab, long object, int asked) {
        if (looks(cache) && !isFine(cache, slab, object)) {
            reports.fix(cache, "Marking all objects used");
            slabs.setInUse(slab, slabs.objects(slab));
            slabs.setFree(slab, 0);
            settle(cache, slab);
            return false;
        }
        if (cache.made.layout().askedSize() > 0) {
            memory.write(object + cache.made.layout().askedSize(), asked);
        }
        if (cache.has(SlabFlag.SLAB_STORE_USER)) {
            tracks.allocated(cache, object);
        }
        if (cache.has(SlabFlag.SLAB_TRACE)) {
            reports.trace(cache, slab, object, true);
        }
        checks.init(cache, object, true);
        return true;
    }

    private boolean isFine(Cache cache, int slab, long object) {
        checks.leftOver(cache, slab);
        boolean attached = rules.debugWay() == SlubRules.DebugWay.FROM_CPU_SLAB;
        if (attached && !checks.isOnFreeList(cache, slab, object)) {
            reports.object(cache, slab, object, "Object already allocated");
            return false;
        }
        if (!checks.isValid(slab, object)) {
            reports.object(cache, slab, object, "Freelist Pointer check fails");
            return false;
        }
        return checks.object(cache, slab, object, false);
    }

    /**
     * Looks at an object that is to be taken back.
     *
     * @return whether it may be; if not, nothing happens to it
     */
    boolean frees(Cache cache, int slab, long object) {
        int index = slabs.indexOf(slab, object);
        if (rules.clearsPointer() && index >= 0 && slabs.isLive(slab, index)) {
            freeLists.setNext(cache, object, 0);
        }
        if (looks(cache) && !mayBeFreed(cache, slab, object)) {
            reports.fix(cache, String.format("Object at 0x%08x not freed", object));
            stray++;
            return false;
        }
        if (index < 0) {
            return true;
        }
        if (cache.has(SlabFlag.SLAB_STORE_USER)) {
            tracks.freed(cache, object);
        }
        if (cache.has(SlabFlag.SLAB_TRACE)) {
            reports.trace(cache, slab, object, false);
        }
        checks.init(cache, object, false);
        return true;
    }

    private boolean mayBeFreed(Cache cache, int slab, long object) {
        checks.leftOver(cache, slab);
        if (rules.debugWay() == SlubRules.DebugWay.FROM_LIST && slabs.inUse(slab) < 1) {
            reports.slab(
                    cache,
                    slab,
                    String.format("Slab has %d allocated objects but %d are to be freed\n", slabs.inUse(slab), 1));
            return false;
        }
        if (!checks.isValid(slab, object)) {
            reports.slab(cache, slab, String.format("Invalid object pointer 0x%08x", object));
            return false;
        }
        if (checks.isOnFreeList(cache, slab, object)) {
            reports.object(cache, slab, object, "Object already free");
            return false;
        }
        return checks.object(cache, slab, object, true);
    }

    // ---- on demand

    /** {@code validate} in sysfs: looks at every object of the slabs on lists; the number of errors, 0 without debug flags. */
    int validate(Cache cache) {
        if (!cache.debug) {
            return 0;
        }
        long before = reports.errors();
        for (int slab = cache.partialFirst; slab != Slabs.NONE; slab = slabs.next(slab)) {
            validate(cache, slab);
        }
        for (int slab = cache.fullFirst; slab != Slabs.NONE; slab = slabs.next(slab)) {
            validate(cache, slab);
        }
        return (int) (reports.errors() - before);
    }

    private void validate(Cache cache, int slab) {
        checks.leftOver(cache, slab);
        boolean fine = checks.isOnFreeList(cache, slab, 0);
        settle(cache, slab);
        if (fine) {
            BitSet free = onList(cache, slab);
            boolean goesOn = true;
            for (int i = 0; goesOn && i < slabs.objects(slab); i++) {
                goesOn = checks.object(cache, slab, slabs.object(slab, i), !free.get(i));
            }
        }
    }

    private BitSet onList(Cache cache, int slab) {
        BitSet free = new BitSet();
        int index = slabs.indexOf(slab, slabs.free(slab));
        while (index >= 0 && !free.get(index)) {
            free.set(index);
            index = slabs.indexOf(slab, freeLists.next(cache, slabs.object(slab, index)));
        }
        return free;
    }

    /** Free objects that a list has lost count as in use, and so as somebody's; those it has found again do not. */
    private void settle(Cache cache, int slab) {
        BitSet free = onList(cache, slab);
        for (int i = 0; i < slabs.objects(slab); i++) {
            if (free.get(i)) {
                int found = slabs.removeLive(slab, i) ? 1 : 0;
                cache.frees += found;
                stray -= found;
            } else {
                int lost = slabs.addLive(slab, i) ? 1 : 0;
                cache.allocations += lost;
                stray += lost;
            }
        }
    }

    /** Tells which objects of a slab are still in use, when its cache is destroyed. */
    void listObjects(Cache cache, int slab) {
        reports.slab(cache, slab, String.format(rules.words().remaining(), cache.name()));
        for (int i = 0; i < slabs.objects(slab); i++) {
            if (slabs.isLive(slab, i)) {
                reports.remaining(cache, slab, slabs.object(slab, i));
            }
        }
    }

    // ---- copying

    @Override
    public void save(StateWriter out) {
        out.putLong(stray);
        reports.save(out);
    }

    @Override
    public void restore(StateReader in) {
        stray = in.getLong();
        reports.restore(in);
    }
}
