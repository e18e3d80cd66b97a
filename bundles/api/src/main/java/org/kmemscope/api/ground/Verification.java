package org.kmemscope.api.ground;

import org.osgi.annotation.versioning.ProviderType;

/** Takes what a part finds when it checks itself against the parts below it. */
@ProviderType
public interface Verification {
    /** Counts checks that were made. */
    void checked(long count);

    /** Counts one check, and notes a contradiction if it failed. The arguments are for {@link String#format}. */
    void check(boolean holds, String format, Object... arguments);

    /** Notes a contradiction. The arguments are for {@link String#format}. */
    void problem(String format, Object... arguments);

    /**
     * Claims frames for one state (free block, per-CPU list, slab, page table, ...); a frame claimed twice is a contradiction.
     *
     * @param pfn first frame
     * @param count number of frames
     * @param state what they are
     */
    void claim(int pfn, int count, String state);
}
