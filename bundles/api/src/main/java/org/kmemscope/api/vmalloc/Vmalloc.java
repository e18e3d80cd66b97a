package org.kmemscope.api.vmalloc;

import java.util.List;
import java.util.Optional;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.Part;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.view.VmapAreaView;
import org.osgi.annotation.versioning.ProviderType;

/** The vmalloc area ({@code mm/vmalloc.c}). Addresses are virtual; 0 is NULL. May sleep: a BUG in interrupt context. */
@ProviderType
public interface Vmalloc extends Part {
    /**
     * {@code vmalloc()}: whole pages, from high memory while there is some.
     *
     * @param size bytes, rounded up to pages
     * @return address, or 0
     * @throws KernelBug in interrupt context
     */
    long vmalloc(long size);

    /** {@code __vmalloc()}: with a mask for the pages. */
    long vmalloc(long size, int gfp, Protection protection);

    /** {@code vmalloc_32()}: pages that 32-bit devices reach, which here is low memory. */
    long vmalloc32(long size);

    /**
     * {@code vfree()}: ignores NULL; the addresses come back with the next purge. A wrong address is reported and ignored.
     *
     * @throws KernelBug in interrupt context, up to 3.9; later kernels put the work off until the interrupt is over
     */
    void vfree(long address);

    /**
     * {@code vmap()}: maps pages side by side.
     *
     * @param pfns the pages
     * @param protection {@link Protection#DMA_COHERENT} makes an area of coherent DMA memory
     * @return address, or 0
     */
    long vmap(int[] pfns, Protection protection);

    /** {@code vunmap()}: gives the mapping up, keeps the pages. */
    void vunmap(long address);

    /**
     * {@code vm_map_ram()}: maps pages side by side for a short time; up to 32 of them in a block of the current CPU.
     *
     * @param pfns the pages
     * @return address, or 0
     * @throws IllegalArgumentException before 2.6.28, which has no such call
     */
    long vmMapRam(int[] pfns);

    /**
     * {@code vm_unmap_ram()}.
     *
     * @param count as many pages as were mapped
     * @throws KernelBug if they are not mapped there
     */
    void vmUnmapRam(long address, int count);

    /**
     * {@code ioremap()}: maps device registers.
     *
     * @param phys physical address; need not be aligned
     * @return address of that byte, or 0: no room, or RAM, which most kernels refuse
     */
    long ioremap(long phys, long size);

    /** {@code iounmap()}: a wrong address is reported and ignored. */
    void iounmap(long address);

    /** {@code vmalloc_to_pfn()}: frame behind an address of the area, or -1. */
    int vmallocToPfn(long address);

    /** {@code is_vmalloc_addr()}. */
    boolean isVmallocAddress(long address);

    /** {@code vm_unmap_aliases()}: purges every lazily freed area. */
    void purge();

    /**
     * {@code /proc/vmallocinfo}: the areas in use, ascending; then, where the kernel shows them (4.15 and later), those freed and not
     * purged yet. Before that it does not show vm_map_ram either.
     */
    List<VmapAreaView> areas();

    /** The area an address lies in, its guard page included, whether or not {@link #areas} shows it; empty if it lies in none. */
    Optional<VmapAreaView> areaAt(long address);

    /** What an address was that was given up and is kept back until the next purge; empty if it is in use or free. */
    Optional<String> givenUp(long address);

    /** The exact state: what {@link #load} takes. */
    VmallocState state();

    /**
     * Takes over recorded areas; nothing may have been allocated yet. Areas from vmalloc get pages and mappings of their own, device
     * mappings are made; what other areas map is not known, and they only hold their addresses.
     *
     * @throws IllegalArgumentException with one line, if areas overlap, or the tree is none or has what an area holds
     */
    void load(VmallocState state);

    /**
     * While on, {@link #vmap} takes a recorded area of its kind and size whose pages are not known, the lowest, rather than a new one:
     * so the upper floors of a cloned machine are mapped where their counterparts in the real kernel were.
     */
    void adopting(boolean on);
}
