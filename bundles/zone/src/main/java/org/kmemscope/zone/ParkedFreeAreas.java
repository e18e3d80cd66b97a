package org.kmemscope.zone;

import java.util.BitSet;
import org.kmemscope.api.error.MissingPart;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.phys.FrameLists;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.zone.FreeAreaHost;
import org.kmemscope.api.zone.FreeAreas;

/**
 * Keeps the free blocks of a zone while there is no engine for them: in the order in which they were on their lists. It takes what is
 * freed meanwhile, without merging, and gives nothing out.
 *
 * <p>They are list {@code order * types + type} of {@link FrameLists}, and marked as free.
 */
final class ParkedFreeAreas implements FreeAreas {
    static final String NAME = "none";
    private static final int BUDDY = PageFlag.BUDDY.bit();
    private static final int TYPE_SHIFT = 8;

    private final PageFrames frames;
    private final int firstPfn;
    private final int maxOrder;
    private final int types;
    private final FrameLists lists;
    /** Blocks that were freed meanwhile, by frame from the zone's first. */
    private BitSet freed = new BitSet();

    ParkedFreeAreas(Ground ground, FreeAreaHost host, int maxOrder) {
        frames = ground.frames();
        firstPfn = host.startPfn();
        this.maxOrder = maxOrder;
        types = ground.gfp().migrateTypes().count();
        lists = new FrameLists(frames, maxOrder * types);
    }

    /** Whether a block was freed since there is no engine: it is not merged with its buddy. */
    boolean wasFreed(int pfn) {
        return freed.get(pfn - firstPfn);
    }

    private static MissingPart missing() {
        return new MissingPart("no engine of free areas; start a bundle that provides one");
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int maxOrder() {
        return maxOrder;
    }

    @Override
    public int take(int order, int migratetype, boolean cma) {
        throw missing();
    }

    @Override
    public int takeOfType(int order, int migratetype) {
        throw missing();
    }

    @Override
    public int moveBlock(int pfn, int migratetype) {
        throw missing();
    }

    @Override
    public void remove(int pfn) {
        throw missing();
    }

    @Override
    public void put(int pfn, int order, int migratetype) {
        append(pfn, order, migratetype);
        freed.set(pfn - firstPfn);
    }

    @Override
    public void putLast(int pfn, int order, int migratetype) {
        put(pfn, order, migratetype);
    }

    @Override
    public void append(int pfn, int order, int migratetype) {
        lists.addLast(order * types + migratetype, pfn);
        frames.setFlags(pfn, frames.flags(pfn) | BUDDY);
        frames.setPrivateData(pfn, order | migratetype << TYPE_SHIFT);
    }

    @Override
    public void clear() {
        for (int list = 0; list < lists.lists(); list++) {
            for (int pfn = lists.first(list); pfn != NONE; pfn = frames.next(pfn)) {
                frames.setFlags(pfn, frames.flags(pfn) & ~BUDDY);
            }
        }
        lists.clear();
        freed.clear();
    }

    @Override
    public int count(int order) {
        int blocks = 0;
        for (int type = 0; type < types; type++) {
            blocks += count(order, type);
        }
        return blocks;
    }

    @Override
    public int count(int order, int migratetype) {
        return lists.length(order * types + migratetype);
    }

    @Override
    public boolean hasBlock(int order, int migratetype) {
        for (int current = order; current < maxOrder; current++) {
            if (count(current, migratetype) > 0) {
                return true;
            }
        }
        return false;
    }

    @Override
    public int first(int order, int migratetype) {
        return lists.first(order * types + migratetype);
    }

    @Override
    public int nextBlock(int pfn) {
        return frames.next(pfn);
    }

    @Override
    public void verify(Verification report) {
        for (int list = 0; list < lists.lists(); list++) {
            int order = list / types;
            int found = 0;
            for (int pfn = lists.first(list); pfn != NONE && found <= lists.length(list); pfn = frames.next(pfn)) {
                found++;
                report.check(
                        frames.is(pfn, PageFlag.BUDDY)
                                && frames.privateData(pfn) == (order | list % types << TYPE_SHIFT),
                        "parked block 0x%x is not marked as one of order %d",
                        pfn,
                        order);
                report.claim(pfn, 1 << order, "free");
            }
            report.check(
                    found == lists.length(list),
                    "parked: order %d counts %d blocks, there are %d",
                    order,
                    lists.length(list),
                    found);
        }
    }

    @Override
    public void save(StateWriter out) {
        lists.save(out);
        out.putLongs(freed.toLongArray());
    }

    @Override
    public void restore(StateReader in) {
        lists.restore(in);
        freed = BitSet.valueOf(in.getLongs());
    }
}
