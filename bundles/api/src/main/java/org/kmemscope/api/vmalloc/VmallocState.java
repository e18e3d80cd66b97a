package org.kmemscope.api.vmalloc;

import java.util.List;
import org.kmemscope.api.view.VmapAreaView;

/**
 * A recorded state of the vmalloc area.
 *
 * @param areas those in use, and of kind {@link VmapAreaView.Kind#UNPURGED} those freed and not purged yet
 * @param freeTree the red-black tree of free ranges of 5.2 and later, in preorder; empty where the kernel has none or its shape is
 *     not known
 */
public record VmallocState(List<VmapAreaView> areas, List<FreeRange> freeTree) {
    /** Nothing is known, or nothing there. */
    public static final VmallocState EMPTY = new VmallocState(List.of(), List.of());

    /** Keeps unmodifiable copies. */
    public VmallocState {
        areas = List.copyOf(areas);
        freeTree = List.copyOf(freeTree);
    }

    /**
     * A node of the tree.
     *
     * @param path the way from the root, {@code L} and {@code R}; empty for the root
     * @param start first free address
     * @param end one past the last
     * @param red colour of the node
     */
    public record FreeRange(String path, long start, long end, boolean red) {}
}
