package org.kmemscope.api.reclaim;

import org.osgi.annotation.versioning.ConsumerType;

/** Caches of objects that can be made smaller ({@code struct shrinker}). */
@ConsumerType
public interface Shrinker {
    /** How hard objects are to make again; 2 for most ({@code DEFAULT_SEEKS}). */
    int DEFAULT_SEEKS = 2;

    /** Name for people. */
    String name();

    /**
     * How many objects could go.
     *
     * @param gfp mask of the request; a shrinker that would call into a file system has nothing without {@code __GFP_FS}
     */
    long count(int gfp);

    /**
     * Lets some go.
     *
     * @param objects how many to look at
     * @return how many went
     */
    long scan(long objects, int gfp);
}
