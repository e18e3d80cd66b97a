package org.kmemscope.api.kernel;

/**
 * A handle of a memory pool ({@code mempool_t *}): objects that are kept back, so that a request which may wait never fails.
 *
 * @param id number of the pool in its machine, never used twice; 0 is no pool
 */
public record Mempool(int id) {
    /** What {@code mempool_create()} returns when it fails. */
    public static final Mempool NONE = new Mempool(0);
}
