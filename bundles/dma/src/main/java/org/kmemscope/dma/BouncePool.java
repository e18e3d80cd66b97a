package org.kmemscope.dma;

import java.util.Arrays;
import java.util.Optional;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.BootOptions;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * The software IO TLB: memory that every device reaches, to which buffers that it does not reach are copied.
 *
 * <pre>
 *   | slot | slot | ...             2 KiB each
 *   |------- segment -------|       128 slots; a mapping does not cross into the next, so 256 KiB is the most
 *   free[i]                         free slots in a row from slot i to the end of its segment; 0 if it is taken
 * </pre>
 *
 * <ol>
 *   <li>The search goes on where the last one ended (next fit), and once around.
 *   <li>A mapping of a page and more begins at a page.
 * </ol>
 *
 * <p>Real kernels set 64 MiB aside early in boot, on machines whose memory goes beyond what devices reach; here it is what
 * {@code swiotlb_init_late()} gets: the largest block of low memory, if {@code swiotlb=} is on the command line. Source:
 * {@code kernel/dma/swiotlb.c}.
 */
final class BouncePool implements Stateful {
    static final int SLOT_SHIFT = 11;
    static final int SEGMENT = 128;
    private static final int SLOTS_PER_PAGE = Profile.PAGE_SIZE >> SLOT_SHIFT;
    private static final String OPTION = "swiotlb";
    private static final String FORCE = "force";

    private final PageFloor floor;
    private final boolean forced;
    private int pfn;
    private int order;
    private int[] free;
    private int index;
    private int used;

    private BouncePool(PageFloor floor, boolean forced) {
        this.floor = floor;
        this.forced = forced;
    }

    /** The pool that the command line asks for. */
    static Optional<BouncePool> boot(PageFloor floor) {
        BootOptions options = floor.profile().kernel().options();
        Optional<String> value = options.get(OPTION);
        if (value.isEmpty() || value.get().equals("noforce")) {
            return Optional.empty();
        }
        BouncePool pool = new BouncePool(floor, value.get().contains(FORCE));
        pool.take(slots(value.get()));
        return pool.free.length == 0 ? Optional.empty() : Optional.of(pool);
    }

    private static int slots(String value) {
        String number = value.replaceAll("[^0-9].*", "");
        return number.isEmpty() ? Integer.MAX_VALUE : Integer.parseInt(number);
    }

    /** As much as there is in one block, down to a segment. */
    private void take(int wanted) {
        int flags = floor.gfp().of(Gfp.GFP_KERNEL)
                | floor.gfp().of(Gfp.__GFP_NOWARN)
                | floor.gfp().orZero(Gfp.__GFP_DMA);
        int most = floor.layout().zones().maxOrder() - 1;
        order = Math.min(most, Orders.ofPages(Math.max(1, Math.min(wanted, 1 << 20) / SLOTS_PER_PAGE)));
        pfn = -1;
        while (pfn < 0 && SLOTS_PER_PAGE << order >= SEGMENT) {
            pfn = floor.pages().allocPages(flags, order);
            order -= pfn < 0 ? 1 : 0;
        }
        free = new int[pfn < 0 ? 0 : SLOTS_PER_PAGE << order];
        for (int slot = 0; slot < free.length; slot++) {
            free[slot] = SEGMENT - slot % SEGMENT;
        }
    }

    /** Whether buffers within reach are copied, too. */
    boolean forced() {
        return forced;
    }

    int slots() {
        return free.length;
    }

    int used() {
        return used;
    }

    long start() {
        return (long) pfn << Profile.PAGE_SHIFT;
    }

    long end() {
        return start() + ((long) free.length << SLOT_SHIFT);
    }

    long phys(int slot) {
        return start() + ((long) slot << SLOT_SHIFT);
    }

    static int slotsOf(long size) {
        return (int) (size + (1 << SLOT_SHIFT) - 1 >>> SLOT_SHIFT);
    }

    /** {@code map_single()}: the first of the slots for a buffer, or {@link Mapping#NO_SLOT}. */
    int take(long size) {
        int count = size > (long) SEGMENT << SLOT_SHIFT ? SEGMENT + 1 : slotsOf(size);
        int stride = size >= Profile.PAGE_SIZE ? SLOTS_PER_PAGE : 1;
        int start = (index + stride - 1) / stride * stride % free.length;
        int slot = start;
        do {
            if (free[slot] >= count) {
                occupy(slot, count);
                return slot;
            }
            slot = (slot + stride) % free.length;
        } while (slot != start);
        return Mapping.NO_SLOT;
    }

    private void occupy(int slot, int count) {
        Arrays.fill(free, slot, slot + count, 0);
        recount(slot - 1);
        index = (slot + count) % free.length;
        used += count;
    }

    /** Gives slots back. */
    void give(int slot, long size) {
        int count = slotsOf(size);
        int after = slot + count;
        int run = after % SEGMENT == 0 ? 0 : free[after];
        for (int i = after - 1; i >= slot; i--) {
            free[i] = ++run;
        }
        recount(slot - 1);
        used -= count;
    }

    /** Counts the free slots before a change anew, back to a taken one or the begin of the segment. */
    private void recount(int last) {
        int run = (last + 1) % SEGMENT == 0 ? 0 : free[last + 1];
        for (int i = last; i >= 0 && i % SEGMENT != SEGMENT - 1 && free[i] != 0; i--) {
            free[i] = ++run;
        }
    }

    /** Frames it holds. */
    void verify(Verification report) {
        report.claim(pfn, 1 << order, "software IO TLB");
        int taken = 0;
        for (int slot = 0; slot < free.length; slot++) {
            taken += free[slot] == 0 ? 1 : 0;
            int next = slot % SEGMENT == SEGMENT - 1 ? 0 : free[slot + 1];
            report.check(
                    free[slot] == 0 || free[slot] == next + 1,
                    "slot %d of the software IO TLB counts %d free ones, but the next counts %d",
                    slot,
                    free[slot],
                    next);
        }
        report.check(taken == used, "the software IO TLB counts %d slots in use, but %d are", used, taken);
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(new int[] {pfn, order, index, used});
        out.putInts(free);
    }

    @Override
    public void restore(StateReader in) {
        int[] values = in.getInts();
        pfn = values[0];
        order = values[1];
        index = values[2];
        used = values[3];
        free = in.getInts();
    }
}
