package org.kmemscope.mmu;

import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.phys.PhysicalMemory;

/**
 * ARM long descriptors (LPAE): three levels with entries of 8 bytes.
 *
 * <pre>
 *   virtual    | PGD 31..30 | PMD 29..21 | PTE 20..12 | byte 11..0 |
 *
 *   table      | APTable 62..61 XNTable 60 PXNTable 59 | frame 39..12 | 1 1 |
 *   page       | RDONLY 58 NONE 57 DIRTY 55 | XN 54 PXN 53 | frame 39..12 | nG AF SH AP[2:1] | AttrIndx 4..2 | 1 1 |
 *   2 MiB      | the same                                  | frame 39..21 | the same                         | 0 1 |
 * </pre>
 *
 * <p>Bits 58 to 55 belong to Linux, which keeps dirty there; AF is young. Hardware sets nothing: an entry without AF faults, so it
 * reads as not present here. A page that is not dirty has AP[2], read-only. Source: pgtable-3level.h and
 * {@code cpu_v7_set_pte_ext} of 3.6 and 6.1. Blocks of 1 GiB, which Linux never makes, read as not present.
 */
final class LpaeFormat extends TableFormat {
    private static final int VALID = 1;
    private static final int TABLE_OR_PAGE = 2;
    private static final int TYPE_SHIFT = 2;
    private static final int USER = 1 << 6;
    private static final int AP2 = 1 << 7;
    private static final int SHARED = 3 << 8;
    private static final int AF = 1 << 10;
    private static final int NG = 1 << 11;
    private static final long PXN = 1L << 53;
    private static final long XN = 1L << 54;
    private static final long DIRTY = 1L << 55;
    private static final long RDONLY = 1L << 58;
    private static final long TABLE_PXN = 1L << 59;
    private static final long TABLE_XN = 1L << 60;
    private static final long TABLE_READ_ONLY = 1L << 62;

    /** Where the offset of {@code swp_entry_t} stands. */
    private static final int SLOT_SHIFT = 9;

    private static final long FRAME = (1L << 40) - (1L << 12);
    private static final long LARGE_FRAME = (1L << 40) - (1L << 21);
    private static final String[] NAMES = {"PGD", "PMD", "PTE"};

    private final ArmMemoryType kernelType;
    private final int share;
    private final long readOnly;

    /**
     * @param smp whether the kernel is built for SMP: memory is shared between CPUs
     */
    LpaeFormat(KernelVersion version, boolean smp) {
        super(new Shape(new int[] {30, 21, 12}, new int[] {2, 9, 9}, 3, 0, 1, 40));
        kernelType = ArmMemoryType.ofKernelMemory(smp);
        share = smp ? SHARED : 0;
        // before 3.17 AP[2] was Linux's read-only bit as well
        readOnly = AP2 | (version.isAtLeast(3, 17) ? RDONLY : 0);
    }

    @Override
    long decode(int level, long value) {
        if ((value & VALID) == 0) {
            return Translation.NONE;
        }
        boolean second = (value & TABLE_OR_PAGE) != 0;
        if (level < 2 && second) {
            return value & FRAME
                    | Translation.TABLE
                    | ((value & TABLE_READ_ONLY) == 0 ? Translation.WRITE : 0)
                    | ((value & (TABLE_XN | TABLE_PXN)) == 0 ? Translation.EXECUTE : 0);
        }
        if (level == 0 || second != (level == 2) || (value & AF) == 0) {
            return Translation.NONE;
        }
        return (second ? value & FRAME : value & LARGE_FRAME | Translation.LARGE)
                | Translation.PAGE
                | Translation.DIRTY
                | ((value & AP2) == 0 ? Translation.WRITE : 0)
                | ((value & (XN | PXN)) == 0 ? Translation.EXECUTE : 0)
                | ((value & NG) == 0 ? Translation.GLOBAL : 0)
                | (type(value).cached() ? Translation.CACHED : 0);
    }

    private static ArmMemoryType type(long value) {
        return ArmMemoryType.of((int) value >> TYPE_SHIFT);
    }

    @Override
    long pageWord(long phys, Protection protection) {
        long word = phys | VALID | TABLE_OR_PAGE | AF | DIRTY;
        word |= protection == Protection.KERNEL_EXEC ? 0 : XN;
        return switch (protection) {
            case KERNEL, KERNEL_EXEC -> word | kernelMemory();
            case KERNEL_RO -> word | kernelMemory() | readOnly;
            case DMA_COHERENT -> word | ArmMemoryType.BUFFERABLE.number() << TYPE_SHIFT | share;
            case NOCACHE -> word | ArmMemoryType.DEV_SHARED.number() << TYPE_SHIFT | SHARED;
        };
    }

    /** The words of {@code mem_types[].prot_sect}, which carry no dirty bit. Device sections are strongly ordered. */
    @Override
    long largeWord(long phys, Protection protection) {
        long word = phys | VALID | AF;
        return switch (protection) {
            case KERNEL -> word | kernelMemory() | XN;
            case KERNEL_EXEC -> word | kernelMemory();
            case KERNEL_RO -> word | kernelMemory() | XN | readOnly;
            case DMA_COHERENT -> word | ArmMemoryType.BUFFERABLE.number() << TYPE_SHIFT | share;
            case NOCACHE -> word | ArmMemoryType.UNCACHED.number() << TYPE_SHIFT | SHARED | XN;
        };
    }

    private int kernelMemory() {
        return kernelType.number() << TYPE_SHIFT | share;
    }

    @Override
    long tableWord(int level, long table) {
        return table | VALID | TABLE_OR_PAGE;
    }

    @Override
    UserBits userBits() {
        return new UserBits(VALID, AF, DIRTY, 0, RDONLY, SLOT_SHIFT);
    }

    @Override
    long userWord(long phys) {
        return phys | VALID | TABLE_OR_PAGE | AF | USER | NG | XN | PXN | AP2 | RDONLY | kernelMemory();
    }

    @Override
    long userPage(long word) {
        return word & FRAME;
    }

    /** A page that is not dirty is read-only to the hardware, so that the first write is noticed. */
    @Override
    void putUser(PhysicalMemory ram, long at, long word) {
        boolean writes = (word & DIRTY) != 0 && (word & RDONLY) == 0;
        putPage(ram, at, (word & VALID) == 0 ? word : writes ? word & ~AP2 : word | AP2);
    }

    @Override
    String flags(int level, long value) {
        FlagWords words = new FlagWords().add((value & VALID) != 0, "PRESENT");
        if ((value & VALID) == 0) {
            return words.toString();
        }
        if (level < 2 && (value & TABLE_OR_PAGE) != 0) {
            return words.add("TABLE").toString();
        }
        return words.add((value & DIRTY) != 0, "DIRTY")
                .add((value & AF) != 0, "YOUNG")
                .add((value & AP2) == 0, "WRITE")
                .add((value & XN) == 0, "EXEC")
                .add((value & PXN) != 0, "PXN")
                .add((value & USER) != 0, "USER")
                .add((value & NG) == 0, "GLOBAL")
                .add((value & SHARED) != 0, "SHARED")
                .add(type(value).name())
                .add(level < 2, "SECTION")
                .toString();
    }

    @Override
    String levelName(int level) {
        return NAMES[level];
    }
}
