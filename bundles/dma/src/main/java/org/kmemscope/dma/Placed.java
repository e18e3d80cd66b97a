package org.kmemscope.dma;

/**
 * Coherent memory as its source placed it.
 *
 * @param source where it came from; {@link CoherentSource#NOWHERE} if there was none
 * @param virt where the CPU sees it
 * @param phys where it is; bus addresses are physical addresses on all machines so far
 * @param pages frames it holds
 */
record Placed(CoherentSource source, long virt, long phys, int pages) {
    static final Placed NONE = new Placed(CoherentSource.NOWHERE, 0, 0, 0);

    boolean failed() {
        return pages == 0;
    }
}
