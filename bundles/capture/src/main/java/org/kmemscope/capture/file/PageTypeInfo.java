package org.kmemscope.capture.file;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code /proc/pagetypeinfo}.
 *
 * @param pageblockOrder {@code pageblock_order}
 * @param types names of the migrate types, by their numbers
 * @param free free blocks by zone, type and order
 * @param blocks pageblocks by zone and type
 * @param capped whether a number is only a lower bound: since 5.5 counting stops at 100000 blocks of a list
 */
public record PageTypeInfo(
        int pageblockOrder,
        List<String> types,
        Map<ZoneKey, Map<String, List<Long>>> free,
        Map<ZoneKey, Map<String, Long>> blocks,
        boolean capped) {
    /** Keeps unmodifiable copies. */
    public PageTypeInfo {
        types = List.copyOf(types);
        free = Collections.unmodifiableMap(new LinkedHashMap<>(free));
        blocks = Collections.unmodifiableMap(new LinkedHashMap<>(blocks));
    }
}
