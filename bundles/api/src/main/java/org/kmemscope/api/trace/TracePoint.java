package org.kmemscope.api.trace;

import java.util.List;

/**
 * The events of a machine, with the names and fields they have in Linux. Every event carries up to eight values; {@link #fields}
 * says what each is.
 */
public enum TracePoint {
    /** Frames were handed out. */
    MM_PAGE_ALLOC(
            "kmem",
            "mm_page_alloc",
            Field.pfn("pfn"),
            Field.dec("order"),
            Field.dec("migratetype"),
            Field.gfp("gfp_flags")),
    /** Frames came back. */
    MM_PAGE_FREE("kmem", "mm_page_free", Field.pfn("pfn"), Field.dec("order")),
    /** A block left the free areas, for a request or to refill a per-CPU list. */
    MM_PAGE_ALLOC_ZONE_LOCKED(
            "kmem",
            "mm_page_alloc_zone_locked",
            Field.pfn("pfn"),
            Field.dec("order"),
            Field.dec("migratetype"),
            Field.dec("percpu_refill")),
    /** A page left a per-CPU list for the free areas. */
    MM_PAGE_PCPU_DRAIN("kmem", "mm_page_pcpu_drain", Field.pfn("pfn"), Field.dec("order"), Field.dec("migratetype")),
    /** A request was served from pageblocks of another migrate type. */
    MM_PAGE_ALLOC_EXTFRAG(
            "kmem",
            "mm_page_alloc_extfrag",
            Field.pfn("pfn"),
            Field.dec("alloc_order"),
            Field.dec("fallback_order"),
            Field.dec("pageblock_order"),
            Field.dec("alloc_migratetype"),
            Field.dec("fallback_migratetype"),
            Field.dec("fragmenting"),
            Field.dec("change_ownership")),
    /** {@code kmalloc}. */
    KMALLOC(
            "kmem",
            "kmalloc",
            Field.site("call_site"),
            Field.ptr("ptr"),
            Field.dec("bytes_req"),
            Field.dec("bytes_alloc"),
            Field.gfp("gfp_flags")),
    /** {@code kfree}. */
    KFREE("kmem", "kfree", Field.site("call_site"), Field.ptr("ptr")),
    /** {@code kmem_cache_alloc}. */
    KMEM_CACHE_ALLOC(
            "kmem",
            "kmem_cache_alloc",
            Field.site("call_site"),
            Field.ptr("ptr"),
            Field.dec("bytes_req"),
            Field.dec("bytes_alloc"),
            Field.gfp("gfp_flags"),
            Field.text("name")),
    /** {@code kmem_cache_free}. */
    KMEM_CACHE_FREE("kmem", "kmem_cache_free", Field.site("call_site"), Field.ptr("ptr"), Field.text("name")),
    /**
     * A zone was looked at for a request: free pages that count, the watermark after the reductions the request is entitled to, the
     * lowmem reserve, and whether the zone may serve it.
     */
    ZONE_WATERMARK(
            "kmemscope",
            "zone_watermark",
            Field.dec("zone"),
            Field.dec("order"),
            Field.dec("free"),
            Field.dec("mark"),
            Field.dec("reserve"),
            Field.dec("alloc_flags"),
            Field.dec("ok")),
    /** A block was split: the half at {@code pfn} went back to the list of its order. */
    BUDDY_SPLIT("kmemscope", "buddy_split", Field.pfn("pfn"), Field.dec("order"), Field.dec("migratetype")),
    /** A freed block was merged with its buddy. */
    BUDDY_MERGE("kmemscope", "buddy_merge", Field.pfn("pfn"), Field.pfn("buddy"), Field.dec("order")),
    /** A block was taken from a per-CPU list. */
    PCP_TAKE(
            "kmemscope", "pcp_take", Field.pfn("pfn"), Field.dec("order"), Field.dec("migratetype"), Field.dec("left")),
    /** A pageblock was reserved for high-order atomic requests. */
    HIGHATOMIC_RESERVE("kmemscope", "highatomic_reserve", Field.pfn("pfn"), Field.dec("reserved")),
    /** An allocation of pages failed for good. */
    MM_PAGE_ALLOC_FAILED("kmemscope", "mm_page_alloc_failed", Field.dec("order"), Field.gfp("gfp_flags")),
    /** A free range of the vmalloc area was taken. */
    ALLOC_VMAP_AREA(
            "vmalloc",
            "alloc_vmap_area",
            Field.ptr("va_start"),
            Field.dec("size"),
            Field.dec("align"),
            Field.ptr("vstart"),
            Field.ptr("vend"),
            Field.dec("failed")),
    /** A range of the vmalloc area was given up; its addresses come back with the next purge. */
    FREE_VMAP_AREA_NOFLUSH(
            "vmalloc", "free_vmap_area_noflush", Field.ptr("va_start"), Field.dec("nr_lazy"), Field.dec("max_lazy")),
    /** Lazily freed areas were flushed from the TLBs and may be used again. */
    PURGE_VMAP_AREA_LAZY("vmalloc", "purge_vmap_area_lazy", Field.ptr("start"), Field.ptr("end"), Field.dec("npurged")),
    /** {@code kmap} gave a page a window. */
    KMAP("kmemscope", "kmap", Field.pfn("pfn"), Field.ptr("vaddr"), Field.dec("slot"), Field.dec("count")),
    /** {@code kunmap}. */
    KUNMAP("kmemscope", "kunmap", Field.pfn("pfn"), Field.ptr("vaddr"), Field.dec("slot"), Field.dec("count")),
    /** {@code kmap_atomic} or {@code kmap_local_page}. */
    KMAP_ATOMIC("kmemscope", "kmap_atomic", Field.pfn("pfn"), Field.ptr("vaddr"), Field.dec("slot")),
    /** {@code kunmap_atomic} or {@code kunmap_local}. */
    KUNMAP_ATOMIC("kmemscope", "kunmap_atomic", Field.ptr("vaddr"), Field.dec("slot")),
    /** {@code dma_alloc_coherent}. */
    DMA_ALLOC(
            "dma",
            "dma_alloc",
            Field.text("device"),
            Field.ptr("virt_addr"),
            Field.ptr("dma_addr"),
            Field.dec("size"),
            Field.gfp("flags")),
    /** {@code dma_free_coherent}. */
    DMA_FREE("dma", "dma_free", Field.text("device"), Field.ptr("virt_addr"), Field.ptr("dma_addr"), Field.dec("size")),
    /** A streaming mapping was made. */
    DMA_MAP(
            "dma",
            "dma_map_phys",
            Field.text("device"),
            Field.dec("dir"),
            Field.ptr("dma_addr"),
            Field.dec("size"),
            Field.ptr("phys_addr")),
    /** A streaming mapping was given up. */
    DMA_UNMAP("dma", "dma_unmap_phys", Field.text("device"), Field.ptr("addr"), Field.dec("size"), Field.dec("dir")),
    /** A streaming mapping was given to the CPU for a while. */
    DMA_SYNC_SINGLE_FOR_CPU(
            "dma",
            "dma_sync_single_for_cpu",
            Field.text("device"),
            Field.ptr("dma_addr"),
            Field.dec("size"),
            Field.dec("dir")),
    /** A streaming mapping was given back to the device. */
    DMA_SYNC_SINGLE_FOR_DEVICE(
            "dma",
            "dma_sync_single_for_device",
            Field.text("device"),
            Field.ptr("dma_addr"),
            Field.dec("size"),
            Field.dec("dir")),
    /** A buffer is out of a device's reach and was copied to the software IO TLB. */
    SWIOTLB_BOUNCED(
            "swiotlb",
            "swiotlb_bounced",
            Field.text("dev_name"),
            Field.ptr("dma_mask"),
            Field.ptr("dev_addr"),
            Field.dec("size"),
            Field.dec("force")),
    /** A dirty line of the data cache was written to memory; {@code lost} are bytes of a device that it destroyed. */
    DCACHE_WRITEBACK(
            "kmemscope",
            "dcache_writeback",
            Field.ptr("phys"),
            Field.dec("dirty"),
            Field.dec("lost"),
            Field.site("writer")),
    /** The CPU read bytes that a device has changed in memory since. */
    DCACHE_STALE_READ("kmemscope", "dcache_stale_read", Field.ptr("phys"), Field.dec("size"), Field.site("call_site")),
    /** A device read bytes that only the data cache has. */
    DCACHE_UNWRITTEN_READ(
            "kmemscope", "dcache_unwritten_read", Field.ptr("phys"), Field.dec("size"), Field.site("writer")),
    /** A network card wrote a frame to memory, or had to drop it. */
    NETCARD_RX(
            "kmemscope",
            "netcard_rx",
            Field.text("device"),
            Field.ptr("dma_addr"),
            Field.dec("len"),
            Field.dec("status")),
    /** A network card has sent a frame. */
    NETCARD_TX(
            "kmemscope",
            "netcard_tx",
            Field.text("device"),
            Field.ptr("dma_addr"),
            Field.dec("len"),
            Field.dec("status")),
    /** A channel of a DMA engine started or ended a transaction. */
    DMA_CHANNEL(
            "kmemscope",
            "dma_channel",
            Field.text("channel"),
            Field.ptr("descriptor"),
            Field.dec("completed"),
            Field.dec("status")),
    /** A DMA transfer started or ended. */
    DMA_TRANSFER(
            "kmemscope",
            "dma_transfer",
            Field.dec("channel"),
            Field.ptr("src"),
            Field.ptr("dst"),
            Field.dec("size"),
            Field.dec("status")),
    /** An interrupt handler is about to run. */
    IRQ_HANDLER_ENTRY("irq", "irq_handler_entry", Field.dec("irq"), Field.text("name")),
    /** An interrupt handler has run. */
    IRQ_HANDLER_EXIT("irq", "irq_handler_exit", Field.dec("irq"), Field.dec("ret")),
    /** A module was loaded. */
    MODULE_LOAD("module", "module_load", Field.text("name")),
    /** A module was unloaded. */
    MODULE_FREE("module", "module_free", Field.text("name")),
    /** A request found no zone above its low watermark and calls kswapd. */
    MM_VMSCAN_WAKEUP_KSWAPD(
            "vmscan", "mm_vmscan_wakeup_kswapd", Field.dec("zid"), Field.dec("order"), Field.gfp("gfp_flags")),
    /** kswapd starts to work. */
    MM_VMSCAN_KSWAPD_WAKE("vmscan", "mm_vmscan_kswapd_wake", Field.dec("zid"), Field.dec("order")),
    /** kswapd has done what it could: pages freed since it woke, and whether the zones are above their high watermarks. */
    MM_VMSCAN_KSWAPD_SLEEP("vmscan", "mm_vmscan_kswapd_sleep", Field.dec("nr_reclaimed"), Field.dec("balanced")),
    /** A request starts to free memory itself. */
    MM_VMSCAN_DIRECT_RECLAIM_BEGIN(
            "vmscan", "mm_vmscan_direct_reclaim_begin", Field.dec("order"), Field.gfp("gfp_flags")),
    /** It has. */
    MM_VMSCAN_DIRECT_RECLAIM_END("vmscan", "mm_vmscan_direct_reclaim_end", Field.dec("nr_reclaimed")),
    /** Pages of an inactive list were looked at. */
    MM_VMSCAN_LRU_SHRINK_INACTIVE(
            "vmscan",
            "mm_vmscan_lru_shrink_inactive",
            Field.dec("nr_scanned"),
            Field.dec("nr_reclaimed"),
            Field.dec("nr_dirty"),
            Field.dec("nr_writeback"),
            Field.dec("nr_activate"),
            Field.dec("nr_kept"),
            Field.dec("priority"),
            Field.dec("file")),
    /** Pages of an active list were looked at. */
    MM_VMSCAN_LRU_SHRINK_ACTIVE(
            "vmscan",
            "mm_vmscan_lru_shrink_active",
            Field.dec("nr_taken"),
            Field.dec("nr_active"),
            Field.dec("nr_deactivated"),
            Field.dec("priority"),
            Field.dec("file")),
    /** Reclaim writes a page to disk or swap. */
    MM_VMSCAN_WRITEPAGE("vmscan", "mm_vmscan_writepage", Field.pfn("pfn"), Field.dec("file")),
    /** A cache of objects was shrunk. */
    MM_SHRINK_SLAB_END("vmscan", "mm_shrink_slab_end", Field.text("shrink"), Field.dec("scanned"), Field.dec("retval")),
    /** A request starts to move pages together. */
    MM_COMPACTION_TRY_TO_COMPACT_PAGES(
            "compaction",
            "mm_compaction_try_to_compact_pages",
            Field.dec("order"),
            Field.gfp("gfp_mask"),
            Field.dec("priority")),
    /** Compaction of a zone ended; status is a {@code enum compact_result}. */
    MM_COMPACTION_END(
            "compaction",
            "mm_compaction_end",
            Field.dec("zid"),
            Field.pfn("migrate_pfn"),
            Field.pfn("free_pfn"),
            Field.dec("nr_migrated"),
            Field.dec("nr_failed"),
            Field.text("status")),
    /** Whether reclaim is tried again for a request, zone by zone. */
    RECLAIM_RETRY_ZONE(
            "oom",
            "reclaim_retry_zone",
            Field.dec("zone"),
            Field.dec("order"),
            Field.dec("reclaimable"),
            Field.dec("available"),
            Field.dec("min_wmark"),
            Field.dec("no_progress_loops"),
            Field.dec("wmark_check")),
    /** Whether compaction is tried again for a request. */
    COMPACT_RETRY(
            "oom",
            "compact_retry",
            Field.dec("order"),
            Field.dec("priority"),
            Field.text("result"),
            Field.dec("retries"),
            Field.dec("max_retries"),
            Field.dec("ret")),
    /** The OOM killer took a task; {@code total} is what it had mapped, in pages. */
    MARK_VICTIM("oom", "mark_victim", Field.dec("pid"), Field.text("comm"), Field.dec("rss"), Field.dec("caller")),
    /** Every per-CPU list was emptied for a request. */
    DRAIN_ALL_PAGES("kmemscope", "drain_all_pages", Field.dec("pages")),
    /** A pageblock is no longer reserved for high-order atomic requests. */
    HIGHATOMIC_UNRESERVE("kmemscope", "highatomic_unreserve", Field.pfn("pfn"), Field.dec("reserved")),
    /** A process touched a page that is not there, or wrote to one that it may only read; bit 1 of the code tells a write, bit 0 a page. */
    PAGE_FAULT_USER("exceptions", "page_fault_user", Field.ptr("address"), Field.dec("error_code")),
    /** A page that several processes have, or the page of zeros, was copied for the one that writes. */
    COW_FAULT("kmemscope", "cow_fault", Field.ptr("address"), Field.pfn("old_pfn"), Field.pfn("pfn")),
    /** A process was copied. */
    SCHED_PROCESS_FORK(
            "sched",
            "sched_process_fork",
            Field.text("parent_comm"),
            Field.dec("parent_pid"),
            Field.text("child_comm"),
            Field.dec("child_pid")),
    /** A process ended. */
    SCHED_PROCESS_EXIT("sched", "sched_process_exit", Field.text("comm"), Field.dec("pid"));

    private final String system;
    private final String event;
    private final List<Field> fields;

    TracePoint(String system, String event, Field... fields) {
        this.system = system;
        this.event = event;
        this.fields = List.of(fields);
    }

    /** The subsystem, such as {@code kmem}. */
    public String system() {
        return system;
    }

    /** The event's name within its subsystem. */
    public String event() {
        return event;
    }

    /** The values of an event, in order. */
    public List<Field> fields() {
        return fields;
    }

    /** {@code system:event}, as {@code perf} and {@code set_event} write it. */
    public String label() {
        return system + ":" + event;
    }

    /**
     * A value of an event.
     *
     * @param name Linux's name of the field
     * @param kind how it is printed
     */
    public record Field(String name, Kind kind) {
        /** How a value is printed. */
        public enum Kind {
            /** Decimal number. */
            DEC,
            /** Address, hex. */
            PTR,
            /** Frame number, hex with 0x. */
            PFN,
            /** GFP mask by names. */
            GFP,
            /** A place in code, an id of {@link CallSites}. */
            SITE,
            /** A text, an id of {@link CallSites}. */
            TEXT
        }

        static Field dec(String name) {
            return new Field(name, Kind.DEC);
        }

        static Field ptr(String name) {
            return new Field(name, Kind.PTR);
        }

        static Field pfn(String name) {
            return new Field(name, Kind.PFN);
        }

        static Field gfp(String name) {
            return new Field(name, Kind.GFP);
        }

        static Field site(String name) {
            return new Field(name, Kind.SITE);
        }

        static Field text(String name) {
            return new Field(name, Kind.TEXT);
        }
    }
}
