package org.kmemscope.mmu;

import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.mmu.Protection;

/**
 * The bits of i386 entries that both formats share, and the words Linux makes of them.
 *
 * <pre>
 *   63  62........12  11  10      9  8  7    6  5  4    3    2   1   0
 *   NX  frame         -   IOMAP   -  G  PSE  D  A  PCD  PWT  US  RW  P
 *   (PAE only)            (Linux)       PAT (in a PTE)
 * </pre>
 *
 * <p>Linux sets A and D in kernel entries when it makes them, so that hardware never has to. Source: {@code __PAGE_KERNEL*} and
 * {@code _PAGE_TABLE} in the x86 page table headers of 2.6.24 to 6.1.
 */
final class X86Bits {
    static final int PRESENT = 1;
    static final int RW = 1 << 1;
    static final int USER = 1 << 2;
    static final int PWT = 1 << 3;
    static final int PCD = 1 << 4;
    static final int ACCESSED = 1 << 5;
    static final int DIRTY = 1 << 6;
    static final int PSE = 1 << 7;
    static final int GLOBAL = 1 << 8;
    static final int IOMAP = 1 << 10;
    static final long NX = 1L << 63;

    /** {@code _PAGE_TABLE}: tables of kernel and user space alike; the leaf decides who may enter. */
    static final int TABLE = PRESENT | RW | USER | ACCESSED | DIRTY;

    private static final int KERNEL_EXEC = PRESENT | RW | ACCESSED | DIRTY | GLOBAL;

    private final long nx;
    private final long device;

    private X86Bits(long nx, long device) {
        this.nx = nx;
        this.device = device;
    }

    /** The rules of a kernel whose tables or CPU know no NX bit. */
    static X86Bits withoutNx(KernelVersion version) {
        return new X86Bits(0, deviceWord(version, 0));
    }

    /** The rules of a kernel that uses the NX bit. */
    static X86Bits withNx(KernelVersion version) {
        return new X86Bits(NX, deviceWord(version, NX));
    }

    /**
     * What {@code ioremap_nocache()} maps with. 2.6.24 composes its own word, without G and NX. Later it is
     * {@code PAGE_KERNEL_IO_UC_MINUS}, which is {@code PAGE_KERNEL} with PCD; 2.6.28 to 3.17 also mark it with a software bit for
     * Xen.
     */
    private static long deviceWord(KernelVersion version, long nx) {
        if (!version.isAtLeast(2, 6, 25)) {
            return KERNEL_EXEC & ~GLOBAL | PCD;
        }
        boolean marked = version.isAtLeast(2, 6, 28) && !version.isAtLeast(3, 18);
        return KERNEL_EXEC | PCD | (marked ? IOMAP : 0) | nx;
    }

    /** The bits of a page or large page without its address. */
    long word(Protection protection) {
        return switch (protection) {
            // DMA is coherent on i386: dma_alloc_coherent() gives plain cached pages
            case KERNEL, DMA_COHERENT -> KERNEL_EXEC | nx;
            case KERNEL_EXEC -> KERNEL_EXEC;
            case KERNEL_RO -> KERNEL_EXEC & ~RW | nx;
            case NOCACHE -> device;
        };
    }

    /** {@code PAGE_COPY} and {@code PAGE_READONLY} without its address: a page of data in user space. */
    long userWord() {
        return PRESENT | USER | ACCESSED | nx;
    }

    static TableFormat.UserBits userBits(int slotShift) {
        return new TableFormat.UserBits(PRESENT, ACCESSED, DIRTY, RW, 0, slotShift);
    }

    /** What a present entry that maps memory allows, without its address. */
    static long leaf(long value) {
        return Translation.PAGE
                | rights(value)
                | ((value & GLOBAL) != 0 ? Translation.GLOBAL : 0)
                | ((value & PCD) == 0 ? Translation.CACHED : 0)
                | ((value & DIRTY) != 0 ? Translation.DIRTY : 0);
    }

    /** What a present entry of any level lets pass. */
    static long rights(long value) {
        return ((value & RW) != 0 ? Translation.WRITE : 0) | (value >= 0 ? Translation.EXECUTE : 0);
    }

    /** A is set by every walk, D by a walk for a write (Intel SDM volume 3, 4.8). */
    static long touched(long value, boolean dirties) {
        return value | ACCESSED | (dirties ? DIRTY : 0);
    }

    /**
     * The words of the crash utility.
     *
     * @param last whether the entry is one of the last level, where bit 7 is PAT
     */
    static String flags(long value, boolean last) {
        return new FlagWords()
                .add((value & PRESENT) != 0, "PRESENT")
                .add((value & RW) != 0, "RW")
                .add((value & USER) != 0, "USER")
                .add((value & PWT) != 0, "PWT")
                .add((value & PCD) != 0, "PCD")
                .add((value & ACCESSED) != 0, "ACCESSED")
                .add((value & DIRTY) != 0, "DIRTY")
                .add((value & PSE) != 0, last ? "PAT" : "PSE")
                .add((value & GLOBAL) != 0, "GLOBAL")
                .add(value < 0, "NX")
                .toString();
    }
}
