package org.kmemscope.machine.exchange;

import java.util.Arrays;
import java.util.BitSet;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.slab.SlabHandover;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * What object allocators have left behind: blocks of pages with objects that somebody still holds. The machine keeps them until
 * their last object is freed, and gives them back to the page allocator then, after a grace period if readers may still look.
 *
 * <pre>
 *   page of the linear mapping ─→ blockOf ─→ block | pfn, order | from, slabs | first, count | live |
 *                                                                     │
 *                                            objects ←────────────────┘  offset, size, cache, live or free
 * </pre>
 *
 * <p>Nobody needs to know the slabs' geometry: an address is that of an object, or it is not. Frames have {@link PageFlag#HANDED_OVER}.
 * Freed blocks leave gaps in the tables, which are packed when the next allocator leaves; a free allocates nothing.
 */
final class HandedOver implements Stateful {
    static final int NONE = -1;
    private static final String STATE = "handed over";
    private static final String TIMER = "exchange: RCU grace period";
    private static final int FIRST_ROOM = 16;
    private static final int HANDED_OVER = PageFlag.HANDED_OVER.bit();
    private static final int OWNED = HANDED_OVER | PageFlag.SLAB.bit();

    private final ExchangeSite site;
    private final PageFrames frames;
    private final AddressLayout layout;
    private final Origins origins = new Origins();
    private final long start;
    private final long length;

    private int[] blockOf = {};
    private ObjectTable objects = new ObjectTable();

    // ---- by block

    private int[] pfns = new int[FIRST_ROOM];
    private int[] orders = new int[FIRST_ROOM];
    private int[] firsts = new int[FIRST_ROOM];
    private int[] counts = new int[FIRST_ROOM];
    private int[] lives = new int[FIRST_ROOM];
    /** Number of the allocator. */
    private int[] from = new int[FIRST_ROOM];
    /** Number of the name of the cache. */
    private int[] slabs = new int[FIRST_ROOM];
    /** 1 where pages must wait for readers. */
    private int[] graces = new int[FIRST_ROOM];

    /** Blocks in the tables, with those that are gone. */
    private int blocks;
    /** Blocks that hold pages. */
    private int held;
    /** Blocks without an object, which wait for the next tick. */
    private int[] waiting = new int[FIRST_ROOM];

    private int waitingCount;
    private long liveObjects;
    /** Live objects by the number of their cache. */
    private int[] liveOf = new int[FIRST_ROOM];

    HandedOver(ExchangeSite site) {
        this.site = site;
        frames = site.frames();
        layout = site.layout();
        start = layout.pageOffset();
        length = layout.highMemory() - start;
        site.clock().register(TIMER, unused -> endGracePeriod());
    }

    // ---- taking over

    /** Takes blocks over that {@link HandoverCheck} has found in order. */
    void take(SlabHandover handover) {
        pack();
        if (blockOf.length == 0 && !handover.blocks().isEmpty()) {
            blockOf = new int[(int) ((length + Profile.PAGE_SIZE - 1) >>> Profile.PAGE_SHIFT)];
        }
        int origin = origins.number(handover.from());
        origins.begin(origin);
        for (SlabHandover.Block block : handover.blocks()) {
            int first = objects.add(block.offsets(), block.sizes(), block.caches());
            int number = addBlock(block.pfn(), block.order(), first, block.offsets().length);
            lives[number] = block.offsets().length;
            from[number] = origin;
            slabs[number] = origins.number(block.slabs());
            graces[number] = block.afterGracePeriod() ? 1 : 0;
            for (int cache : block.caches()) {
                countLive(cache, 1);
            }
            for (int pfn = block.pfn(); pfn < block.pfn() + (1 << block.order()); pfn++) {
                frames.set(pfn, PageFlag.HANDED_OVER);
            }
            liveObjects += lives[number];
            origins.add(origin, lives[number], 1, 1L << block.order());
            if (lives[number] == 0) {
                await(number);
            }
        }
    }

    private void countLive(int cache, int change) {
        if (cache >= liveOf.length) {
            liveOf = Arrays.copyOf(liveOf, Integer.highestOneBit(cache) * 2);
        }
        liveOf[cache] += change;
    }

    private int addBlock(int pfn, int order, int first, int count) {
        if (blocks == pfns.length) {
            resize(2 * blocks);
        }
        int number = blocks++;
        pfns[number] = pfn;
        orders[number] = order;
        firsts[number] = first;
        counts[number] = count;
        Arrays.fill(blockOf, page(pfn), page(pfn) + (1 << order), number + 1);
        held++;
        return number;
    }

    private void resize(int room) {
        pfns = Arrays.copyOf(pfns, room);
        orders = Arrays.copyOf(orders, room);
        firsts = Arrays.copyOf(firsts, room);
        counts = Arrays.copyOf(counts, room);
        lives = Arrays.copyOf(lives, room);
        from = Arrays.copyOf(from, room);
        slabs = Arrays.copyOf(slabs, room);
        graces = Arrays.copyOf(graces, room);
    }

    /** Closes the gaps that freed blocks have left, once they are the larger part. */
    private void pack() {
        if (blocks <= 2 * held) {
            return;
        }
        ObjectTable old = objects;
        objects = new ObjectTable();
        int kept = 0;
        for (int block = 0; block < blocks; block++) {
            if (!isHeld(block)) {
                continue;
            }
            firsts[kept] = objects.add(old, firsts[block], counts[block]);
            pfns[kept] = pfns[block];
            orders[kept] = orders[block];
            counts[kept] = counts[block];
            lives[kept] = lives[block];
            from[kept] = from[block];
            slabs[kept] = slabs[block];
            graces[kept] = graces[block];
            Arrays.fill(blockOf, page(pfns[kept]), page(pfns[kept]) + (1 << orders[kept]), kept + 1);
            for (int i = 0; i < waitingCount; i++) {
                waiting[i] = waiting[i] == block ? kept : waiting[i];
            }
            kept++;
        }
        blocks = kept;
    }

    private int page(int pfn) {
        return pfn - layout.virtToPfn(start);
    }

    // ---- finding

    /** Whether an address lies in a block. */
    boolean holds(long virt) {
        return held != 0 && block(virt) != NONE;
    }

    /** The block an address lies in, or {@link #NONE}. */
    int block(long virt) {
        long offset = virt - start;
        return offset >= 0 && offset < length && blockOf.length > 0
                ? blockOf[(int) (offset >>> Profile.PAGE_SHIFT)] - 1
                : NONE;
    }

    /** The object around an address in a block, live or freed since; {@link #NONE} if none is known there. */
    int objectAt(int block, long virt) {
        int offset = (int) (virt - base(block));
        int object = objects.atOrBefore(offset, firsts[block], counts[block]);
        return object >= firsts[block] && offset - objects.offset(object) < objects.size(object) ? object : NONE;
    }

    /** Address of the first byte of a block. */
    long base(int block) {
        return layout.pfnToVirt(pfns[block]);
    }

    int order(int block) {
        return orders[block];
    }

    /** Name of the allocator that has left a block. */
    String from(int block) {
        return origins.name(from[block]);
    }

    /** Name of the cache that a block is a slab of; empty if it is of none. */
    String slabs(int block) {
        return origins.name(slabs[block]);
    }

    long address(int block, int object) {
        return base(block) + objects.offset(object);
    }

    /** Number of an object within its block. */
    int index(int block, int object) {
        return object - firsts[block];
    }

    ObjectTable objects() {
        return objects;
    }

    /** Number of the first object of a block. */
    int first(int block) {
        return firsts[block];
    }

    /** Objects of a block, with those freed since. */
    int count(int block) {
        return counts[block];
    }

    int live(int block) {
        return lives[block];
    }

    /** Blocks in the tables; not all of them are still held. */
    int blocks() {
        return blocks;
    }

    boolean isHeld(int block) {
        return blockOf[page(pfns[block])] == block + 1;
    }

    /** Blocks that hold pages. */
    int heldBlocks() {
        return held;
    }

    /** Objects that somebody holds. */
    long liveObjects() {
        return liveObjects;
    }

    /** Objects of a cache that somebody holds. */
    int liveOf(int cache) {
        return cache < liveOf.length ? liveOf[cache] : 0;
    }

    Origins origins() {
        return origins;
    }

    /** Lets a cache have the objects of another, with which it shares slabs. */
    void pass(int cache, int to) {
        for (int object = 0; object < objects.count(); object++) {
            if (objects.cache(object) == cache) {
                objects.setCache(object, to);
            }
        }
        countLive(to, liveOf(cache));
        countLive(cache, -liveOf(cache));
    }

    // ---- giving back

    /** Frees a live object. */
    void free(int block, int object) {
        objects.setFree(object);
        liveOf[objects.cache(object)]--;
        liveObjects--;
        lives[block]--;
        origins.freed(from[block]);
        if (lives[block] > 0) {
            return;
        }
        if (graces[block] != 0) {
            await(block);
        } else {
            release(block);
        }
    }

    private void await(int block) {
        if (waitingCount == waiting.length) {
            waiting = Arrays.copyOf(waiting, 2 * waitingCount);
        }
        waiting[waitingCount++] = block;
        if (waitingCount == 1) {
            site.clock().schedule(1, TIMER, 0);
        }
    }

    private void endGracePeriod() {
        int over = waitingCount;
        waitingCount = 0;
        for (int i = 0; i < over; i++) {
            release(waiting[i]);
        }
    }

    private void release(int block) {
        int pfn = pfns[block];
        int order = orders[block];
        for (int page = pfn; page < pfn + (1 << order); page++) {
            frames.clear(page, PageFlag.HANDED_OVER);
        }
        Arrays.fill(blockOf, page(pfn), page(pfn) + (1 << order), 0);
        held--;
        origins.released(from[block], 1L << order);
        site.pages().freePages(pfn, order);
    }

    // ---- checking

    /**
     * Checks the tables against the frames.
     *
     * @param known numbers of the caches that there are
     */
    void verify(Verification report, BitSet known) {
        long liveSeen = 0;
        int heldSeen = 0;
        for (int block = 0; block < blocks; block++) {
            if (isHeld(block)) {
                heldSeen++;
                verifyFrames(report, block);
                liveSeen += verifyObjects(report, block, known);
            }
        }
        report.check(heldSeen == held, "handed over: %d blocks are counted, there are %d", held, heldSeen);
        report.check(
                liveSeen == liveObjects,
                "handed over: %d live objects are counted, there are %d",
                liveObjects,
                liveSeen);
        for (int pfn = frames.firstPfn(); pfn < frames.endPfn(); pfn++) {
            boolean mine = blockOf.length > 0 && layout.isLowmem(pfn) && blockOf[page(pfn)] != 0;
            if (frames.is(pfn, PageFlag.HANDED_OVER) != mine) {
                report.problem("handed over: pfn 0x%x is%s marked so", pfn, mine ? " not" : "");
            }
        }
        report.checked((long) frames.endPfn() - frames.firstPfn());
    }

    private void verifyFrames(Verification report, int block) {
        int pfn = pfns[block];
        report.claim(pfn, 1 << orders[block], STATE);
        report.check(frames.count(pfn) == 1, "handed over: pfn 0x%x has a count of %d", pfn, frames.count(pfn));
        for (int page = pfn; page < pfn + (1 << orders[block]); page++) {
            if ((frames.flags(page) & OWNED) != HANDED_OVER) {
                report.problem("handed over: pfn 0x%x has flags %s", page, PageFlag.of(frames.flags(page)));
            }
        }
    }

    private int verifyObjects(Verification report, int block, BitSet known) {
        int live = 0;
        int end = 0;
        for (int object = firsts[block]; object < firsts[block] + counts[block]; object++) {
            if (objects.offset(object) < end) {
                report.problem("handed over: object 0x%08x begins in the one before", address(block, object));
            }
            end = objects.offset(object) + objects.size(object);
            if (objects.isLive(object)) {
                live++;
                int cache = objects.cache(object);
                if (cache != 0 && !known.get(cache)) {
                    report.problem(
                            "handed over: object 0x%08x is of cache %d, which does not exist",
                            address(block, object), cache);
                }
            }
        }
        report.checked(2L * counts[block]);
        report.check(
                end <= Profile.PAGE_SIZE << orders[block], "handed over: objects reach beyond pfn 0x%x", pfns[block]);
        report.check(
                live == lives[block],
                "handed over: pfn 0x%x counts %d objects, there are %d",
                pfns[block],
                lives[block],
                live);
        return live;
    }

    // ---- copying

    @Override
    public void save(StateWriter out) {
        origins.save(out);
        out.putInts(blockOf);
        objects.save(out);
        for (int[] column : new int[][] {pfns, orders, firsts, counts, lives, from, slabs, graces}) {
            out.putInts(Arrays.copyOf(column, blocks));
        }
        out.putInt(held);
        out.putInts(Arrays.copyOf(waiting, waitingCount));
        out.putLong(liveObjects);
        out.putInts(liveOf);
    }

    @Override
    public void restore(StateReader in) {
        origins.restore(in);
        blockOf = in.getInts();
        objects.restore(in);
        pfns = in.getInts();
        blocks = pfns.length;
        orders = in.getInts();
        firsts = in.getInts();
        counts = in.getInts();
        lives = in.getInts();
        from = in.getInts();
        slabs = in.getInts();
        graces = in.getInts();
        resize(Math.max(FIRST_ROOM, blocks));
        held = in.getInt();
        int[] saved = in.getInts();
        waitingCount = saved.length;
        waiting = Arrays.copyOf(saved, Math.max(FIRST_ROOM, waitingCount));
        liveObjects = in.getLong();
        liveOf = in.getInts();
    }
}
