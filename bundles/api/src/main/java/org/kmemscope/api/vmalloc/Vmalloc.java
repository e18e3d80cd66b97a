package org.kmemscope.api.vmalloc;

import java.util.List;
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

    /** {@code vfree()}: ignores NULL; the addresses come back with the next purge. A wrong address is reported and ignored. */
    void vfree(long address);

    /**
     * {@code vmap()}: maps pages side by side.
     *
     * @param pfns the pages
     * @return address, or 0
     */
    long vmap(int[] pfns, Protection protection);

    /** {@code vunmap()}: gives the mapping up, keeps the pages. */
    void vunmap(long address);

    /**
     * {@code ioremap()}: maps device registers.
     *
     * @param phys physical address; need not be aligned
     * @return address of that byte, or 0
     */
    long ioremap(long phys, long size);

    /** {@code iounmap()}. */
    void iounmap(long address);

    /** {@code vmalloc_to_pfn()}: frame behind an address of the area, or -1. */
    int vmallocToPfn(long address);

    /** {@code is_vmalloc_addr()}. */
    boolean isVmallocAddress(long address);

    /** {@code vm_unmap_aliases()}: purges every lazily freed area. */
    void purge();

    /** The areas in use and those not purged yet, ascending: {@code /proc/vmallocinfo}. */
    List<VmapAreaView> areas();
}
