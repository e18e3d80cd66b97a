package org.kmemscope.slab;

import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.phys.PhysicalMemory;

/**
 * The structures of the allocator that are bytes in RAM, by virtual address: what a wild write destroys.
 *
 * <pre>
 *   struct slab    0          4          8           12      16      20     24        28
 *                  | list.next | list.prev | colouroff | s_mem | inuse | free | nodeid  | index of object 0 | 1 | 2 | ...
 *
 *   colouroff      from the first byte of the slab's pages to object 0
 *   s_mem          address of object 0
 *   inuse          objects that are not in the free chain: those in arrays of CPUs count as in use
 *   free           number of the first free object; its index ({@code kmem_bufctl_t}) tells the next, the last has END
 *
 *   kmem_list3     0                        8                     16
 *                  | slabs_partial.next .prev | slabs_full.next .prev | slabs_free.next .prev | ... kept on the host
 * </pre>
 *
 * <p>Slabs lie in the linear mapping, so an access is an addition and goes past the page tables. An address outside of it, which
 * only an overwritten structure can hold, goes through the MMU, and oopses there as it does in Linux.
 */
final class SlabMemory {
    /** {@code sizeof(struct slab)}. */
    static final int SIZE = 28;
    /** {@code sizeof(kmem_bufctl_t)}. */
    static final int INDEX_SIZE = 4;
    /** {@code BUFCTL_END}. */
    static final int END = -1;

    /** Offsets of the three list heads in a {@code kmem_list3}. */
    static final int PARTIAL = 0;

    static final int FULL = 8;
    static final int FREE = 16;

    private static final int NEXT = 0;
    private static final int PREV = 4;
    private static final int COLOUR_OFFSET = 8;
    private static final int FIRST_OBJECT = 12;
    private static final int IN_USE = 16;
    private static final int FIRST_FREE = 20;
    private static final int NODE = 24;
    private static final long ADDRESS_MASK = 0xffff_ffffL;
    /** {@code LIST_POISON1} and {@code 2}: what {@code list_del} leaves in the links. */
    private static final int POISON_NEXT = 0x0010_0100;

    private static final int POISON_PREV = 0x0020_0200;
    /** Bytes of a line of a hex dump. */
    static final int HEX_LINE = 16;

    private final PhysicalMemory ram;
    private final Mmu mmu;
    private final long start;
    private final long length;
    private final long physStart;

    SlabMemory(AddressLayout layout, PhysicalMemory ram, Mmu mmu) {
        this.ram = ram;
        this.mmu = mmu;
        start = layout.pageOffset();
        length = layout.highMemory() - start;
        physStart = layout.physOffset();
    }

    private int read(long virt) {
        long offset = virt - start;
        return offset >= 0 && offset < length ? ram.read32(physStart + offset) : mmu.read32(virt);
    }

    private void write(long virt, int value) {
        long offset = virt - start;
        if (offset >= 0 && offset < length) {
            ram.write32(physStart + offset, value);
        } else {
            mmu.write32(virt, value);
        }
    }

    private long readAddress(long virt) {
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

    /** {@code memset} of an object. */
    void fill(long virt, long bytes, int value) {
        ram.fill(physStart + virt - start, bytes, value);
    }

    /** Up to 16 bytes in hex, each after a space. */
    String hexLine(long virt, int bytes) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < Math.min(bytes, HEX_LINE); i++) {
            line.append(String.format(" %02x", read(virt + i) & 0xff));
        }
        return line.toString();
    }

    // ---- struct slab

    void initSlab(long slab, long colourOffset, long firstObject) {
        write(slab + COLOUR_OFFSET, (int) colourOffset);
        write(slab + FIRST_OBJECT, (int) firstObject);
        write(slab + IN_USE, 0);
        write(slab + FIRST_FREE, 0);
        write(slab + NODE, 0);
    }

    long colourOffset(long slab) {
        return readAddress(slab + COLOUR_OFFSET);
    }

    long firstObject(long slab) {
        return readAddress(slab + FIRST_OBJECT);
    }

    /** Unsigned in Linux: a negative one is an overwritten one. */
    int inUse(long slab) {
        return read(slab + IN_USE);
    }

    void setInUse(long slab, int objects) {
        write(slab + IN_USE, objects);
    }

    int firstFree(long slab) {
        return read(slab + FIRST_FREE);
    }

    void setFirstFree(long slab, int index) {
        write(slab + FIRST_FREE, index);
    }

    /** What the index of an object says: the number of the next free one, if it is free itself. */
    int index(long slab, int object) {
        return read(slab + SIZE + (long) object * INDEX_SIZE);
    }

    void setIndex(long slab, int object, int next) {
        write(slab + SIZE + (long) object * INDEX_SIZE, next);
    }

    // ---- lists of slabs: the links are the first two words of a struct slab and of a head

    void initLists(long lists) {
        for (int head = PARTIAL; head <= FREE; head += FULL - PARTIAL) {
            link(lists + head, lists + head);
        }
    }

    /** Gives the slabs of one {@code kmem_list3} to another, which knows nothing yet. */
    void moveLists(long from, long to) {
        for (int offset = PARTIAL; offset <= FREE; offset += FULL - PARTIAL) {
            long head = to + offset;
            if (isEmpty(from + offset)) {
                link(head, head);
            } else {
                long first = next(from + offset);
                long last = previous(from + offset);
                link(head, first);
                link(last, head);
            }
        }
    }

    long next(long node) {
        return readAddress(node + NEXT);
    }

    long previous(long node) {
        return readAddress(node + PREV);
    }

    boolean isEmpty(long head) {
        return next(head) == head;
    }

    void addFirst(long head, long slab) {
        long first = next(head);
        link(slab, first);
        link(head, slab);
    }

    void addLast(long head, long slab) {
        long last = previous(head);
        link(last, slab);
        link(slab, head);
    }

    void unlink(long slab) {
        link(previous(slab), next(slab));
        write(slab + NEXT, POISON_NEXT);
        write(slab + PREV, POISON_PREV);
    }

    private void link(long before, long after) {
        write(before + NEXT, (int) after);
        write(after + PREV, (int) before);
    }
}
