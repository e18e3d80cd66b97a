package org.kmemscope.api.slab;

import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;

/**
 * What {@code kmem_cache_create()} is given.
 *
 * @param name name in {@code /proc/slabinfo}
 * @param size bytes of an object
 * @param align alignment in bytes, 0 for none asked
 * @param flags bits of {@link SlabFlag}
 * @param constructor runs for each object of a new slab; {@link ObjectConstructor#NONE} for none
 */
public record CacheSpec(String name, int size, int align, int flags, ObjectConstructor constructor) {
    /** Writes it to the state of a machine. */
    public void save(StateWriter out) {
        out.putString(name);
        out.putInts(new int[] {size, align, flags});
        out.putReference(constructor);
    }

    /** Reads what {@link #save} wrote. */
    public static CacheSpec restore(StateReader in) {
        String name = in.getString();
        int[] numbers = in.getInts();
        return new CacheSpec(name, numbers[0], numbers[1], numbers[2], in.getReference(ObjectConstructor.class));
    }
}
