package org.kmemscope.slub;

import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.phys.PhysicalMemory;

/**
 * The bytes of objects, by virtual address. Slabs lie in the linear mapping, so an access is an addition and goes past the page tables.
 * An address outside of it, which only an overwritten free pointer can hold, goes through the MMU, and oopses there as it does in Linux.
 */
final class ObjectMemory {
    private static final long ADDRESS_MASK = 0xffff_ffffL;

    private final PhysicalMemory ram;
    private final Mmu mmu;
    private final long start;
    private final long length;
    private final long physStart;

    ObjectMemory(AddressLayout layout, PhysicalMemory ram, Mmu mmu) {
        this.ram = ram;
        this.mmu = mmu;
        start = layout.pageOffset();
        length = layout.highMemory() - start;
        physStart = layout.physOffset();
    }

    int read(long virt) {
        long offset = virt - start;
        return offset >= 0 && offset < length ? ram.read32(physStart + offset) : mmu.read32(virt);
    }

    void write(long virt, int value) {
        long offset = virt - start;
        if (offset >= 0 && offset < length) {
            ram.write32(physStart + offset, value);
        } else {
            mmu.write32(virt, value);
        }
    }

    long readAddress(long virt) {
        return read(virt) & ADDRESS_MASK;
    }

    /** Whether an address lies in the linear mapping. */
    boolean isLinear(long virt) {
        long offset = virt - start;
        return offset >= 0 && offset < length;
    }

    /** Whether a word can be read there without a fault: for those who only look. */
    boolean isReadable(long virt) {
        return isLinear(virt) && ram.isRam(physStart + virt - start, Integer.BYTES);
    }

    /** A byte of the linear mapping, 0 to 255. */
    int readByte(long virt) {
        return ram.read8(physStart + virt - start);
    }

    /** {@code memset} within the linear mapping. */
    void fill(long virt, long bytes, int value) {
        ram.fill(physStart + virt - start, bytes, value);
    }
}
