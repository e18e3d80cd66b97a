package org.kmemscope.api.page;

/** How compaction ended ({@code enum compact_result}); of several zones, the last in this order counts. */
public enum Compacted {
    /** It was not tried. */
    NOT_TRIED,
    /** Too few pages are free to move others to. */
    SKIPPED,
    /** It failed lately and is put off. */
    DEFERRED,
    /** The scanners met: the whole zone was scanned. */
    COMPLETE,
    /** The scanners met, but did not start at the ends of the zone. */
    PARTIAL_SKIPPED,
    /** A block of the wanted order is free now. */
    SUCCESS
}
