package org.kmemscope.vmalloc;

import org.kmemscope.api.ground.Verification;

/**
 * Checks a tree of free ranges.
 *
 * <ol>
 *   <li>In order of address, its ranges are exactly the gaps between those that are taken.
 *   <li>No red node has a red child, and every way down passes the same number of black nodes.
 *   <li>Every node knows the longest range below it.
 * </ol>
 */
final class FreeTreeCheck {
    private final RangeTree tree;
    private final Verification report;
    private final RangeList taken;
    /** Where the next gap begins, and the taken range behind it. */
    private long free;

    private int next;

    private FreeTreeCheck(RangeTree tree, Verification report, RangeList taken, long first) {
        this.tree = tree;
        this.report = report;
        this.taken = taken;
        free = first;
    }

    /** Everything. */
    static void run(RangeTree tree, Verification report, RangeList taken, long first, long last) {
        shape(tree, report);
        FreeTreeCheck check = new FreeTreeCheck(tree, report, taken, first);
        check.walk(tree.root());
        check.skipTaken();
        report.check(
                check.free == last && check.next == taken.size(),
                "vmalloc: the free tree ends at 0x%08x, with %d areas behind it",
                check.free,
                taken.size() - check.next);
    }

    /** All but the ranges themselves. */
    static void shape(RangeTree tree, Verification report) {
        report.check(!tree.isRed(tree.root()), "vmalloc: the root of the free tree is red");
        blackHeight(tree, tree.root(), report);
    }

    private static int blackHeight(RangeTree tree, int node, Verification report) {
        if (node == RangeTree.NIL) {
            return 0;
        }
        int left = tree.left(node);
        int right = tree.right(node);
        int leftHeight = blackHeight(tree, left, report);
        int rightHeight = blackHeight(tree, right, report);
        long own = tree.end(node) - tree.start(node);
        report.check(
                tree.longest(node) == Math.max(own, Math.max(tree.longest(left), tree.longest(right))),
                "vmalloc: free range 0x%08x-0x%08x takes 0x%x for the longest of its subtree",
                tree.start(node),
                tree.end(node),
                tree.longest(node));
        report.check(
                leftHeight == rightHeight && !(tree.isRed(node) && (tree.isRed(left) || tree.isRed(right))),
                "vmalloc: the free tree is out of balance at 0x%08x",
                tree.start(node));
        return leftHeight + (tree.isRed(node) ? 0 : 1);
    }

    private void walk(int node) {
        if (node != RangeTree.NIL) {
            walk(tree.left(node));
            visit(node);
            walk(tree.right(node));
        }
    }

    private void skipTaken() {
        while (next < taken.size() && taken.start(next) == free) {
            free = taken.end(next++);
        }
    }

    private void visit(int node) {
        skipTaken();
        long end = next < taken.size() ? taken.start(next) : tree.end(node);
        report.check(
                tree.start(node) == free && tree.end(node) == end,
                "vmalloc: the free tree has 0x%08x-0x%08x, free is 0x%08x-0x%08x",
                tree.start(node),
                tree.end(node),
                free,
                end);
        free = tree.end(node);
    }
}
