package org.kmemscope.vmalloc;

import java.util.Arrays;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * A red-black tree of ranges, ordered by address, in which every node knows the longest range of its subtree.
 *
 * <pre>
 *   node       0    1    2    3 ...      0 is "no node": black, length 0
 *   start
 *   end
 *   longest    max(end - start, longest of the left, longest of the right)
 *   left, right, parent, red
 *   unused nodes are linked through "left"
 * </pre>
 *
 * <p>The shape matters to who uses it, so insertion and removal rebalance as the textbook does (Cormen et al., chapter 13), which
 * is what Linux's {@code lib/rbtree.c} does as well: a node with two children gives its place to its successor, and a red nephew on
 * the far side is preferred to one on the near side. All operations take O(log n).
 */
final class RangeTree implements Stateful {
    /** No node. */
    static final int NIL = 0;

    private static final int FIRST_CAPACITY = 64;

    private long[] starts = new long[FIRST_CAPACITY];
    private long[] ends = new long[FIRST_CAPACITY];
    private long[] longest = new long[FIRST_CAPACITY];
    private int[] lefts = new int[FIRST_CAPACITY];
    private int[] rights = new int[FIRST_CAPACITY];
    private int[] parents = new int[FIRST_CAPACITY];
    private int[] reds = new int[FIRST_CAPACITY];
    private int root = NIL;
    private int unused = NIL;
    /** Nodes from here on were never used. */
    private int fresh = 1;

    int root() {
        return root;
    }

    int left(int node) {
        return lefts[node];
    }

    int right(int node) {
        return rights[node];
    }

    long start(int node) {
        return starts[node];
    }

    long end(int node) {
        return ends[node];
    }

    /** Length of the longest range in the subtree of a node. */
    long longest(int node) {
        return longest[node];
    }

    boolean isRed(int node) {
        return reds[node] != 0;
    }

    /** The last range that starts at or below an address, or NIL. */
    int atOrBelow(long address) {
        int found = NIL;
        int node = root;
        while (node != NIL) {
            if (starts[node] <= address) {
                found = node;
                node = rights[node];
            } else {
                node = lefts[node];
            }
        }
        return found;
    }

    /** The first range that starts above an address, or NIL. */
    int above(long address) {
        int found = NIL;
        int node = root;
        while (node != NIL) {
            if (starts[node] > address) {
                found = node;
                node = lefts[node];
            } else {
                node = rights[node];
            }
        }
        return found;
    }

    /** Moves the borders of a range; it stays between its neighbours. */
    void resize(int node, long start, long end) {
        starts[node] = start;
        ends[node] = end;
        measureUp(node);
    }

    private void measure(int node) {
        long own = ends[node] - starts[node];
        longest[node] = Math.max(own, Math.max(longest[lefts[node]], longest[rights[node]]));
    }

    private void measureUp(int from) {
        for (int node = from; node != NIL; node = parents[node]) {
            measure(node);
        }
    }

    // ---- inserting

    /** Inserts a range that overlaps none. */
    void insert(long start, long end) {
        int parent = NIL;
        int at = root;
        while (at != NIL) {
            parent = at;
            at = start < starts[at] ? lefts[at] : rights[at];
        }
        int node = newNode(start, end, parent, true);
        if (parent == NIL) {
            root = node;
        } else if (start < starts[parent]) {
            lefts[parent] = node;
        } else {
            rights[parent] = node;
        }
        measureUp(node);
        mendReds(node);
    }

    /** Adds a node where a recorded tree has it: below a parent that has been added before. */
    void place(String path, long start, long end, boolean red) {
        int parent = NIL;
        int at = root;
        for (int i = 0; i < path.length(); i++) {
            parent = at;
            at = path.charAt(i) == 'L' ? lefts[at] : rights[at];
        }
        if (at != NIL || !path.isEmpty() && parent == NIL) {
            throw new IllegalArgumentException(
                    "node '" + path + "' of the free tree is given twice or before its parent");
        }
        int node = newNode(start, end, parent, red);
        if (parent == NIL) {
            root = node;
        } else if (path.endsWith("L")) {
            lefts[parent] = node;
        } else {
            rights[parent] = node;
        }
        measureUp(node);
    }

    private int newNode(long start, long end, int parent, boolean red) {
        int node = unused;
        if (node == NIL) {
            node = fresh++;
            grow(node);
        } else {
            unused = lefts[node];
        }
        starts[node] = start;
        ends[node] = end;
        lefts[node] = NIL;
        rights[node] = NIL;
        parents[node] = parent;
        reds[node] = red ? 1 : 0;
        return node;
    }

    private void grow(int node) {
        if (node == starts.length) {
            int capacity = 2 * node;
            starts = Arrays.copyOf(starts, capacity);
            ends = Arrays.copyOf(ends, capacity);
            longest = Arrays.copyOf(longest, capacity);
            lefts = Arrays.copyOf(lefts, capacity);
            rights = Arrays.copyOf(rights, capacity);
            parents = Arrays.copyOf(parents, capacity);
            reds = Arrays.copyOf(reds, capacity);
        }
    }

    /** After an insertion: no red node has a red parent, and the root is black. */
    private void mendReds(int inserted) {
        int node = inserted;
        while (isRed(parents[node])) {
            int parent = parents[node];
            int grandparent = parents[parent];
            boolean leftSide = parent == lefts[grandparent];
            int uncle = leftSide ? rights[grandparent] : lefts[grandparent];
            if (isRed(uncle)) {
                reds[parent] = 0;
                reds[uncle] = 0;
                reds[grandparent] = 1;
                node = grandparent;
                continue;
            }
            if (node == (leftSide ? rights[parent] : lefts[parent])) {
                rotate(parent, leftSide);
                parent = node;
            }
            reds[parent] = 0;
            reds[grandparent] = 1;
            rotate(grandparent, !leftSide);
            break;
        }
        reds[root] = 0;
    }

    /** Turns a node down to the left or right; its child on the other side takes its place. */
    private void rotate(int node, boolean toLeft) {
        int child = toLeft ? rights[node] : lefts[node];
        int moved = toLeft ? lefts[child] : rights[child];
        if (toLeft) {
            rights[node] = moved;
            lefts[child] = node;
        } else {
            lefts[node] = moved;
            rights[child] = node;
        }
        if (moved != NIL) {
            parents[moved] = node;
        }
        replaceChild(parents[node], node, child);
        parents[child] = parents[node];
        parents[node] = child;
        measure(node);
        measure(child);
    }

    private void replaceChild(int parent, int old, int replacement) {
        if (parent == NIL) {
            root = replacement;
        } else if (lefts[parent] == old) {
            lefts[parent] = replacement;
        } else {
            rights[parent] = replacement;
        }
    }

    // ---- removing

    /** Removes a range. The node of another one may change its place in memory: nodes found before are no longer valid. */
    void remove(int node) {
        int gone = node;
        if (lefts[node] != NIL && rights[node] != NIL) {
            int successor = rights[node];
            while (lefts[successor] != NIL) {
                successor = lefts[successor];
            }
            // the successor takes the place, links and colour of the node; what leaves the tree is the successor's old
            // place
            starts[node] = starts[successor];
            ends[node] = ends[successor];
            gone = successor;
        }
        int child = lefts[gone] != NIL ? lefts[gone] : rights[gone];
        int parent = parents[gone];
        boolean left = parent != NIL && lefts[parent] == gone;
        boolean black = !isRed(gone);
        replaceChild(parent, gone, child);
        if (child != NIL) {
            parents[child] = parent;
        }
        measureUp(parent);
        lefts[gone] = unused;
        unused = gone;
        if (black) {
            if (isRed(child)) {
                reds[child] = 0;
            } else {
                mendBlacks(parent, left);
            }
        }
    }

    /** After a removal: one side of {@code parent} is a black node short. */
    private void mendBlacks(int shortOf, boolean leftShort) {
        int parent = shortOf;
        boolean left = leftShort;
        while (parent != NIL) {
            int sibling = left ? rights[parent] : lefts[parent];
            if (isRed(sibling)) {
                reds[sibling] = 0;
                reds[parent] = 1;
                rotate(parent, left);
                sibling = left ? rights[parent] : lefts[parent];
            }
            int far = left ? rights[sibling] : lefts[sibling];
            int near = left ? lefts[sibling] : rights[sibling];
            if (!isRed(far) && !isRed(near)) {
                reds[sibling] = 1;
                if (isRed(parent)) {
                    reds[parent] = 0;
                    return;
                }
                int grandparent = parents[parent];
                left = grandparent != NIL && lefts[grandparent] == parent;
                parent = grandparent;
                continue;
            }
            if (!isRed(far)) {
                reds[near] = 0;
                reds[sibling] = 1;
                rotate(sibling, !left);
                far = sibling;
                sibling = near;
            }
            reds[sibling] = reds[parent];
            reds[parent] = 0;
            reds[far] = 0;
            rotate(parent, left);
            return;
        }
    }

    void clear() {
        root = NIL;
        unused = NIL;
        fresh = 1;
    }

    // ---- state

    @Override
    public void save(StateWriter out) {
        out.putInts(new int[] {root, unused, fresh});
        out.putLongs(Arrays.copyOf(starts, fresh));
        out.putLongs(Arrays.copyOf(ends, fresh));
        out.putLongs(Arrays.copyOf(longest, fresh));
        out.putInts(Arrays.copyOf(lefts, fresh));
        out.putInts(Arrays.copyOf(rights, fresh));
        out.putInts(Arrays.copyOf(parents, fresh));
        out.putInts(Arrays.copyOf(reds, fresh));
    }

    @Override
    public void restore(StateReader in) {
        int[] words = in.getInts();
        root = words[0];
        unused = words[1];
        fresh = words[2];
        int capacity = Math.max(fresh, FIRST_CAPACITY);
        starts = Arrays.copyOf(in.getLongs(), capacity);
        ends = Arrays.copyOf(in.getLongs(), capacity);
        longest = Arrays.copyOf(in.getLongs(), capacity);
        lefts = Arrays.copyOf(in.getInts(), capacity);
        rights = Arrays.copyOf(in.getInts(), capacity);
        parents = Arrays.copyOf(in.getInts(), capacity);
        reds = Arrays.copyOf(in.getInts(), capacity);
    }
}
