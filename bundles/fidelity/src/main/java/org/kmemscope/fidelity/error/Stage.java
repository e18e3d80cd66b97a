package org.kmemscope.fidelity.error;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;

/** Where a mistake is made: a machine, the kernel as the module calls it, and what the module prints. */
final class Stage {
    /** The flags of the module's caches that are checked. */
    static final List<SlabFlag> DEBUGGED = List.of(
            SlabFlag.SLAB_POISON, SlabFlag.SLAB_RED_ZONE, SlabFlag.SLAB_STORE_USER, SlabFlag.SLAB_CONSISTENCY_CHECKS);

    private static final int PAGE_SHIFT = 12;

    private final Machine machine;
    private final Kernel kernel;
    private final Caller caller;
    private final List<String> printed = new ArrayList<>();

    /**
     * @param caller who makes it
     */
    Stage(Machine machine, Caller caller) {
        this.machine = machine;
        this.caller = caller;
        kernel = machine.kernel(caller);
    }

    Machine machine() {
        return machine;
    }

    Kernel kernel() {
        return kernel;
    }

    /** {@code kmap_local_page()}. */
    long kmapLocal(int pfn) {
        return machine.call(caller, "kmap_local_page", () -> machine.highmem().kmapLocal(pfn));
    }

    /** {@code kunmap_local()}. */
    void kunmapLocal(long address) {
        machine.call(caller, "kunmap_local", () -> {
            machine.highmem().kunmapLocal(address);
            return null;
        });
    }

    /** A mask. */
    int mask(Gfp... flags) {
        int mask = 0;
        for (Gfp flag : flags) {
            mask |= machine.gfp().of(flag);
        }
        return mask;
    }

    /** What the module would print, in its words. */
    void print(String format, Object... arguments) {
        printed.add(String.format(format, arguments));
    }

    List<String> printed() {
        return printed;
    }

    /** A page, and its number in the module's words. */
    int page(Gfp... flags) {
        return kernel.allocPages(mask(flags), 0);
    }

    /** Name of the zone that a frame is in. */
    String zone(int pfn) {
        return machine.pages().zoneType(machine.frames().zone(pfn)).label();
    }

    /** Name of the zone that an object lies in. */
    String zoneOf(long object) {
        return object == 0 ? "-" : zone(machine.layout().virtToPfn(object));
    }

    /** A cache without a constructor. */
    KmemCache cache(String name, int size, List<SlabFlag> flags) {
        int bits = flags.stream().mapToInt(SlabFlag::bit).reduce(0, (one, other) -> one | other);
        return kernel.kmemCacheCreate(new CacheSpec(name, size, 0, bits, ObjectConstructor.NONE));
    }

    /** Takes blocks until a request fails, and gives them back. */
    void eat(String name, int mask, int order) {
        List<Integer> taken = new ArrayList<>();
        int pfn = kernel.allocPages(mask, order);
        while (pfn != PageAllocator.NONE) {
            taken.add(pfn);
            pfn = kernel.allocPages(mask, order);
        }
        print("EXP eat %s failed=1", name);
        for (int i = taken.size() - 1; i >= 0; i--) {
            kernel.freePages(taken.get(i), order);
        }
    }

    /** Bytes of physical memory before a frame. */
    static long phys(int pfn) {
        return (long) pfn << PAGE_SHIFT;
    }
}
