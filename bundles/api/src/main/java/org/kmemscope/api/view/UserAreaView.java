package org.kmemscope.api.view;

/**
 * An area of a process ({@code /proc/PID/maps} and {@code smaps}). A page is shared if more than one process maps it, dirty if it was
 * written to. Sizes are bytes.
 *
 * @param start first address
 * @param end one past the last
 * @param writable whether it may be written to
 * @param offset {@code vm_pgoff} as its kernel prints it
 * @param name {@code [heap]}, {@code [stack]}, or empty
 * @param rss in memory
 * @param pss in memory, each page divided by the number of processes that map it
 * @param pssDirty the part of {@code pss} that was written to
 * @param sharedClean shared and clean
 * @param sharedDirty shared and dirty
 * @param privateClean not shared and clean
 * @param privateDirty not shared and dirty
 * @param referenced accessed since reclaim looked
 * @param swapped in swap
 * @param locked locked into memory
 */
public record UserAreaView(
        long start,
        long end,
        boolean writable,
        long offset,
        String name,
        long rss,
        long pss,
        long pssDirty,
        long sharedClean,
        long sharedDirty,
        long privateClean,
        long privateDirty,
        long referenced,
        long swapped,
        long locked) {
    /** Bytes of addresses. */
    public long size() {
        return end - start;
    }
}
