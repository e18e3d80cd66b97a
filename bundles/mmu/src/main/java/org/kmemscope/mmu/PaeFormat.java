package org.kmemscope.mmu;

import org.kmemscope.api.mmu.Protection;

/**
 * i386 with PAE: three levels with entries of 8 bytes.
 *
 * <pre>
 *   virtual   | PGD 31..30 | PMD 29..21 | PTE 20..12 | byte 11..0 |
 *
 *   PGD entry   table     frame 51..12 | P only: no rights, no A bit
 *   PMD entry   table     NX | frame 51..12 | flags
 *               2 MiB     NX | frame 51..21 | PAT | flags with PSE
 *   PTE         page      NX | frame 51..12 | flags
 * </pre>
 *
 * <p>A CPU loads the four top entries when CR3 is loaded and not again. Linux reloads CR3 when it changes one, so reading them
 * from RAM in each walk comes to the same.
 */
final class PaeFormat extends TableFormat {
    private static final long FRAME = (1L << 52) - (1L << 12);
    private static final long LARGE_FRAME = (1L << 52) - (1L << 21);
    private static final String[] NAMES = {"PGD", "PMD", "PTE"};
    /** {@code swp_entry_t} is the upper half of an entry; its offset stands behind five bits of type. */
    private static final int SLOT_SHIFT = 32 + 5;

    private final X86Bits bits;

    PaeFormat(X86Bits bits) {
        super(new Shape(new int[] {30, 21, 12}, new int[] {2, 9, 9}, 3, 0, 1, 36));
        this.bits = bits;
    }

    @Override
    long decode(int level, long value) {
        if ((value & X86Bits.PRESENT) == 0) {
            return Translation.NONE;
        }
        if (level == 0) {
            return value & FRAME | Translation.TABLE | Translation.RIGHTS;
        }
        if (level == 2) {
            return value & FRAME | X86Bits.leaf(value);
        }
        if ((value & X86Bits.PSE) != 0) {
            return value & LARGE_FRAME | Translation.LARGE | X86Bits.leaf(value);
        }
        return value & FRAME | Translation.TABLE | X86Bits.rights(value);
    }

    @Override
    long touched(int level, long value, boolean dirties) {
        return level == 0 ? value : X86Bits.touched(value, dirties);
    }

    @Override
    boolean walksAgainBeforeFault() {
        return true;
    }

    @Override
    long pageWord(long phys, Protection protection) {
        return phys | bits.word(protection);
    }

    @Override
    long largeWord(long phys, Protection protection) {
        return phys | bits.word(protection) | X86Bits.PSE;
    }

    @Override
    long tableWord(int level, long table) {
        return table | (level == 0 ? X86Bits.PRESENT : X86Bits.TABLE);
    }

    @Override
    UserBits userBits() {
        return X86Bits.userBits(SLOT_SHIFT);
    }

    @Override
    long userWord(long phys) {
        return phys | bits.userWord();
    }

    @Override
    long userPage(long word) {
        return word & FRAME;
    }

    /** The CPU loads the four top entries once, so they are made at once. */
    @Override
    boolean fillsTop() {
        return true;
    }

    @Override
    String flags(int level, long value) {
        return X86Bits.flags(value, level == 2);
    }

    @Override
    String levelName(int level) {
        return NAMES[level];
    }
}
