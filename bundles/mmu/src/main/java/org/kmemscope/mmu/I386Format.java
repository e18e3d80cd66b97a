package org.kmemscope.mmu;

import org.kmemscope.api.mmu.Protection;

/**
 * i386 without PAE: two levels of 1024 entries of 4 bytes.
 *
 * <pre>
 *   virtual   | PGD 31..22 | PTE 21..12 | byte 11..0 |
 *
 *   PGD entry   table     frame 31..12                            | flags
 *               4 MiB     frame 31..22 | 0 | frame 39..32 (20..13) | PAT | flags with PSE
 *   PTE         page      frame 31..12                            | flags
 * </pre>
 *
 * <p>Bits 39..32 in a 4 MiB entry are PSE-36. Linux leaves them 0, but the CPU reads them, so a wild write can set them.
 */
final class I386Format extends TableFormat {
    private static final int PSE36_SHIFT = 32 - 13;
    private static final long PSE36 = 0xffL << 13;
    private static final long FRAME = 0xffff_f000L;
    private static final long LARGE_FRAME = 0xffc0_0000L;
    /** Where the offset of {@code swp_entry_t} stands: behind the type and the bits that tell it from a page. */
    private static final int SLOT_SHIFT = 8;

    private final X86Bits bits;

    I386Format(X86Bits bits) {
        super(new Shape(new int[] {22, 12}, new int[] {10, 10}, 2, 0, 0, 32));
        this.bits = bits;
    }

    @Override
    long decode(int level, long value) {
        if ((value & X86Bits.PRESENT) == 0) {
            return Translation.NONE;
        }
        if (level == 1) {
            return value & FRAME | X86Bits.leaf(value);
        }
        if ((value & X86Bits.PSE) != 0) {
            return value & LARGE_FRAME | (value & PSE36) << PSE36_SHIFT | Translation.LARGE | X86Bits.leaf(value);
        }
        return value & FRAME | Translation.TABLE | X86Bits.rights(value);
    }

    @Override
    long touched(int level, long value, boolean dirties) {
        return X86Bits.touched(value, dirties);
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
        return table | X86Bits.TABLE;
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

    @Override
    String flags(int level, long value) {
        return X86Bits.flags(value, level == 1);
    }

    @Override
    String levelName(int level) {
        return level == 0 ? "PGD" : "PTE";
    }
}
