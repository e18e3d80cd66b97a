package org.kmemscope.machine.layout;

import org.kmemscope.api.ground.ArchSpec.Tables;

/**
 * The shape of page tables, as the kernel's generic code sees it. A level that the hardware lacks is folded: its shift is that of the
 * level above.
 *
 * @param pmdShift log2 of what one middle entry covers
 * @param pgdirShift log2 of what one top entry covers
 * @param ptrsPerPte entries of a bottom table
 * @param ptrsPerPgd entries of the top table
 * @param pteSize bytes of an entry as the kernel counts it
 * @param physAddrSize {@code sizeof(phys_addr_t)}
 */
record Geometry(int pmdShift, int pgdirShift, int ptrsPerPte, int ptrsPerPgd, int pteSize, int physAddrSize) {
    /**
     * The shape of a format. On ARM with short descriptors Linux pairs two hardware tables of 256 entries, so that a bottom table
     * covers 2 MiB.
     */
    static Geometry of(Tables tables) {
        return switch (tables) {
            case I386_2LEVEL -> new Geometry(22, 22, 1024, 1024, 4, 4);
            case I386_PAE -> new Geometry(21, 30, 512, 4, 8, 8);
            case ARM_SHORT -> new Geometry(21, 21, 512, 2048, 4, 4);
            case ARM_LPAE -> new Geometry(21, 30, 512, 4, 8, 8);
        };
    }

    /** {@code PMD_SIZE}. */
    long pmdSize() {
        return 1L << pmdShift;
    }

    /** An address rounded down to what a bottom table covers ({@code & PMD_MASK}). */
    long pmdFloor(long address) {
        return address & -pmdSize();
    }
}
