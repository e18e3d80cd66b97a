package org.kmemscope.api.mmu;

import org.osgi.annotation.versioning.ConsumerType;

/** Gives frames for page tables. Whoever gives a frame marks it in {@code mem_map}; the MMU knows only its bytes. */
@ConsumerType
public interface TableSource {
    /**
     * Adjacent frames of low memory, the first a multiple of their number: the first-level table of ARM's short descriptors is
     * 16 KiB long and aligned. Their bytes are zeroed by the caller.
     *
     * @param order log2 of the number of frames
     * @return pfn of the first, or -1 if there are none
     */
    int tableFrames(int order);

    /**
     * One frame of low memory; its bytes are zeroed by the caller.
     *
     * @return its pfn, or -1 if there is none
     */
    default int tableFrame() {
        return tableFrames(0);
    }

    /** Takes back a frame that holds no table any more. */
    void releaseTableFrame(int pfn);

    /** Takes back what {@link #tableFrames} gave. */
    default void releaseTableFrames(int pfn, int order) {
        for (int frame = pfn; frame < pfn + (1 << order); frame++) {
            releaseTableFrame(frame);
        }
    }
}
