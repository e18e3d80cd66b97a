package org.kmemscope.capture.report;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.page.ZoneType;

/**
 * A report of a failed allocation.
 *
 * @param line line at which it starts, from 1
 * @param header its first line
 * @param release release of the kernel, if the log tells
 * @param zones zones with memory, in order
 * @param zoneTypes every zone of the kernel by index, empty ones included
 * @param wide whether it is of a 64-bit kernel
 * @param totals counters of the whole machine, in pages: {@code active_file}, {@code slab_reclaimable} and others
 * @param highPages pages of high memory there are; 0 if there are none, or it is not told
 * @param totalSwapKb swap there is, in kB; -1 if it is not told
 * @param others how many more reports are in the log
 */
record Report(
        int line,
        Header header,
        Optional<String> release,
        List<ReportedZone> zones,
        List<ZoneType> zoneTypes,
        boolean wide,
        Map<String, Long> totals,
        long highPages,
        long totalSwapKb,
        int others) {
    /** Whether zones of more than one node are reported. */
    boolean numa() {
        return zones.stream().anyMatch(zone -> zone.node() != zones.get(0).node());
    }

    /** Name of a zone, with its node where there are several. */
    String name(ReportedZone zone) {
        return (numa() ? "node " + zone.node() + " " : "") + zone.type().label();
    }

    /** Bytes in a page, in kB. */
    int pageKb() {
        return zones.get(0).pageKb();
    }
}
