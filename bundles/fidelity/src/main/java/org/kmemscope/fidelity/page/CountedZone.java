package org.kmemscope.fidelity.page;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.api.page.PageState.FreeList;
import org.kmemscope.api.page.PageState.ZoneState;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/**
 * A state of a zone with as many free blocks of each order as a kernel had, where nothing tells which. It starts from another state of the
 * zone: blocks that are too many are taken off the ends of their lists, missing ones are made of frames in use, so that no two buddies are
 * free. If it is known which block the next request is served from, that one is at the head of its list, and the lists of smaller orders
 * hold nothing that the request might take before it. Per-CPU lists are empty.
 */
final class CountedZone {
    private final PageFrames frames;
    private final MigrateTypes types;
    private final ZoneState base;
    private final int pageblockOrder;
    private final int end;
    private final List<Integer> wanted;
    /** Blocks by order and type, as they lie on the list. */
    private final List<List<List<Integer>>> lists = new ArrayList<>();
    /** First frames of the free blocks, by order. */
    private final List<TreeSet<Integer>> heads = new ArrayList<>();

    private final BitSet free = new BitSet();
    private final int[] blockTypes;

    private CountedZone(Machine machine, ZoneState base, List<Integer> wanted) {
        frames = machine.frames();
        types = machine.gfp().migrateTypes();
        this.base = base;
        this.wanted = wanted;
        pageblockOrder = frames.pageblockOrder();
        end = (int) (base.startPfn() + base.spanned());
        blockTypes = base.blockTypes().clone();
        for (int order = 0; order < wanted.size(); order++) {
            List<List<Integer>> byType = new ArrayList<>();
            for (int type = 0; type < types.count(); type++) {
                byType.add(new ArrayList<>());
            }
            lists.add(byType);
            heads.add(new TreeSet<>());
        }
        for (FreeList list : base.freeLists()) {
            for (int pfn : list.pfns()) {
                add(pfn, list.order(), list.migratetype(), false);
            }
        }
    }

    /**
     * The state.
     *
     * @param base a state of the zone, whose watermarks and pageblocks it takes over
     * @param counted how many blocks there are
     * @param taken the block that the next request is served from, if it is known
     * @return empty if the zone has not enough frames in use to make free blocks of
     */
    static Optional<ZoneState> of(Machine machine, ZoneState base, FreeBlocks.Zone counted, Optional<Taken> taken) {
        CountedZone zone = new CountedZone(machine, base, counted.blocks());
        taken.ifPresent(zone::place);
        return zone.fill(taken) ? Optional.of(zone.state(counted)) : Optional.empty();
    }

    private void add(int pfn, int order, int type, boolean first) {
        List<Integer> list = lists.get(order).get(type);
        list.add(first ? 0 : list.size(), pfn);
        heads.get(order).add(pfn);
        free.set(pfn, pfn + (1 << order));
    }

    private void remove(int pfn, int order) {
        lists.get(order).forEach(list -> list.remove(Integer.valueOf(pfn)));
        heads.get(order).remove(pfn);
        free.clear(pfn, pfn + (1 << order));
    }

    private void place(Taken taken) {
        int type = isCma(taken.start()) ? types.indexOf(MigrateType.CMA) : taken.type();
        clear(around(taken), orderAround(taken));
        int other =
                types.indexOf(type == types.indexOf(MigrateType.MOVABLE) ? MigrateType.UNMOVABLE : MigrateType.MOVABLE);
        for (int order = taken.order(); order < taken.next(); order++) {
            List<Integer> own = lists.get(order).get(type);
            lists.get(order).get(other).addAll(own);
            own.clear();
        }
        add(taken.start(), taken.from(), type, true);
        setType(taken.start(), taken.from(), type);
    }

    /** Takes every free block away that has a frame in a range, and every one that has the range in it. */
    private void clear(int start, int order) {
        int stop = start + (1 << order);
        for (int size = 0; size < heads.size(); size++) {
            int from = (start & -(1 << size));
            for (int pfn : List.copyOf(heads.get(size).subSet(from, stop))) {
                remove(pfn, size);
            }
        }
    }

    private boolean isCma(int pfn) {
        int cma = types.indexOf(MigrateType.CMA);
        return cma >= 0 && typeAt(pfn) == cma;
    }

    private int typeAt(int pfn) {
        return blockTypes[(pfn >>> pageblockOrder) - (base.startPfn() >>> pageblockOrder)];
    }

    private void setType(int pfn, int order, int type) {
        int first = base.startPfn() >>> pageblockOrder;
        for (int block = pfn >>> pageblockOrder; block <= pfn + (1 << order) - 1 >>> pageblockOrder; block++) {
            blockTypes[block - first] = type;
        }
    }

    private boolean fill(Optional<Taken> taken) {
        for (int order = wanted.size() - 1; order >= 0; order--) {
            int surplus = heads.get(order).size() - wanted.get(order);
            while (surplus > 0) {
                removeLast(order, taken);
                surplus--;
            }
        }
        for (int order = wanted.size() - 1; order >= 0; order--) {
            if (!fill(order, taken, false) && !fill(order, taken, true)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Makes the missing blocks of an order.
     *
     * @param overSmaller whether smaller free blocks may go where they are in the way; they are made anew elsewhere
     */
    private boolean fill(int order, Optional<Taken> taken, boolean overSmaller) {
        int size = 1 << order;
        int pfn = (base.startPfn() + size - 1) & -size;
        for (; pfn + size <= end && heads.get(order).size() < wanted.get(order); pfn += size) {
            if (fits(pfn, order, taken, overSmaller)) {
                clear(pfn, order);
                add(pfn, order, listFor(pfn, order, taken), false);
            }
        }
        return heads.get(order).size() == wanted.get(order);
    }

    /** A block for a list of its pageblock's type, unless the request would take it instead of the one that it is to take. */
    private int listFor(int pfn, int order, Optional<Taken> taken) {
        int type = typeAt(pfn);
        boolean early = taken.isPresent()
                && type == taken.get().type()
                && order >= taken.get().order()
                && order < taken.get().next();
        return !early
                ? type
                : types.indexOf(
                        type == types.indexOf(MigrateType.MOVABLE) ? MigrateType.UNMOVABLE : MigrateType.MOVABLE);
    }

    private void removeLast(int order, Optional<Taken> taken) {
        List<Integer> longest = lists.get(order).get(0);
        for (List<Integer> list : lists.get(order)) {
            longest = list.size() > longest.size() ? list : longest;
        }
        int pfn = longest.get(longest.size() - 1);
        boolean kept =
                taken.isPresent() && taken.get().from() == order && taken.get().start() == pfn;
        remove(
                kept
                        ? heads.get(order).stream()
                                .filter(some -> some != pfn)
                                .findFirst()
                                .orElseThrow()
                        : pfn,
                order);
    }

    private boolean fits(int pfn, int order, Optional<Taken> taken, boolean overSmaller) {
        int stop = pfn + (1 << order);
        int used = free.nextSetBit(pfn);
        if (used >= 0 && used < stop && !(overSmaller && isOverSmaller(pfn, order))) {
            return false;
        }
        int buddy = pfn ^ (1 << order);
        if (order < wanted.size() - 1 && heads.get(order).contains(buddy)) {
            return false;
        }
        if (taken.isPresent() && overlapsParent(pfn, stop, taken.get())) {
            return false;
        }
        for (int frame = pfn; frame < stop; frame++) {
            if (frames.is(frame, PageFlag.HOLE) || frames.is(frame, PageFlag.RESERVED)) {
                return false;
            }
        }
        return !isCma(pfn);
    }

    private boolean isOverSmaller(int pfn, int order) {
        for (int size = order; size < heads.size(); size++) {
            if (heads.get(size).contains(pfn & -(1 << size))) {
                return false;
            }
        }
        return true;
    }

    /** What lies beside the block is in use, else both would be one. */
    private boolean overlapsParent(int pfn, int stop, Taken taken) {
        return pfn < around(taken) + (1 << orderAround(taken)) && stop > around(taken);
    }

    private int orderAround(Taken taken) {
        return Math.min(taken.from() + 1, wanted.size() - 1);
    }

    private int around(Taken taken) {
        return taken.start() & -(1 << orderAround(taken));
    }

    private ZoneState state(FreeBlocks.Zone counted) {
        long pages = counted.pages();
        long lag = counted.free() < 0 ? 0 : pages - counted.free();
        boolean plausible = Math.abs(lag) <= base.threshold();
        int cma = types.indexOf(MigrateType.CMA);
        List<FreeList> filled = new ArrayList<>();
        long cmaPages = 0;
        for (int order = 0; order < lists.size(); order++) {
            for (int type = 0; type < types.count(); type++) {
                int[] pfns = lists.get(order).get(type).stream()
                        .mapToInt(Integer::intValue)
                        .toArray();
                if (pfns.length > 0) {
                    filled.add(new FreeList(order, type, pfns));
                    cmaPages += type == cma ? (long) pfns.length << order : 0;
                }
            }
        }
        return ZoneStates.filled(
                base,
                filled,
                blockTypes,
                plausible && counted.free() >= 0 ? counted.free() : pages,
                plausible ? (int) lag : 0,
                cmaPages);
    }
}
