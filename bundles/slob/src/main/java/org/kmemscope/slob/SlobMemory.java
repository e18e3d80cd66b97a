package org.kmemscope.slob;

import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.phys.PhysicalMemory;

/**
 * The structures of the allocator that are bytes in RAM: what a wild write destroys.
 *
 * <p>Terms: a <em>unit</em> is two bytes ({@code SLOB_UNIT}); a page has 2048 of them, by number. A block is a run of units.
 *
 * <pre>
 *   free block of n units     0        2        4                        n: 2 to 2048
 *                             | n      | next   | left as it was ...     next: number of the first unit of the next free block
 *   free block of one unit    | -next  |                                       of the page, by rising address; 2048 for none
 *
 *   kmalloc'ed object         0              align
 *                             | size, 4 bytes | object ...               size: what was asked for
 *
 *   object that waits for     0              size - 12     -8     -4
 *   a grace period of RCU     | object ...   | head.next | head.func | size |
 * </pre>
 *
 * <p>Numbers are signed 16-bit ones ({@code slobidx_t}), so that a unit tells by its sign what it holds.
 */
final class SlobMemory {
    /** Log2 of the bytes of a unit. */
    static final int UNIT_SHIFT = 1;
    /** {@code SLOB_UNIT}: bytes of a unit. */
    static final int UNIT = 1 << UNIT_SHIFT;
    /** {@code SLOB_UNITS(PAGE_SIZE)}; as the number of a unit, the end of a page. */
    static final int PAGE_UNITS = Profile.PAGE_SIZE >> UNIT_SHIFT;
    /** {@code sizeof(struct slob_rcu)}. */
    static final int RCU_SIZE = 12;

    private static final int RCU_NEXT = 0;
    private static final int RCU_FUNC = 4;
    private static final int RCU_OBJECT_SIZE = 8;
    private static final long ADDRESS_MASK = 0xffff_ffffL;

    private final PhysicalMemory ram;
    private final AddressLayout layout;

    SlobMemory(AddressLayout layout, PhysicalMemory ram) {
        this.layout = layout;
        this.ram = ram;
    }

    /** {@code SLOB_UNITS()}: units that so many bytes take. */
    static int units(int bytes) {
        return (bytes + UNIT - 1) >> UNIT_SHIFT;
    }

    // ---- addresses

    /** Virtual address of a unit of a page. */
    long address(int pfn, int unit) {
        return layout.pfnToVirt(pfn) + ((long) unit << UNIT_SHIFT);
    }

    /** The unit of its page that an address lies in. */
    static int unitOf(long virt) {
        return (int) (virt & Profile.PAGE_SIZE - 1) >> UNIT_SHIFT;
    }

    /** Whether there is RAM behind an address of the linear mapping. */
    boolean isReadable(long virt) {
        return layout.isLinear(virt) && ram.isRam(layout.virtToPhys(virt), 1);
    }

    void fill(long virt, long bytes, int value) {
        ram.fill(layout.virtToPhys(virt), bytes, value);
    }

    void writeText(long virt, byte[] text) {
        ram.write(layout.virtToPhys(virt), text, 0, text.length);
    }

    // ---- free blocks

    private static long phys(int pfn, int unit) {
        return ((long) pfn << Profile.PAGE_SHIFT) + ((long) unit << UNIT_SHIFT);
    }

    private int read(int pfn, int unit) {
        return (short) ram.read16(phys(pfn, unit));
    }

    /** Units of a free block. */
    int units(int pfn, int unit) {
        int value = read(pfn, unit);
        return value > 0 ? value : 1;
    }

    /** Number of the first unit of the free block that follows. Whatever was written there, as far as the page has room for it. */
    int next(int pfn, int unit) {
        int value = read(pfn, unit);
        if (value < 0) {
            return -value;
        }
        return unit + 1 < PAGE_UNITS ? read(pfn, unit + 1) : 0;
    }

    void setFree(int pfn, int unit, int units, int next) {
        if (units > 1) {
            ram.write16(phys(pfn, unit), units);
            ram.write16(phys(pfn, unit + 1), next);
        } else {
            ram.write16(phys(pfn, unit), -next);
        }
    }

    // ---- kmalloc'ed objects

    /** What was asked for, as the word before an object has it; negative for more than any request can be. */
    int requested(long block) {
        return ram.read32(layout.virtToPhys(block));
    }

    void setRequested(long block, int size) {
        ram.write32(layout.virtToPhys(block), size);
    }

    // ---- objects that wait for a grace period, by the address of their struct slob_rcu

    long rcuNext(long tail) {
        return ram.read32(layout.virtToPhys(tail + RCU_NEXT)) & ADDRESS_MASK;
    }

    void setRcuNext(long tail, long next) {
        ram.write32(layout.virtToPhys(tail + RCU_NEXT), (int) next);
    }

    int rcuSize(long tail) {
        return ram.read32(layout.virtToPhys(tail + RCU_OBJECT_SIZE));
    }

    /** A tail that is the last in the queue. There is no code in RAM that its {@code func} could lead to. */
    void initRcu(long tail, int size) {
        setRcuNext(tail, 0);
        ram.write32(layout.virtToPhys(tail + RCU_FUNC), 0);
        ram.write32(layout.virtToPhys(tail + RCU_OBJECT_SIZE), size);
    }
}
