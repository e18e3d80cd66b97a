package org.kmemscope.highmem;

import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Profile;

/**
 * The row of atomic windows in the fixmap.
 *
 * <pre>
 *   CPU 0: 0 1 2 ... perCpu-1 | CPU 1: 0 1 2 ...       i386 and later ARM count down from FIX_KMAP_BEGIN,
 *   first                       first + step * perCpu  ARM up to 4.2 counts up
 * </pre>
 */
final class WindowRow {
    /** No window. */
    static final int NONE = -1;

    private final long first;
    private final int step;
    private final int perCpu;
    private final int count;

    WindowRow(AddressLayout layout, int cpus) {
        first = layout.kmapFixmap();
        step = layout.kmapStep();
        perCpu = layout.kmapSlotsPerCpu();
        count = first == 0 ? 0 : perCpu * cpus;
    }

    int perCpu() {
        return perCpu;
    }

    /** Windows of all CPUs. */
    int count() {
        return count;
    }

    int number(int cpu, int slot) {
        return cpu * perCpu + slot;
    }

    int cpu(int window) {
        return window / perCpu;
    }

    int slot(int window) {
        return window % perCpu;
    }

    /** {@code fix_to_virt(FIX_KMAP_BEGIN + window)}. */
    long address(int window) {
        return first + (long) step * window;
    }

    /** The window that an address lies in, or {@link #NONE}. */
    int containing(long virt) {
        if (count == 0) {
            return NONE;
        }
        long distance = (virt & -Profile.PAGE_SIZE) - first;
        long window = distance / step;
        return distance % step == 0 && window >= 0 && window < count ? (int) window : NONE;
    }
}
