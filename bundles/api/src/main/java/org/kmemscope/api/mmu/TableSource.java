package org.kmemscope.api.mmu;

import org.osgi.annotation.versioning.ConsumerType;

/** Gives frames for page tables. */
@ConsumerType
public interface TableSource {
    /**
     * One frame of low memory; its bytes are zeroed by the caller.
     *
     * @return its pfn, or -1 if there is none
     */
    int tableFrame();

    /** Takes back a frame that holds no table any more. */
    void releaseTableFrame(int pfn);
}
