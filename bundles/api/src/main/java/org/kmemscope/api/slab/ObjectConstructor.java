package org.kmemscope.api.slab;

import org.osgi.annotation.versioning.ConsumerType;

/** Initialises an object when its slab is made, not at each allocation. */
@ConsumerType
public interface ObjectConstructor {
    /** Given as the constructor of a cache that has none. */
    ObjectConstructor NONE = object -> {};

    /**
     * Initialises one object; it may read and write memory, and must not allocate.
     *
     * @param object virtual address
     */
    void construct(long object);
}
