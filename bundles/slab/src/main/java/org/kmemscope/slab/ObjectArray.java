package org.kmemscope.slab;

import java.util.Arrays;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/**
 * A stack of free objects, of one CPU or shared by all ({@code struct array_cache}): what came last goes first, as it is still in
 * the CPU's cache.
 *
 * <pre>
 *   entries   | oldest | ... | newest |      |      |
 *             0                        available     limit
 * </pre>
 */
final class ObjectArray {
    final int limit;
    final int batch;
    final long[] entries;
    int available;
    /** Used since the reaper last looked. */
    boolean touched;
    /** The object of a general cache that holds it in Linux; 0 while it is a static one, at boot. */
    long home;

    ObjectArray(int limit, int batch, long home) {
        this.limit = limit;
        this.batch = batch;
        this.home = home;
        entries = new long[limit];
    }

    /** Takes over the newest objects of another array, as many as wanted and as there is room ({@code transfer_objects}). */
    int takeFrom(ObjectArray other, int wanted) {
        int moved = Math.min(Math.min(other.available, wanted), limit - available);
        other.available -= moved;
        System.arraycopy(other.entries, other.available, entries, available, moved);
        available += moved;
        return moved;
    }

    /** Takes over the oldest objects of another array as far as there is room. */
    int takeOldest(ObjectArray other, int wanted) {
        int moved = Math.min(wanted, limit - available);
        System.arraycopy(other.entries, 0, entries, available, moved);
        available += moved;
        return moved;
    }

    /** Forgets the oldest objects. */
    void dropOldest(int dropped) {
        available -= dropped;
        System.arraycopy(entries, dropped, entries, 0, available);
    }

    boolean holds(long object) {
        for (int i = 0; i < available; i++) {
            if (entries[i] == object) {
                return true;
            }
        }
        return false;
    }

    void save(StateWriter out) {
        out.putInt(limit);
        out.putInt(batch);
        out.putLong(home);
        out.putBoolean(touched);
        out.putLongs(Arrays.copyOf(entries, available));
    }

    static ObjectArray restore(StateReader in) {
        ObjectArray array = new ObjectArray(in.getInt(), in.getInt(), in.getLong());
        array.touched = in.getBoolean();
        long[] objects = in.getLongs();
        array.available = objects.length;
        System.arraycopy(objects, 0, array.entries, 0, objects.length);
        return array;
    }
}
