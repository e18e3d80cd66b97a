package org.kmemscope.process;

import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.ArchSpec.Arch;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.MemoryRegion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.phys.PageFlag;

/**
 * What differs by processor and kernel.
 *
 * <pre>
 *   0          heapStart →               ← mmapBase          ← stack   taskSize
 *   |  program  | heap |      ...      | areas |   gap   | 132 KiB   |
 * </pre>
 *
 * <ul>
 *   <li>{@code TASK_SIZE}: {@code PAGE_OFFSET}; on ARM 16 MiB less, where modules are.
 *   <li>Areas are placed from {@code mmap_base} down, 128 MiB below the end; on ARM before 3.3 from a third of user space up ({@code
 *       arch_get_unmapped_area()}). Nothing is placed at random, as with {@code norandmaps}.
 *   <li>The stack has 128 KiB more than its arguments take ({@code setup_arg_pages()}), and grows to 8 MiB.
 *   <li>A page that is only read is the page of zeros, but for 2.6.24 to 2.6.31, which had none.
 *   <li>Up to 2.6.29, {@code maps} tells the page offset of anonymous areas too.
 * </ul>
 *
 * @param taskSize one past the last address of user space
 * @param heapStart where the heap of a small program begins
 * @param mmapBase where areas are placed from
 * @param topDown whether areas are placed from there down
 * @param zeroPage frame of {@code ZERO_PAGE(0)}; -1 where there is none
 * @param offsetsOfAnonymous whether {@code maps} tells offsets of anonymous areas
 * @param pageMask GFP mask of a page of zeros
 * @param copyMask GFP mask of a page that is filled at once
 * @param clearsItself whether the page is cleared by the fault and not by the page allocator
 * @param tableMask GFP mask of page tables
 * @param topMask GFP mask of a top page table
 */
record UserRules(
        long taskSize,
        long heapStart,
        long mmapBase,
        boolean topDown,
        int zeroPage,
        boolean offsetsOfAnonymous,
        int pageMask,
        int copyMask,
        boolean clearsItself,
        int tableMask,
        int topMask) {
    /** Bytes of the stack that a program starts with. */
    static final long FIRST_STACK = 0x21000;

    /** {@code RLIMIT_STACK}. */
    static final long MOST_STACK = 8L << 20;

    private static final long MODULES_OF_ARM = 16L << 20;
    /** {@code MIN_GAP}. */
    private static final long GAP = 128L << 20;

    private static final long I386_PROGRAM = 0x0804_8000L;
    private static final long ARM_PROGRAM = 0x0001_0000L;
    /** A page of code and one of data. */
    private static final long PROGRAM_SIZE = 2L * Profile.PAGE_SIZE;

    private static final int NONE = -1;

    static UserRules of(Ground ground) {
        Profile profile = ground.profile();
        KernelVersion version = profile.kernel().version();
        GfpTable gfp = ground.gfp();
        boolean arm = profile.arch().arch() == Arch.ARM;
        long taskSize = ground.layout().pageOffset() - (arm ? MODULES_OF_ARM : 0);
        boolean topDown = !arm || version.isAtLeast(3, 3);
        long third = -(-taskSize / 3 & -Profile.PAGE_SIZE);
        boolean hasZeroPage = !version.isAtLeast(2, 6, 24) || version.isAtLeast(2, 6, 32);
        int movable = gfp.of(Gfp.GFP_HIGHUSER_MOVABLE);
        // a folio is always a compound page
        int copy = version.isAtLeast(5, 18) ? movable | gfp.of(Gfp.__GFP_COMP) : movable;
        int zero = gfp.of(Gfp.__GFP_ZERO);
        boolean highTables = profile.kernel().config().is("HIGHPTE");
        int top = gfp.of(Gfp.GFP_KERNEL) | zero | gfp.orZero(Gfp.__GFP_REPEAT);
        return new UserRules(
                taskSize,
                (arm ? ARM_PROGRAM : I386_PROGRAM) + PROGRAM_SIZE,
                topDown ? taskSize - GAP : third,
                topDown,
                hasZeroPage ? zeroPage(ground) : NONE,
                !version.isAtLeast(2, 6, 30),
                arm ? copy : copy | zero,
                copy,
                arm,
                top | (highTables ? gfp.of(Gfp.__GFP_HIGHMEM) : 0),
                top);
    }

    /** {@code empty_zero_page} lies in the image of the kernel: here it is the last whole page of it. */
    private static int zeroPage(Ground ground) {
        int found = NONE;
        for (MemoryRegion region : ground.profile().memory()) {
            int last = (int) (region.end() >>> Profile.PAGE_SHIFT) - 1;
            boolean whole = (long) last << Profile.PAGE_SHIFT >= region.start();
            if (region.kind() == MemoryRegion.Kind.KERNEL
                    && whole
                    && ground.frames().isValid(last)
                    && ground.frames().is(last, PageFlag.RESERVED)) {
                found = last;
            }
        }
        return found;
    }

    boolean isZeroPage(int pfn) {
        return pfn == zeroPage;
    }
}
