package org.kmemscope.capture.report;

import java.util.List;
import java.util.Map;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.view.ZoneView.PageSet;

/**
 * A zone of a report. Sizes are in kB as they are printed; blocks and reserves are counts.
 *
 * @param node memory node
 * @param type which zone
 * @param kb sizes by name: {@code free}, {@code min}, {@code low}, {@code high}, {@code present} and others
 * @param reserve {@code lowmem_reserve[]}, in pages
 * @param blocks free blocks by order; empty if the report does not list them
 * @param letters types with a free block, by order: {@code U} unmovable, {@code M} movable, {@code E} reclaimable, {@code H} highatomic,
 *     {@code R} reserve, {@code C} CMA, {@code I} isolated; empty where not told (before 3.9)
 * @param pageKb kB in a page
 * @param pageSets per-CPU lists, where the report has them (before 4.2)
 * @param unreclaimable whether the kernel has given the zone up
 */
record ReportedZone(
        int node,
        ZoneType type,
        Map<String, Long> kb,
        List<Long> reserve,
        List<Long> blocks,
        List<String> letters,
        int pageKb,
        List<PageSet> pageSets,
        boolean unreclaimable) {
    /** A size in pages; 0 if it is not told. */
    long pages(String name) {
        return kb.getOrDefault(name, 0L) / pageKb;
    }

    /** Free pages of contiguous areas. */
    long freeCma() {
        return pages("free_cma");
    }

    /** The min watermark with its boost, as it is compared. */
    long min() {
        return pages("min");
    }

    /** What is kept from requests that could have used zones up to the given one, in pages. */
    long reserve(int highest) {
        return highest < reserve.size() ? reserve.get(highest) : 0;
    }

    /** The largest order with a free block of a type that the letters allow; -1 if there is none. */
    int largest(String allowed) {
        for (int order = blocks.size() - 1; order >= 0; order--) {
            if (hasBlock(order, allowed)) {
                return order;
            }
        }
        return -1;
    }

    /** Whether there is a free block of exactly this order and one of these types; blocks of untold types count. */
    boolean hasBlock(int order, String allowed) {
        if (blocks.get(order) == 0) {
            return false;
        }
        String types = letters.get(order);
        return types.isEmpty() || types.chars().anyMatch(letter -> allowed.indexOf(letter) >= 0);
    }
}
