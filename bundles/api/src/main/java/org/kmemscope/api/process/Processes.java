package org.kmemscope.api.process;

import java.util.List;
import org.kmemscope.api.ground.Part;
import org.kmemscope.api.mmu.Walk;
import org.kmemscope.api.reclaim.UserTasks;
import org.kmemscope.api.view.UserAreaView;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Processes ({@code mm/mmap.c}, {@code mm/memory.c}, {@code kernel/fork.c}). Each has an address space from 0 to {@code TASK_SIZE} in areas
 * ({@code vm_area_struct}), and page tables in RAM. A page is there when it is first touched. The program itself, its code and its files, is not
 * modelled: what a process does is said by whoever calls.
 *
 * <p>What {@link UserTasks} does with memory without telling where it lies is done to an area of its own here.
 *
 * <p>Each call names a process; an unknown one is an {@code IllegalArgumentException} with one line. Calls may sleep; a process that the OOM
 * killer takes meanwhile ends with {@link org.kmemscope.api.error.TaskKilled}.
 */
@ProviderType
public interface Processes extends Part, UserTasks {
    /** What a call answers that has no memory ({@code -ENOMEM}, {@code MAP_FAILED}). */
    long NO_MEMORY = -1;

    /** One past the last address of user space ({@code TASK_SIZE}). */
    long taskSize();

    /**
     * {@code fork()}: a process with the same areas. Pages are shared until one of the two writes.
     *
     * @return its process id, or {@link #NO_MEMORY}
     */
    int fork(int pid);

    /**
     * {@code mmap()} of anonymous private memory.
     *
     * @param hint where it should be, page-aligned; 0 to let the kernel choose
     * @param bytes how much; rounded up to pages
     * @param writable whether it may be written to
     * @return its first address, or {@link #NO_MEMORY}
     */
    long mmap(int pid, long hint, long bytes, boolean writable);

    /**
     * {@code munmap()}: whatever is mapped there, and the page tables that map nothing any more.
     *
     * @param start page-aligned
     * @param bytes rounded up to pages
     */
    void munmap(int pid, long start, long bytes);

    /**
     * {@code brk()}.
     *
     * @param end the new end of the heap; 0 to ask
     * @return the end of the heap now, which is the old one if there was no memory or no room
     */
    long brk(int pid, long end);

    /**
     * {@code malloc()} of a C library: small objects from the heap, which {@link #brk} enlarges, those of 128 KiB and more from {@link
     * #mmap}.
     *
     * @return its address, or 0
     */
    long malloc(int pid, long bytes);

    /** {@code free()}; ignores 0. */
    void free(int pid, long object);

    /**
     * Reads as the process does: pages that are not there come in.
     *
     * @throws IllegalArgumentException with one line, if an address is in no area
     */
    byte[] read(int pid, long virt, int length);

    /**
     * Writes as the process does.
     *
     * @throws IllegalArgumentException with one line, if an address is in no area, or in one that is read-only; nothing is written of
     *     what lies behind it
     */
    void write(int pid, long virt, byte[] bytes);

    /** Physical address of the top page table. */
    long pageDirectory(int pid);

    /** Walks the page tables of a process. */
    Walk walk(int pid, long virt);

    /** The processes that map a page, in order of their start. */
    List<UserMapping> mappings(int pfn);

    /**
     * A page in an address space.
     *
     * @param pid process id
     * @param comm its name
     * @param virt where the page is
     */
    record UserMapping(int pid, String comm, long virt) {}

    /** The areas, by address, with what of them is in memory. */
    List<UserAreaView> areas(int pid);
}
