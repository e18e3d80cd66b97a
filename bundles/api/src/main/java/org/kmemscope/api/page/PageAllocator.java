package org.kmemscope.api.page;

import java.util.List;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.Part;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.AllocFailure;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.api.zone.FreeAreaProvider;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The page allocator ({@code mm/page_alloc.c}): zones, zonelists, watermarks, lowmem reserve, per-CPU lists. A page is named by
 * its pfn. The calls that serve requests allocate nothing on the host and follow the rules of the machine's era.
 */
@ProviderType
public interface PageAllocator extends Part {
    /** No page: what Linux returns as a NULL {@code struct page *}. */
    int NONE = PageFrames.NONE;

    /**
     * {@code alloc_pages()}.
     *
     * @param gfp mask in the era's numbers
     * @param order log2 of the number of frames, 0 to {@link #maxOrder()} - 1; a larger one fails
     * @return first frame, or {@link #NONE}
     * @throws KernelBug if the mask allows sleeping where the context does not
     */
    int allocPages(int gfp, int order);

    /**
     * {@code __free_pages()}: drops a reference; the last one frees the block. A page that must not be freed is reported with the
     * kernel's words and kept.
     *
     * @param pfn first frame of the block
     * @param order as it was allocated
     */
    void freePages(int pfn, int order);

    /** {@code split_page()}: makes {@code 2^order} pages of order 0 of a block that is no compound page. */
    void splitPage(int pfn, int order);

    /** {@code drain_all_pages()}: empties every per-CPU list into the free areas. */
    void drainAllPages();

    /** Number of orders; the largest block has order {@code maxOrder() - 1}. */
    int maxOrder();

    /** Free pages of all zones, those on per-CPU lists not counted ({@code nr_free_pages()}). */
    long freePageCount();

    /** Pages the allocator was given ({@code totalram_pages()}). */
    long totalPages();

    /** Type of a zone by its index. */
    ZoneType zoneType(int zone);

    /** All zones the kernel has, empty ones included, by index. */
    List<ZoneView> zones();

    /** Why a request of this mask and order cannot be served at this moment, zone by zone. */
    AllocFailure explain(int gfp, int order);

    /**
     * Adds what is known of a frame: its state, and its zone. For frames that no address leads to; {@link #describe} is for addresses.
     *
     * @param pfn a valid frame
     * @param facts takes the findings
     */
    void describePage(int pfn, List<AddressFact> facts);

    /** {@code min_free_kbytes} and its like: names and values of {@code /proc/sys/vm} that this allocator has. */
    List<Tunable> tunables();

    /**
     * Writes a tunable; everything that depends on it is computed again.
     *
     * @throws IllegalArgumentException with one line, if there is no such tunable or the value does not fit
     */
    void setTunable(String name, String value);

    /**
     * {@code free_reserved_area()}: gives frames that boot kept (the kernel's init section, an initial RAM disk) to the allocator.
     */
    void freeReserved(int startPfn, int endPfn);

    /**
     * {@code init_cma_reserved_pageblock()}: sets frames that boot kept aside for contiguous memory, in whole pageblocks, and lends
     * them to movable pages.
     *
     * @throws IllegalArgumentException if this kernel has no CMA, or the range is not in whole pageblocks
     */
    void addCma(int startPfn, int endPfn);

    /**
     * {@code cma_alloc()}: adjacent free frames of a contiguous area. What movable pages hold there is not moved away (there is no
     * migration here): such frames are passed over.
     *
     * @param startPfn the area
     * @param endPfn one past its end
     * @param pages how many frames
     * @param alignOrder log2 of the alignment of the first, in frames
     * @return the first, or {@link #NONE}
     */
    int allocContiguous(int startPfn, int endPfn, int pages, int alignOrder);

    /** {@code cma_release()}: gives frames of a contiguous area back. */
    void freeContiguous(int pfn, int pages);

    /** Whom to ask when memory is short; {@link Reclaimer#NONE} until somebody registers. */
    void setReclaimer(Reclaimer reclaimer);

    /** What reclaim, compaction and kswapd may ask and tell of the zones. */
    ZoneControl control();

    /**
     * {@code free_hot_cold_page()} of a page that is in no cache any more, as reclaim frees it: up to 4.14 it goes to the cold end of the
     * CPU's list, where {@code __GFP_COLD} takes from.
     *
     * @param pfn a page of order 0, as for {@link #freePages}
     */
    void freeCold(int pfn);

    /**
     * {@code show_mem()}: logs the "Mem-Info" block of a report, in the kernel's own words and layout.
     *
     * @param gfp mask of the request it is about; from 6.1 on, only zones that it allows are told
     */
    void showMem(int gfp);

    /**
     * {@code warn_alloc()} (4.9 and later): logs that a request failed, with the memory that there is. Silent if the mask has NOWARN, or
     * while too many of these reports come one after the other.
     *
     * @param gfp mask of the request
     * @param what failed, in the kernel's words, such as {@code page allocation failure: order:0}
     * @param functions the kernel's functions that lead there, innermost first
     */
    void warnAlloc(int gfp, String what, List<String> functions);

    /**
     * {@code dump_stack()}: logs who is running and how he came there, in the kernel's own layout.
     *
     * @param functions the kernel's functions, innermost first; the place of the outermost call follows by itself
     */
    void dumpStack(List<String> functions);

    /** Number of zones, empty ones included. */
    int zoneCount();

    /** The exact state. */
    PageState state();

    /** The counters of {@link #state}, with every list, pageblock and movable frame left out: quick enough to be asked between requests. */
    PageState counters();

    /**
     * Takes over a recorded state; frames that no list holds are in use by somebody unknown. Zones must be those of this allocator.
     *
     * @throws IllegalArgumentException with one line, if the state does not fit or contradicts itself; nothing has changed then
     */
    void load(PageState state);

    /**
     * While on, requests are served from frames that a loaded state has in use by somebody unknown, and the free lists stay as they
     * were loaded: so the upper floors of a cloned machine find the pages that their counterparts in the real kernel held.
     */
    void adopting(boolean on);

    /** Engine of free areas in use, such as {@code buddy}; {@code none} while free blocks are parked. */
    String freeAreaName();

    /**
     * Exchanges the engine of free areas: every free block moves to the engines of a successor, list by list and in its order. No Linux
     * can do this. If it throws, the caller restores the frames and this allocator from the state they had before; the engines are still
     * the old ones then.
     *
     * @return blocks moved
     */
    long useFreeAreas(FreeAreaProvider successor);

    /**
     * Takes the engine of free areas away. What is freed from now on waits with the free blocks, unmerged; a request that finds no page
     * on a per-CPU list throws {@link org.kmemscope.api.error.MissingPart}.
     *
     * @return blocks parked
     */
    long parkFreeAreas();

    /**
     * A value of {@code /proc/sys/vm}.
     *
     * @param name without {@code vm.}
     * @param value as it is read
     */
    record Tunable(String name, String value) {}
}
