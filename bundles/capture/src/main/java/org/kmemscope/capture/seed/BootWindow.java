package org.kmemscope.capture.seed;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.view.ZoneView;

/**
 * Frames in a row that stay in use, so that boot finds room for {@code mem_map}, its hash tables and page tables: where a kernel of that
 * time took them, from the top of low memory downward since 2.6.37, else from above the image upward.
 */
final class BootWindow {
    private static final int PAGE_SIZE = Profile.PAGE_SIZE;
    private static final int HASH_BUCKET = 4;
    /** Page tables of the kernel's windows and of the end of low memory; and what alignment costs. */
    private static final int TABLES = 48;

    private BootWindow() {}

    /** How many frames boot takes. */
    static int frames(Profile profile, List<ZoneView> zones) {
        long first = zones.stream()
                .filter(ZoneView::populated)
                .mapToLong(ZoneView::startPfn)
                .min()
                .orElse(0);
        long last = zones.stream()
                .mapToLong(zone -> zone.startPfn() + zone.spanned())
                .max()
                .orElse(0);
        long low = zones.stream()
                .filter(zone -> !zone.type().isHighmem())
                .mapToLong(ZoneView::spanned)
                .sum();
        long memMap = (last - first) * profile.kernel().structPageSize();
        // a bucket of four bytes for each 8 KiB of low memory, and half as many once more, each a power of two
        long dentries = Long.highestOneBit(Math.max(1, low - 1)) * HASH_BUCKET;
        return (int) ((memMap + dentries + dentries / 2 + PAGE_SIZE - 1) / PAGE_SIZE) + TABLES;
    }

    /**
     * A place in a zone.
     *
     * @param usable frames that may be in use as well as free
     * @param count how many
     * @return the first frame
     */
    static Optional<Integer> find(Profile profile, ZoneView zone, BitSet usable, int count) {
        int start = zone.startPfn();
        int end = (int) (start + zone.spanned());
        boolean topDown = profile.kernel().version().isAtLeast(2, 6, 37);
        int found = -1;
        int pfn = usable.nextSetBit(start);
        while (pfn >= 0 && pfn < end) {
            int stop = Math.min(end, usable.nextClearBit(pfn));
            if (stop - pfn >= count) {
                if (!topDown) {
                    return Optional.of(pfn);
                }
                found = stop - count;
            }
            pfn = usable.nextSetBit(stop);
        }
        return found < 0 ? Optional.empty() : Optional.of(found);
    }
}
