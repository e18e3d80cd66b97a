package org.kmemscope.machine.layout;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.ZoneLimits;

/** Collects constants under their kernel names. */
final class Constants {
    private final Map<String, Long> values = new LinkedHashMap<>();

    Constants put(String name, long value) {
        values.put(name, value);
        return this;
    }

    /** Constants of the page tables. */
    Constants geometry(Geometry geometry) {
        return put("PAGE_SHIFT", Profile.PAGE_SHIFT)
                .put("PAGE_SIZE", Profile.PAGE_SIZE)
                .put("PMD_SHIFT", geometry.pmdShift())
                .put("PMD_SIZE", geometry.pmdSize())
                .put("PGDIR_SHIFT", geometry.pgdirShift())
                .put("PGDIR_SIZE", 1L << geometry.pgdirShift())
                .put("PTRS_PER_PTE", geometry.ptrsPerPte())
                .put("PTRS_PER_PGD", geometry.ptrsPerPgd())
                .put("sizeof(pte_t)", geometry.pteSize())
                .put("sizeof(phys_addr_t)", geometry.physAddrSize());
    }

    /** Constants of the zones. */
    Constants zones(ZoneLimits zones) {
        return put("MAX_ORDER", zones.maxOrder())
                .put("MAX_ORDER_NR_PAGES", 1L << (zones.maxOrder() - 1))
                .put("pageblock_order", zones.pageblockOrder())
                .put("pageblock_nr_pages", 1L << zones.pageblockOrder())
                .put("MAX_NR_ZONES", zones.zones().size());
    }

    /** Bounds of the vmalloc area. */
    Constants vmalloc(long start, long end, long offset) {
        return put("VMALLOC_START", start)
                .put("VMALLOC_END", end)
                .put("VMALLOC_OFFSET", offset)
                .put("VMALLOC_SIZE_KB", (end - start) >> 10);
    }

    /** Bounds of the persistent kmap area. */
    Constants pkmap(long base, int slots) {
        return put("PKMAP_BASE", base)
                .put("LAST_PKMAP", slots)
                .put("PKMAP_ADDR(0)", base)
                .put("PKMAP_ADDR(LAST_PKMAP - 1)", base + (long) (slots - 1) * Profile.PAGE_SIZE);
    }

    Map<String, Long> values() {
        return values;
    }
}
