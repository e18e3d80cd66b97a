package org.kmemscope.vmalloc;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.vmalloc.VmallocState.FreeRange;

/**
 * Lowest match in a tree of free ranges: {@code mm/vmalloc.c} from 5.2 on.
 *
 * <pre>
 *   1 ........ free ........ | A | free | B | ......... free ......... 0xffffffff
 *       |                          |                     |
 *       +---- the tree holds every free range of the address space, not only those of the vmalloc area
 * </pre>
 *
 * <ol>
 *   <li>A request is served by the lowest free range that it fits into, of those the search looks at. It looks at a range if the
 *       longest range in the subtree below it has at least {@code size}, or {@code size + align - 1} for an alignment above a page:
 *       so much is enough wherever a range begins. Other subtrees are left out, though a range in them might fit by chance. So what
 *       an aligned request gets depends on the shape of the tree. The root is always looked at.
 *   <li>The range gives its beginning, its end, all of itself, or its middle; then the part before the new area becomes a range of its
 *       own.
 *   <li>A range given back is joined with the free ranges that touch it: the one behind first, then the one before.
 * </ol>
 *
 * <p>Source: {@code find_vmap_lowest_match()}, {@code adjust_va_to_fit_type()}, {@code merge_or_add_vmap_area()}.
 */
final class FreeTree implements Placement {
    /** The first address that can be free: 0 is NULL. */
    private static final long FIRST = 1;

    /** {@code ULONG_MAX}: one past the last address that can be free. */
    private static final long LAST = 0xffff_ffffL;

    private final RangeTree tree = new RangeTree();

    FreeTree() {
        tree.insert(FIRST, LAST);
    }

    RangeTree tree() {
        return tree;
    }

    @Override
    public long take(long size, long align, long from, long to) {
        boolean anyStart = align <= Profile.PAGE_SIZE || to - from == size;
        long enough = anyStart ? size : size + align - 1;
        int node = lowest(tree.root(), enough, size, align, from);
        if (node == RangeTree.NIL) {
            return NONE;
        }
        long at = startIn(node, align, from);
        if (at + size > to) {
            return NONE;
        }
        carve(node, at, at + size);
        return at;
    }

    private int lowest(int node, long enough, long size, long align, long from) {
        if (node == RangeTree.NIL) {
            return RangeTree.NIL;
        }
        int left = tree.left(node);
        if (tree.longest(left) >= enough && from < tree.start(node)) {
            int found = lowest(left, enough, size, align, from);
            if (found != RangeTree.NIL) {
                return found;
            }
        }
        if (startIn(node, align, from) + size <= tree.end(node)) {
            return node;
        }
        int right = tree.right(node);
        return tree.longest(right) >= enough ? lowest(right, enough, size, align, from) : RangeTree.NIL;
    }

    private long startIn(int node, long align, long from) {
        return Placement.align(Math.max(tree.start(node), from), align);
    }

    private void carve(int node, long start, long end) {
        long freeStart = tree.start(node);
        long freeEnd = tree.end(node);
        if (freeStart == start && freeEnd == end) {
            tree.remove(node);
        } else if (freeStart == start) {
            tree.resize(node, end, freeEnd);
        } else if (freeEnd == end) {
            tree.resize(node, freeStart, start);
        } else {
            tree.resize(node, end, freeEnd);
            tree.insert(freeStart, start);
        }
    }

    @Override
    public void give(long start, long end) {
        int before = tree.atOrBelow(start);
        int behind = tree.above(start);
        boolean joinsBehind = behind != RangeTree.NIL && tree.start(behind) == end;
        boolean joinsBefore = before != RangeTree.NIL && tree.end(before) == start;
        if (joinsBehind && joinsBefore) {
            long newEnd = tree.end(behind);
            tree.remove(behind);
            // the removal may have moved the nodes
            before = tree.atOrBelow(start);
            tree.resize(before, tree.start(before), newEnd);
        } else if (joinsBehind) {
            tree.resize(behind, start, tree.end(behind));
        } else if (joinsBefore) {
            tree.resize(before, tree.start(before), end);
        } else {
            tree.insert(start, end);
        }
    }

    @Override
    public void load(RangeList taken, List<FreeRange> freeTree) {
        if (!freeTree.isEmpty()) {
            check(taken, freeTree);
            tree.clear();
            place(freeTree, tree);
            return;
        }
        tree.clear();
        long free = FIRST;
        for (int i = 0; i < taken.size(); i++) {
            if (free < taken.start(i)) {
                tree.insert(free, taken.start(i));
            }
            free = taken.end(i);
        }
        if (free < LAST) {
            tree.insert(free, LAST);
        }
    }

    private static void place(List<FreeRange> ranges, RangeTree tree) {
        ranges.forEach(range -> tree.place(range.path(), range.start(), range.end(), range.red()));
    }

    /** A recorded tree may leave ranges out that are on no list of areas; none that are on one may be free. */
    private static void check(RangeList taken, List<FreeRange> freeTree) {
        RangeTree recorded = new RangeTree();
        place(freeTree, recorded);
        FreeTreeCheck.shape(recorded, new Refusal());
        long free = FIRST;
        for (FreeRange range : ascending(recorded, recorded.root(), new ArrayList<>())) {
            int behind = taken.endingAbove(range.start());
            boolean fits = range.start() >= free
                    && range.start() < range.end()
                    && range.end() <= LAST + 1
                    && (behind == taken.size() || taken.start(behind) >= range.end());
            if (!fits) {
                throw new IllegalArgumentException(String.format(
                        "the free range 0x%08x-0x%08x of the recorded tree is out of order or overlaps an area",
                        range.start(), range.end()));
            }
            free = range.end();
        }
    }

    private static List<FreeRange> ascending(RangeTree tree, int node, List<FreeRange> ranges) {
        if (node != RangeTree.NIL) {
            ascending(tree, tree.left(node), ranges);
            ranges.add(new FreeRange("", tree.start(node), tree.end(node), tree.isRed(node)));
            ascending(tree, tree.right(node), ranges);
        }
        return ranges;
    }

    @Override
    public List<FreeRange> freeTree() {
        List<FreeRange> ranges = new ArrayList<>();
        collect(tree.root(), "", ranges);
        return ranges;
    }

    private void collect(int node, String path, List<FreeRange> ranges) {
        if (node != RangeTree.NIL) {
            ranges.add(new FreeRange(path, tree.start(node), tree.end(node), tree.isRed(node)));
            collect(tree.left(node), path + "L", ranges);
            collect(tree.right(node), path + "R", ranges);
        }
    }

    // ---- checks

    @Override
    public void verify(Verification report, RangeList taken) {
        FreeTreeCheck.run(tree, report, taken, FIRST, LAST);
    }

    @Override
    public void save(StateWriter out) {
        tree.save(out);
    }

    @Override
    public void restore(StateReader in) {
        tree.restore(in);
    }
}
