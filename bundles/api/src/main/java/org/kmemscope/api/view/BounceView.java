package org.kmemscope.api.view;

/**
 * The software IO TLB.
 *
 * @param start its first physical address; 0 if the machine has none
 * @param end one past its last
 * @param slots slots of 2 KiB
 * @param used slots in use
 * @param forced whether buffers within reach are copied, too
 */
public record BounceView(long start, long end, int slots, int used, boolean forced) {
    /** There is none. */
    public static final BounceView NONE = new BounceView(0, 0, 0, 0, false);
}
