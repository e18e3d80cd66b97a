package org.kmemscope.testkit;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Clock;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.Interrupts;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.phys.PhysicalMemory;
import org.kmemscope.api.trace.Tracepoints;
import org.kmemscope.api.zone.FreeAreaHost;
import org.kmemscope.api.zone.FreeAreaProvider;
import org.kmemscope.api.zone.FreeAreas;
import org.kmemscope.gfp.EraGfpProvider;
import org.kmemscope.physmem.SparseMemoryProvider;

/**
 * A zone of a few pageblocks with an engine of free areas, and nothing around it. It begins and ends within a pageblock.
 *
 * <p>Where an engine asks for what a zone of so little does not have, such as page tables, it is told so.
 */
public final class TestZone implements FreeAreaHost {
    /** First frame. */
    public static final int START = 0x1010;

    private static final int PAGEBLOCKS = 4;
    private static final int TAIL = 100;

    private final Profile profile;
    private final PageFrames frames;
    private final GfpTable gfp;
    private final Tracepoints trace = new QuietTrace();
    private final int endPfn;
    private final int maxOrder;
    private final FreeAreas areas;
    private final List<Fallback> fallbacks = new ArrayList<>();
    private boolean cmaFirst;

    /** What the engine told of a request that was served from frames of another type. */
    record Fallback(int pfn, int order, int migratetype, int fallbackType, boolean claimed) {}

    /**
     * A zone with no free frame.
     *
     * @param kernel name of a profile: its kernel decides the migrate types
     */
    public TestZone(String kernel, FreeAreaProvider provider, int maxOrder, int pageblockOrder) {
        this.maxOrder = maxOrder;
        profile = TestMachine.factory().load(kernel);
        endPfn = START + (PAGEBLOCKS << pageblockOrder) + TAIL;
        gfp = new EraGfpProvider()
                .table(profile.kernel().version(), profile.kernel().config());
        frames = new SparseMemoryProvider().createFrames(START, endPfn, pageblockOrder);
        frames.assignZone(0, START, endPfn);
        int block = 1 << pageblockOrder;
        for (int pfn = START; pfn < endPfn; pfn = (pfn & -block) + block) {
            frames.setBlockType(pfn, type(MigrateType.MOVABLE));
        }
        areas = provider.create(new SmallGround(), this, maxOrder);
    }

    /** Frees every frame, as boot does. */
    public void freeAll() {
        for (int pfn = START; pfn < endPfn; pfn++) {
            areas.putLast(pfn, 0, frames.blockType(pfn));
        }
    }

    /** The engine that is tested. */
    public FreeAreas areas() {
        return areas;
    }

    /** The frames of the zone. */
    public PageFrames frames() {
        return frames;
    }

    /** Number of orders. */
    public int maxOrder() {
        return maxOrder;
    }

    /** Number of a migrate type in the zone's kernel; -1 if it has none. */
    public int type(MigrateType type) {
        return gfp.migrateTypes().indexOf(type);
    }

    /** Number of migrate types. */
    public int types() {
        return gfp.migrateTypes().count();
    }

    /** Lets movable requests take CMA frames first. */
    public void setCmaFirst(boolean first) {
        cmaFirst = first;
    }

    List<Fallback> fallbacks() {
        return fallbacks;
    }

    // ---- what the engine asks

    @Override
    public int zoneIndex() {
        return 0;
    }

    @Override
    public int startPfn() {
        return START;
    }

    @Override
    public int endPfn() {
        return endPfn;
    }

    @Override
    public boolean mobilityGroupingDisabled() {
        return false;
    }

    @Override
    public boolean cmaFirst() {
        return cmaFirst;
    }

    @Override
    public void boostWatermark() {
        // a zone without watermarks
    }

    @Override
    public void fellBack(int pfn, int order, int fallbackOrder, int migratetype, int fallbackType, boolean claimed) {
        fallbacks.add(new Fallback(pfn, order, migratetype, fallbackType, claimed));
    }

    private static UnsupportedOperationException notHere(String what) {
        return new UnsupportedOperationException("an engine of free areas has no use for " + what);
    }

    /** The ground under a zone of a few frames. */
    private final class SmallGround implements Ground {
        @Override
        public Profile profile() {
            return profile;
        }

        @Override
        public AddressLayout layout() {
            throw notHere("the address space");
        }

        @Override
        public GfpTable gfp() {
            return gfp;
        }

        @Override
        public PhysicalMemory ram() {
            throw notHere("RAM");
        }

        @Override
        public PageFrames frames() {
            return frames;
        }

        @Override
        public Mmu mmu() {
            throw notHere("page tables");
        }

        @Override
        public ExecutionContext context() {
            throw notHere("the task that runs");
        }

        @Override
        public Clock clock() {
            throw notHere("time");
        }

        @Override
        public KernelLog log() {
            throw notHere("the log");
        }

        @Override
        public Interrupts interrupts() {
            throw notHere("interrupts");
        }

        @Override
        public Tracepoints trace() {
            return trace;
        }
    }
}
