package org.kmemscope.zone;

import org.kmemscope.api.page.ZoneType;

/**
 * The extent of a zone, as boot sizes it.
 *
 * @param index index of the zone
 * @param type which
 * @param startPfn first frame; 0 for an empty zone
 * @param spanned frames from first to last
 * @param present frames that count as present in this era
 * @param highmem whether its pages have no address of their own
 */
record ZoneSpec(int index, ZoneType type, int startPfn, long spanned, long present, boolean highmem) {}
