package org.kmemscope.mmu;

import java.util.List;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.mmu.Walk;
import org.kmemscope.api.phys.PhysicalMemory;

/**
 * ARMv7 short descriptors as Linux lays them out since 2.6.38.
 *
 * <p>Hardware has 4096 entries of 1 MiB and second-level tables of 256 entries, 1 KiB long. Linux wants tables of a page and needs
 * dirty and young bits that hardware does not have. So it takes the first-level entries in pairs, and each pair shares a page:
 *
 * <pre>
 *   first level           one page
 *   +-----------+         +----------------+ 0
 *   | 2n      --+--+      | Linux, even MiB|      what Linux believes: 512 words
 *   +-----------+  |      +----------------+ 1024
 *   | 2n+1    --+-+|      | Linux, odd MiB |
 *   +-----------+ ||      +----------------+ 2048
 *                 |+-----→| hardware, even |      what the MMU reads: 2 * 256 words
 *                 |       +----------------+ 3072
 *                 +------→| hardware, odd  |
 *                         +----------------+ 4096
 *
 *   first level  table    | table 31..10 | - | domain 8..5 | BIT4 | NS | PXN | 0 1 |
 *                section  | 31..20 | NS 0 nG S APX | TEX 14..12 | AP 11..10 | - | domain 8..5 | XN | C B | 1 PXN |
 *   hardware     page     | 31..12 | nG S APX | TEX 8..6 | AP 5..4 | C B | 1 XN |
 *   Linux        page     | 31..12 | NONE SHARED XN USER | RDONLY DIRTY | type 5..2 | YOUNG PRESENT |
 * </pre>
 *
 * <ol>
 *   <li>Linux writes its own word, and beside it the hardware word that follows from it.
 *   <li>A page that is not young gets a hardware word of 0, one that is not dirty is read-only in hardware: the fault lets Linux
 *       set the bit. Hardware sets nothing. Kernel pages are young and dirty from the start.
 * </ol>
 *
 * <p>Source: pgtable-2level.h, {@code cpu_v7_set_pte_ext} and {@code __pmd_populate()} of 3.6 and 6.1. TEX[2:1] belong to the
 * system (TEX remapping is on). What Linux never makes in the tables of the kernel (supersections, 64 KiB pages, entries
 * without access) reads as not present. Domains are decoded, not checked: the kernel is a client or manager of its own.
 */
final class ArmShortFormat extends TableFormat {
    private static final int TYPE = 3;
    private static final int TYPE_TABLE = 1;
    private static final int TYPE_SECTION = 2;
    private static final int LINK_PXN = 1 << 2;
    private static final int LINK_BIT4 = 1 << 4;
    private static final int DOMAIN_SHIFT = 5;
    private static final int DOMAIN_MASK = 15;
    private static final int TYPE_SHIFT = 2;
    private static final int TYPE_CB = 3;
    private static final int TYPE_TEX0 = 4;

    private static final int SECTION_PXN = 1;
    private static final int SECTION_XN = 1 << 4;
    private static final int SECTION_AP_SHIFT = 10;
    private static final int SECTION_TEX_SHIFT = 12;
    private static final int SECTION_APX = 1 << 15;
    private static final int SECTION_S = 1 << 16;
    private static final int SECTION_NG = 1 << 17;
    private static final int SECTION_SUPER = 1 << 18;

    private static final int PAGE_XN = 1;
    private static final int PAGE_SMALL = 2;
    private static final int PAGE_AP_SHIFT = 4;
    private static final int PAGE_TEX_SHIFT = 6;
    private static final int PAGE_APX = 1 << 9;
    private static final int PAGE_NG = 1 << 11;

    private static final int L_PRESENT = 1;
    private static final int L_YOUNG = 1 << 1;
    private static final int L_TYPE = 15 << TYPE_SHIFT;
    private static final int L_DIRTY = 1 << 6;
    private static final int L_RDONLY = 1 << 7;
    private static final int L_USER = 1 << 8;
    private static final int L_XN = 1 << 9;
    private static final int L_SHARED = 1 << 10;
    private static final int L_NONE = 1 << 11;

    /** Where the offset of {@code swp_entry_t} stands in Linux's word. */
    private static final int SLOT_SHIFT = 9;

    private static final int AP_KERNEL = 1;
    private static final int AP_USER = 2;
    private static final int AP_MASK = 3;

    private static final long TABLE_BASE = 0xffff_fc00L;
    private static final long SECTION_BASE = 0xfff0_0000L;
    private static final long PAGE_BASE = 0xffff_f000L;
    private static final long PAIR = 2L * Integer.BYTES;
    private static final int HARDWARE_OFFSET = 2048;
    private static final int HARDWARE_TABLE = 1024;

    private final boolean smp;
    private final ArmMemoryType kernelType;

    /**
     * @param smp whether the kernel is built for SMP: memory is shared between CPUs
     */
    ArmShortFormat(boolean smp) {
        super(new Shape(new int[] {20, 12}, new int[] {12, 8}, 2, 2, 0, 32));
        this.smp = smp;
        kernelType = ArmMemoryType.ofKernelMemory(smp);
    }

    // ---- what the hardware reads

    @Override
    long decode(int level, long value) {
        if (level == 1) {
            return (value & PAGE_SMALL) == 0
                    ? Translation.NONE
                    : leaf(
                            value & PAGE_BASE,
                            (int) (value >> PAGE_AP_SHIFT) & AP_MASK,
                            (value & PAGE_APX) != 0,
                            (value & PAGE_XN) == 0,
                            (value & PAGE_NG) == 0,
                            type(value, PAGE_TEX_SHIFT));
        }
        if ((value & TYPE) == TYPE_TABLE) {
            return value & TABLE_BASE | Translation.TABLE | Translation.RIGHTS;
        }
        if ((value & TYPE_SECTION) == 0 || (value & SECTION_SUPER) != 0) {
            return Translation.NONE;
        }
        long section = leaf(
                value & SECTION_BASE,
                (int) (value >> SECTION_AP_SHIFT) & AP_MASK,
                (value & SECTION_APX) != 0,
                (value & (SECTION_XN | SECTION_PXN)) == 0,
                (value & SECTION_NG) == 0,
                type(value, SECTION_TEX_SHIFT));
        return section == Translation.NONE ? section : section | Translation.LARGE;
    }

    /** AP and APX together: 0 is no access, APX takes the right to write away (ARM ARM, B3.7.1 with AFE = 0). */
    private static long leaf(long base, int ap, boolean apx, boolean execute, boolean global, ArmMemoryType type) {
        if (ap == 0) {
            return Translation.NONE;
        }
        return base
                | Translation.PAGE
                | Translation.DIRTY
                | (apx ? 0 : Translation.WRITE)
                | (execute ? Translation.EXECUTE : 0)
                | (global ? Translation.GLOBAL : 0)
                | (type.cached() ? Translation.CACHED : 0);
    }

    /** TEX[0], C, B: C and B are bits 3 and 2 in sections and pages alike. */
    private static ArmMemoryType type(long value, int texShift) {
        return ArmMemoryType.of((int) (value >> TYPE_SHIFT) & TYPE_CB | ((int) (value >> texShift) & 1) << 2);
    }

    // ---- what Linux writes

    @Override
    long pageWord(long phys, Protection protection) {
        long word = phys | L_PRESENT | L_YOUNG | L_DIRTY;
        word |= protection == Protection.KERNEL_EXEC ? 0 : L_XN;
        word |= protection == Protection.KERNEL_RO ? L_RDONLY : 0;
        return switch (protection) {
            case KERNEL, KERNEL_EXEC, KERNEL_RO -> word | kernelType.number() << TYPE_SHIFT | shared();
            case DMA_COHERENT -> word | ArmMemoryType.BUFFERABLE.number() << TYPE_SHIFT | shared();
            // MT_DEVICE is shared on every kernel
            case NOCACHE -> word | ArmMemoryType.DEV_SHARED.number() << TYPE_SHIFT | L_SHARED;
        };
    }

    @Override
    UserBits userBits() {
        return new UserBits(L_PRESENT, L_YOUNG, L_DIRTY, 0, L_RDONLY, SLOT_SHIFT);
    }

    @Override
    long userWord(long phys) {
        return phys | L_PRESENT | L_YOUNG | L_USER | L_RDONLY | L_XN | kernelType.number() << TYPE_SHIFT | shared();
    }

    @Override
    long userPage(long word) {
        return word & PAGE_BASE;
    }

    @Override
    long linuxWord(PhysicalMemory ram, long at) {
        return read(ram, at - HARDWARE_OFFSET);
    }

    @Override
    int entriesOfTable(int level) {
        return level == 0 ? 2 : 1;
    }

    private int shared() {
        return smp ? L_SHARED : 0;
    }

    /** The hardware word that follows from Linux's: {@code set_pte_ext()}. A page of user space is not global. */
    static long hardwareWord(long linux) {
        boolean usable = (linux & L_PRESENT) != 0 && (linux & L_YOUNG) != 0 && (linux & L_NONE) == 0;
        if (!usable) {
            return 0;
        }
        int type = (int) (linux & L_TYPE) >> TYPE_SHIFT;
        long word = linux & (PAGE_BASE | L_SHARED) | PAGE_SMALL | AP_KERNEL << PAGE_AP_SHIFT;
        word |= (long) (type & TYPE_CB) << TYPE_SHIFT;
        word |= (type & TYPE_TEX0) != 0 ? 1L << PAGE_TEX_SHIFT : 0;
        word |= (linux & L_RDONLY) != 0 || (linux & L_DIRTY) == 0 ? PAGE_APX : 0;
        word |= (linux & L_USER) != 0 ? AP_USER << PAGE_AP_SHIFT | PAGE_NG : 0;
        word |= (linux & L_XN) != 0 ? PAGE_XN : 0;
        return word;
    }

    @Override
    long largeWord(long phys, Protection protection) {
        long word = phys | TYPE_SECTION | AP_KERNEL << SECTION_AP_SHIFT;
        word |= protection == Protection.KERNEL_RO ? SECTION_APX : 0;
        return switch (protection) {
            case KERNEL, KERNEL_RO -> word | SECTION_XN | cached();
            case KERNEL_EXEC -> word | cached();
            case DMA_COHERENT -> word | ArmMemoryType.BUFFERABLE.number() << TYPE_SHIFT | (smp ? SECTION_S : 0);
            case NOCACHE -> word | SECTION_XN | 1 << SECTION_TEX_SHIFT | SECTION_S;
        };
    }

    private int cached() {
        int type = kernelType.number();
        return (type & TYPE_CB) << TYPE_SHIFT
                | ((type & TYPE_TEX0) != 0 ? 1 << SECTION_TEX_SHIFT : 0)
                | (smp ? SECTION_S : 0);
    }

    /** {@code _PAGE_KERNEL_TABLE}: domain 0. BIT4 is a relic of ARMv5 that Linux still sets. */
    @Override
    long tableWord(int level, long table) {
        return table | TYPE_TABLE | LINK_BIT4;
    }

    /** {@code __pmd_populate()}: both entries of the pair, each with its half of the page's hardware tables. */
    @Override
    void putTable(PhysicalMemory ram, long at, int level, long table) {
        long pair = at & -PAIR;
        write(ram, pair, tableWord(level, table + HARDWARE_OFFSET));
        write(ram, pair + Integer.BYTES, tableWord(level, table + HARDWARE_OFFSET + HARDWARE_TABLE));
    }

    /** A table takes both entries of its pair, so no section may be in the other. */
    @Override
    boolean hasRoomForTable(PhysicalMemory ram, long at) {
        return decode(0, read(ram, at ^ Integer.BYTES)) == Translation.NONE;
    }

    @Override
    void putPage(PhysicalMemory ram, long at, long word) {
        write(ram, at - HARDWARE_OFFSET, word);
        write(ram, at, hardwareWord(word));
    }

    @Override
    boolean holdsPage(PhysicalMemory ram, long at) {
        return read(ram, at) != 0 || read(ram, at - HARDWARE_OFFSET) != 0;
    }

    @Override
    boolean agreesWithLinux(PhysicalMemory ram, long at) {
        return hasLinuxWord(at) && read(ram, at) == hardwareWord(read(ram, at - HARDWARE_OFFSET));
    }

    /** Hardware tables lie in the upper half of their page; a wild first-level entry can lead elsewhere. */
    private static boolean hasLinuxWord(long at) {
        return (at & HARDWARE_OFFSET) != 0;
    }

    // ---- for people

    /** The entry that Linux calls pgd: the first of the pair. */
    static long pairAddress(long at) {
        return at & -PAIR;
    }

    @Override
    String flags(int level, long value) {
        int domain = (int) (value >> DOMAIN_SHIFT) & DOMAIN_MASK;
        if (level == 1) {
            return hardwareFlags(value, (value & PAGE_SMALL) != 0, decode(1, value), PAGE_AP_SHIFT, PAGE_TEX_SHIFT)
                    .toString();
        }
        if ((value & TYPE) == TYPE_TABLE) {
            return new FlagWords()
                    .add("PRESENT|TABLE")
                    .add((value & LINK_PXN) != 0, "PXN")
                    .add("DOMAIN" + domain)
                    .toString();
        }
        boolean section = (value & TYPE_SECTION) != 0;
        return hardwareFlags(value, section, decode(0, value), SECTION_AP_SHIFT, SECTION_TEX_SHIFT)
                .add(section, (value & SECTION_SUPER) != 0 ? "SUPERSECTION" : "SECTION")
                .add(section, "DOMAIN" + domain)
                .toString();
    }

    private static FlagWords hardwareFlags(long value, boolean shown, long step, int apShift, int texShift) {
        FlagWords words = new FlagWords();
        if (!shown) {
            return words;
        }
        // S lies above APX, which lies above TEX, in sections and pages alike
        boolean shared = (value >> (texShift + 4) & 1) != 0;
        return words.add(step != Translation.NONE, "PRESENT")
                .add((step & Translation.WRITE) != 0, "WRITE")
                .add((step & Translation.EXECUTE) != 0, "EXEC")
                .add((value >> apShift & AP_USER) != 0, "USER")
                .add((step & Translation.GLOBAL) != 0, "GLOBAL")
                .add(shared, "SHARED")
                .add("TEX" + (value >> texShift & 7))
                .add((value >> TYPE_SHIFT & 2) != 0, "C")
                .add((value >> TYPE_SHIFT & 1) != 0, "B");
    }

    /** The words of the crash utility for Linux's own word, and its memory type. */
    private static String linuxFlags(long value) {
        if (value == 0) {
            return "";
        }
        return new FlagWords()
                .add((value & L_PRESENT) != 0, "PRESENT")
                .add((value & L_DIRTY) != 0, "DIRTY")
                .add((value & L_YOUNG) != 0, "YOUNG")
                .add((value & L_RDONLY) == 0, "WRITE")
                .add((value & L_XN) == 0, "EXEC")
                .add((value & L_USER) != 0, "USER")
                .add((value & L_SHARED) != 0, "SHARED")
                .add(ArmMemoryType.of((int) (value >> TYPE_SHIFT)).name())
                .toString();
    }

    /** The names of the kernel's oops: {@code pte} is Linux's word, {@code ppte} the hardware's. */
    @Override
    String levelName(int level) {
        return level == 0 ? "PGD" : "PPTE";
    }

    @Override
    void addLevel(List<Walk.Level> levels, PhysicalMemory ram, int level, long virt, long at) {
        if (level == 1 && hasLinuxWord(at)) {
            long linuxAt = at - HARDWARE_OFFSET;
            long value = read(ram, linuxAt);
            boolean present = (value & L_PRESENT) != 0;
            levels.add(new Walk.Level("PTE", index(1, virt), linuxAt, value, present, linuxFlags(value)));
        }
        super.addLevel(levels, ram, level, virt, at);
    }
}
