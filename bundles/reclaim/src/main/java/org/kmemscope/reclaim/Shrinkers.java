package org.kmemscope.reclaim;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.reclaim.Shrinker;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.trace.TracePoint;

/**
 * Caches of objects under the same pressure as pages ({@code shrink_slab}): the part of the LRU pages that was looked at, is looked at of
 * the objects too; from 3.12 on the part that the priority tells. What is less than a batch is kept for the next time.
 */
final class Shrinkers implements Stateful {
    /** {@code SHRINK_BATCH}. */
    private static final int BATCH = 128;

    private static final int PRESSURE = 4;

    private final Basis basis;
    private final List<Shrinker> shrinkers = new ArrayList<>();
    private final List<Long> deferred = new ArrayList<>();

    Shrinkers(Basis basis) {
        this.basis = basis;
    }

    void add(Shrinker shrinker) {
        shrinkers.add(shrinker);
        deferred.add(0L);
    }

    /**
     * Up to 3.11.
     *
     * @param scanned LRU pages that were looked at
     * @param lruPages LRU pages there are
     * @return pages freed
     */
    long shrinkByScan(long scanned, int gfp, long lruPages) {
        long before = basis.zones.pagesFreed();
        for (int i = 0; i < shrinkers.size(); i++) {
            Shrinker shrinker = shrinkers.get(i);
            long objects = shrinker.count(gfp);
            long part = PRESSURE * scanned / Shrinker.DEFAULT_SEEKS * objects / (lruPages + 1);
            shrink(i, shrinker, Math.min(deferred.get(i) + part, 2 * objects), objects, gfp, false);
        }
        return basis.zones.pagesFreed() - before;
    }

    /** 3.12 and later; pages freed. */
    long shrinkByPriority(int priority, int gfp) {
        long before = basis.zones.pagesFreed();
        for (int i = 0; i < shrinkers.size(); i++) {
            Shrinker shrinker = shrinkers.get(i);
            long objects = shrinker.count(gfp);
            if (objects == 0) {
                continue;
            }
            long part = (objects >> priority) * PRESSURE / Shrinker.DEFAULT_SEEKS + (deferred.get(i) >> priority);
            shrink(i, shrinker, Math.min(part, 2 * objects), objects, gfp, true);
        }
        return basis.zones.pagesFreed() - before;
    }

    private void shrink(int index, Shrinker shrinker, long wanted, long objects, int gfp, boolean smallToo) {
        long left = wanted;
        long gone = 0;
        while (left >= BATCH || smallToo && left >= objects && left > 0) {
            long now = Math.min(BATCH, left);
            gone += shrinker.scan(now, gfp);
            basis.counters.add(VmCounters.Event.SLABS_SCANNED, now);
            left -= now;
        }
        deferred.set(index, left);
        if (wanted > left && basis.trace.on(TracePoint.MM_SHRINK_SLAB_END)) {
            basis.trace.fire(
                    TracePoint.MM_SHRINK_SLAB_END, basis.trace.callSites().id(shrinker.name()), wanted - left, gone);
        }
    }

    /** {@code drop_slab()}: as much as goes; pages freed. */
    long dropAll(int gfp) {
        long before = basis.zones.pagesFreed();
        for (Shrinker shrinker : shrinkers) {
            long objects = shrinker.count(gfp);
            while (objects > 0) {
                shrinker.scan(objects, gfp);
                basis.counters.add(VmCounters.Event.SLABS_SCANNED, objects);
                long now = shrinker.count(gfp);
                if (now >= objects) {
                    break;
                }
                objects = now;
            }
        }
        return basis.zones.pagesFreed() - before;
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(deferred.stream().mapToLong(Long::longValue).toArray());
    }

    @Override
    public void restore(StateReader in) {
        long[] saved = in.getLongs();
        for (int i = 0; i < deferred.size() && i < saved.length; i++) {
            deferred.set(i, saved[i]);
        }
    }
}
