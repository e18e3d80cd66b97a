package org.kmemscope.vmalloc;

import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/**
 * First fit that starts where the last search ended: {@code alloc_vmap_area()} from 2.6.39 to 5.1.
 *
 * <pre>
 *   from                      cache: the last range found
 *    |  A  |hole|  B  |hole|  C  |  new ...
 *           ^ the largest hole passed over: "hole"
 * </pre>
 *
 * <ol>
 *   <li>The cache is dropped if the request may find room below it: it is smaller than the largest hole passed over, or asks for a
 *       lower start or a smaller alignment than the request before. A hole of exactly the wanted size does not count as room: the
 *       kernel compares with {@code size < cached_hole_size}.
 *   <li>Search from the end of the cached range, or from {@code from} without one; remember the largest hole that was too small.
 *   <li>What is found becomes the cache.
 *   <li>When a range at or below the cached one is given back, the one before it becomes the cache. The largest hole is not looked at
 *       again, so room between that range and the next is found, but smaller holes further down may be overlooked until a smaller
 *       request comes.
 * </ol>
 *
 * <p>Ranges follow each other without a gap; each has its guard page inside.
 */
final class CachedFit extends TakenList {
    private static final long NO_CACHE = -1;

    /** Start of the cached range ({@code free_vmap_cache}). */
    private long cache = NO_CACHE;

    private long largestHole;
    private long lastFrom;
    private long lastAlign;

    @Override
    public long take(long size, long align, long from, long to) {
        if (cache == NO_CACHE || size < largestHole || from < lastFrom || align < lastAlign) {
            dropCache();
        }
        lastFrom = from;
        lastAlign = align;
        int index;
        long at;
        int cached = cache == NO_CACHE ? -1 : taken.startingAt(cache);
        if (cached >= 0 && Placement.align(taken.end(cached), align) >= from) {
            index = cached;
            at = Placement.align(taken.end(cached), align);
        } else {
            dropCache();
            at = Placement.align(from, align);
            index = taken.endingAbove(at - 1);
        }
        while (index < taken.size() && at + size > taken.start(index) && at + size <= to) {
            largestHole = Math.max(largestHole, taken.start(index) - at);
            at = Placement.align(taken.end(index), align);
            index++;
        }
        if (at + size > to) {
            return NONE;
        }
        taken.add(at, at + size, 0);
        cache = at;
        return at;
    }

    private void dropCache() {
        largestHole = 0;
        cache = NO_CACHE;
    }

    @Override
    public void give(long start, long end) {
        int index = taken.startingAt(start);
        if (cache != NO_CACHE) {
            if (end < lastFrom) {
                cache = NO_CACHE;
            } else if (start <= cache) {
                cache = index == 0 ? NO_CACHE : taken.start(index - 1);
            }
        }
        taken.remove(index);
    }

    @Override
    public void save(StateWriter out) {
        super.save(out);
        out.putLongs(new long[] {cache, largestHole, lastFrom, lastAlign});
    }

    @Override
    public void restore(StateReader in) {
        super.restore(in);
        long[] words = in.getLongs();
        cache = words[0];
        largestHole = words[1];
        lastFrom = words[2];
        lastAlign = words[3];
    }
}
