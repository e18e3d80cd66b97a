package org.kmemscope.machine.layout;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kmemscope.api.ground.ArchSpec.Arch;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.ZoneLimits;

/** Collects constants under their kernel names. */
final class Constants {
    private static final int THREAD_PAGES = 2;
    private static final int DEFAULT_HZ = 100;
    private static final int PCP_LISTS = 12;

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

    /** Constants of the build. */
    Constants build(Profile profile, Geometry geometry) {
        KernelConfig config = profile.kernel().config();
        boolean arm = profile.arch().arch() == Arch.ARM;
        String shift = arm ? "ARM_L1_CACHE_SHIFT" : "X86_L1_CACHE_SHIFT";
        long line = 1L
                << config.integer(
                        shift, Integer.numberOfTrailingZeros(profile.arch().cacheLine()));
        put("sizeof(dma_addr_t)", config.is("ARCH_DMA_ADDR_T_64BIT") ? Long.BYTES : Integer.BYTES)
                .put("sizeof(resource_size_t)", geometry.physAddrSize())
                .put("sizeof(struct page)", profile.kernel().structPageSize())
                .put("L1_CACHE_BYTES", line)
                .put("SMP_CACHE_BYTES", line)
                // ARM flushes by the lines it was built for; a PC asks the processor
                .put("cache_line_size()", arm ? line : profile.arch().cacheLine())
                .put("dma_get_cache_alignment()", arm ? line : 1)
                .put("ARCH_DMA_MINALIGN", arm ? line : Long.BYTES)
                .put("THREAD_SIZE", THREAD_PAGES * Profile.PAGE_SIZE)
                .put("HZ", config.integer("HZ", DEFAULT_HZ))
                .put("DMA_BIT_MASK(24)", (1L << 24) - 1)
                .put("DMA_BIT_MASK(32)", (1L << 32) - 1);
        if (profile.kernel().version().isAtLeast(5, 14)) {
            // three migrate types of each order up to 3, and two lists of huge pages
            put("NR_PCP_LISTS", PCP_LISTS + (config.is("TRANSPARENT_HUGEPAGE") ? 2 : 0));
        }
        return this;
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
