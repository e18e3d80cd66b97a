package org.kmemscope.vmalloc;

import java.util.Arrays;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * The blocks from which vm_map_ram serves requests of up to 32 pages ({@code struct vmap_block}).
 *
 * <pre>
 *   pages of a block    | taken and mapped | taken and given back: dirty |   free    |
 *                       0                                                            rules.pages()
 *   per CPU             a list of the blocks that have free pages, in the order they are tried
 * </pre>
 *
 * <ol>
 *   <li>A request of n pages takes 2^order >= n of them, from the first block on this CPU's list that has so many: the next ones, or
 *       before 3.12 the lowest free run that is naturally aligned. A block without free pages leaves the list.
 *   <li>No block has room: a new one, as large and as aligned as all, joins the list.
 *   <li>Pages given back are dirty: they are not used again before the whole block has gone. That happens when all of it is dirty, or
 *       when a purge finds that what is not dirty is free.
 * </ol>
 */
final class VmapBlocks implements Stateful {
    static final int NONE = -1;
    private static final int PAGE_SIZE = Profile.PAGE_SIZE;
    private static final int FIRST_CAPACITY = 8;
    private static final int GONE = -1;
    // states of a page; 0 is free
    private static final byte MAPPED = 1;
    private static final byte DIRTY = 2;
    /** Taken with a request, but not mapped: what rounding up has added. */
    private static final byte SPARE = 3;

    private final ObjectFloor floor;
    private final BlockRules rules;
    private final VmapSpace space;
    private final Mmu mmu;
    private final ExecutionContext context;
    private final boolean unmapsAtOnce;
    private final int cpus;
    /** Start of each block; {@link #GONE} for an unused number. */
    private long[] starts = new long[0];

    private int[] cpuOf = new int[0];
    private int[] free = new int[0];
    private int[] dirty = new int[0];
    private long[] objects = new long[0];
    /** By block and page: its state. */
    private byte[] pages = new byte[0];
    /** By CPU: numbers of the blocks with free pages, in order; the first word is how many. */
    private final int[][] lists;

    VmapBlocks(ObjectFloor floor, VmallocRules rules, VmapSpace space) {
        this.floor = floor;
        this.rules = rules.blocks();
        this.space = space;
        mmu = floor.mmu();
        context = floor.context();
        unmapsAtOnce = rules.freeing() == Freeing.UNMAPPED_AT_FREE || rules.debugPagealloc();
        cpus = floor.profile().cpus();
        lists = new int[cpus][1];
        space.setFragments(this::purgeFragments);
    }

    // ---- taking

    /**
     * {@code vb_alloc()}.
     *
     * @param count 1 to {@link BlockRules#LARGEST} pages
     * @return address, or 0
     */
    long alloc(int count, int gfp) {
        int wanted = rounded(count);
        int[] list = lists[context.cpu()];
        for (int i = 1; i <= list[0]; i++) {
            int block = list[i];
            int at = free[block] >= wanted ? place(block, wanted) : NONE;
            if (at != NONE) {
                return take(block, at, count, wanted);
            }
        }
        int block = newBlock(gfp);
        return block == NONE ? 0 : take(block, 0, count, wanted);
    }

    /** {@code 1 << get_order()}. */
    private static int rounded(int count) {
        return count <= 1 ? 1 : Integer.highestOneBit(count - 1) << 1;
    }

    private int place(int block, int wanted) {
        if (!rules.searches()) {
            return rules.pages() - free[block];
        }
        int base = block * rules.pages();
        for (int at = 0; at + wanted <= rules.pages(); at += wanted) {
            int page = at;
            while (page < at + wanted && pages[base + page] == 0) {
                page++;
            }
            if (page == at + wanted) {
                return at;
            }
        }
        return NONE;
    }

    private long take(int block, int at, int count, int wanted) {
        int base = block * rules.pages() + at;
        Arrays.fill(pages, base, base + count, MAPPED);
        Arrays.fill(pages, base + count, base + wanted, SPARE);
        free[block] -= wanted;
        if (free[block] == 0) {
            unlist(block);
        }
        return starts[block] + (long) at * PAGE_SIZE;
    }

    private int newBlock(int gfp) {
        ObjectAllocator allocator = floor.objects();
        long object = allocator.kmalloc(rules.objectBytes(), gfp);
        if (object == 0) {
            return NONE;
        }
        long size = (long) rules.pages() * PAGE_SIZE;
        long start = Placement.NONE;
        try {
            start = space.alloc(size, size, gfp);
        } finally {
            if (start == Placement.NONE) {
                allocator.kfree(object);
            }
        }
        if (start == Placement.NONE) {
            return NONE;
        }
        int block = unusedNumber();
        starts[block] = start;
        cpuOf[block] = context.cpu();
        free[block] = rules.pages();
        dirty[block] = 0;
        objects[block] = object;
        Arrays.fill(pages, block * rules.pages(), (block + 1) * rules.pages(), (byte) 0);
        list(block);
        return block;
    }

    private int unusedNumber() {
        for (int block = 0; block < starts.length; block++) {
            if (starts[block] == GONE) {
                return block;
            }
        }
        int before = starts.length;
        resize(Math.max(FIRST_CAPACITY, 2 * before));
        return before;
    }

    private void resize(int capacity) {
        int before = starts.length;
        starts = Arrays.copyOf(starts, capacity);
        Arrays.fill(starts, before, capacity, GONE);
        cpuOf = Arrays.copyOf(cpuOf, capacity);
        free = Arrays.copyOf(free, capacity);
        dirty = Arrays.copyOf(dirty, capacity);
        objects = Arrays.copyOf(objects, capacity);
        pages = Arrays.copyOf(pages, capacity * rules.pages());
    }

    private void list(int block) {
        int cpu = cpuOf[block];
        int count = lists[cpu][0];
        if (count + 1 == lists[cpu].length) {
            lists[cpu] = Arrays.copyOf(lists[cpu], 2 * (count + 1));
        }
        int[] list = lists[cpu];
        int at = rules.newLast() ? count + 1 : 1;
        System.arraycopy(list, at, list, at + 1, count + 1 - at);
        list[at] = block;
        list[0] = count + 1;
    }

    private void unlist(int block) {
        int[] list = lists[cpuOf[block]];
        for (int i = 1; i <= list[0]; i++) {
            if (list[i] == block) {
                System.arraycopy(list, i + 1, list, i, list[0] - i);
                list[0]--;
                return;
            }
        }
    }

    // ---- giving back

    /**
     * {@code vb_free()}.
     *
     * @return false, with nothing done, if exactly these pages are not mapped by one request
     */
    boolean release(long address, int count) {
        int block = containing(address);
        if (block == NONE) {
            return false;
        }
        int at = (int) ((address - starts[block]) / PAGE_SIZE);
        int wanted = rounded(count);
        int base = block * rules.pages() + at;
        if (!isRequest(block, at, count, wanted)) {
            return false;
        }
        if (unmapsAtOnce) {
            for (int i = 0; i < count; i++) {
                mmu.unmap(address + (long) i * PAGE_SIZE);
            }
        }
        Arrays.fill(pages, base, base + wanted, DIRTY);
        dirty[block] += wanted;
        if (dirty[block] == rules.pages()) {
            drop(block);
        }
        return true;
    }

    private boolean isRequest(int block, int at, int count, int wanted) {
        if (at + wanted > rules.pages()) {
            return false;
        }
        int base = block * rules.pages() + at;
        for (int i = 0; i < wanted; i++) {
            if (pages[base + i] != (i < count ? MAPPED : SPARE)) {
                return false;
            }
        }
        return true;
    }

    /** {@code free_vmap_block()}. */
    private void drop(int block) {
        long start = starts[block];
        starts[block] = GONE;
        space.free(start);
        floor.objects().kfree(objects[block]);
    }

    /** {@code purge_fragmented_blocks()}: nothing is mapped in them, and what is free will not make them full. */
    private void purgeFragments() {
        if (!rules.purgesFragments()) {
            return;
        }
        for (int cpu = 0; cpu < cpus; cpu++) {
            int i = 1;
            while (i <= lists[cpu][0]) {
                int block = lists[cpu][i];
                if (dirty[block] > 0 && free[block] + dirty[block] == rules.pages()) {
                    unlist(block);
                    drop(block);
                } else {
                    i++;
                }
            }
        }
    }

    /**
     * {@code vm_unmap_aliases()}: purges everything, and flushes what blocks in use have given back. Kernels that unmap late unmap it
     * now.
     */
    void unmapAliases() {
        long from = Long.MAX_VALUE;
        long to = 0;
        for (int cpu = 0; cpu < cpus; cpu++) {
            for (int i = 1; i <= lists[cpu][0]; i++) {
                int block = lists[cpu][i];
                for (int page = 0; page < rules.pages(); page++) {
                    if (pages[block * rules.pages() + page] == DIRTY) {
                        long virt = starts[block] + (long) page * PAGE_SIZE;
                        from = Math.min(from, virt);
                        to = Math.max(to, virt + PAGE_SIZE);
                        if (!unmapsAtOnce) {
                            mmu.unmap(virt);
                        }
                    }
                }
            }
        }
        purgeFragments();
        space.purgeLazy(from, to, to > 0);
    }

    // ---- looking

    /** The block that contains an address, or {@link #NONE}. */
    int containing(long address) {
        long size = (long) rules.pages() * PAGE_SIZE;
        for (int block = 0; block < starts.length; block++) {
            if (starts[block] != GONE && address >= starts[block] && address < starts[block] + size) {
                return block;
            }
        }
        return NONE;
    }

    /** What is known of one page of a block. */
    String describe(int block, long address) {
        return switch (state(block, address)) {
            case MAPPED -> "mapped";
            case DIRTY -> "given back";
            case SPARE -> "taken to round a request up";
            default -> "free";
        };
    }

    boolean isMapped(int block, long address) {
        return state(block, address) == MAPPED;
    }

    private byte state(int block, long address) {
        return pages[block * rules.pages() + (int) ((address - starts[block]) / PAGE_SIZE)];
    }

    int pagesPerBlock() {
        return rules.pages();
    }

    /** Checks the counters against the pages, and the pages against the page tables. */
    void verify(Verification report) {
        for (int block = 0; block < starts.length; block++) {
            if (starts[block] != GONE) {
                verify(report, block);
            }
        }
    }

    private void verify(Verification report, int block) {
        int index = space.busy().startingAt(starts[block]);
        long size = (long) rules.pages() * PAGE_SIZE;
        report.check(
                index >= 0 && space.busy().end(index) - starts[block] == size,
                "vmalloc: the block at 0x%08x is no range in use",
                starts[block]);
        int countFree = 0;
        int countDirty = 0;
        for (long virt = starts[block]; virt < starts[block] + size; virt += PAGE_SIZE) {
            byte state = state(block, virt);
            countFree += state == 0 ? 1 : 0;
            countDirty += state == DIRTY ? 1 : 0;
            boolean mapped = mmu.lookup(virt) >= 0;
            report.check(
                    state == MAPPED ? mapped : !mapped || state == DIRTY && !unmapsAtOnce,
                    "vmalloc: page 0x%08x of a block is %s, but its page table entry is %s",
                    virt,
                    describe(block, virt),
                    mapped ? "set" : "empty");
        }
        report.check(
                countFree == free[block] && countDirty == dirty[block] && isListed(block) == (countFree > 0),
                "vmalloc: the block at 0x%08x counts %d free and %d dirty pages, there are %d and %d",
                starts[block],
                free[block],
                dirty[block],
                countFree,
                countDirty);
    }

    private boolean isListed(int block) {
        int[] list = lists[cpuOf[block]];
        for (int i = 1; i <= list[0]; i++) {
            if (list[i] == block) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(starts);
        out.putInts(cpuOf);
        out.putInts(free);
        out.putInts(dirty);
        out.putLongs(objects);
        out.putBytes(pages);
        for (int[] list : lists) {
            out.putInts(list);
        }
    }

    @Override
    public void restore(StateReader in) {
        starts = in.getLongs();
        cpuOf = in.getInts();
        free = in.getInts();
        dirty = in.getInts();
        objects = in.getLongs();
        pages = in.getBytes();
        for (int cpu = 0; cpu < cpus; cpu++) {
            lists[cpu] = in.getInts();
        }
    }
}
