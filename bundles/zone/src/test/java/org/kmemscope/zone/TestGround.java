package org.kmemscope.zone;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.gfp.GfpProvider;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.BootOptions;
import org.kmemscope.api.ground.Clock;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.Interrupts;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.KernelSpec;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.ZoneLimits;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.phys.PhysicalMemory;
import org.kmemscope.api.phys.RamRange;
import org.kmemscope.api.trace.CallSites;
import org.kmemscope.api.trace.Tracepoints;
import org.kmemscope.physmem.SparseMemoryProvider;

/** A ground with real RAM, frames and flags, and as little as possible of everything else. */
final class TestGround implements Ground {
    final List<String> logged = new ArrayList<>();
    final TestContext context = new TestContext();
    private final Profile profile;
    private final AddressLayout layout;
    private final GfpTable gfp;
    private final PhysicalMemory ram;
    private final PageFrames frames;

    TestGround(String version, Map<String, String> config, int cpus, ZoneLimits limits, GfpProvider flags) {
        KernelVersion parsed = KernelVersion.parse(version);
        KernelConfig options = new KernelConfig(config);
        KernelSpec kernel = new KernelSpec(parsed, version, options, BootOptions.parse(""), 32, 0);
        ArchSpec arch = new ArchSpec(ArchSpec.Arch.I386, ArchSpec.Tables.I386_2LEVEL, 0xc000_0000L, 0, 64, 64, true);
        profile = new Profile("test", "test", kernel, arch, cpus, List.of(), true, 1 << 24, List.of(), Map.of());
        int first = Integer.MAX_VALUE;
        int end = 0;
        int lowEnd = 0;
        for (ZoneLimits.Zone zone : limits.zones()) {
            if (!zone.isEmpty()) {
                first = Math.min(first, zone.startPfn());
                end = Math.max(end, zone.endPfn());
                lowEnd = zone.type().isHighmem() ? lowEnd : zone.endPfn();
            }
        }
        layout = new AddressLayout(
                0xc000_0000L,
                0,
                first,
                lowEnd,
                end,
                0xc000_0000L + ((long) lowEnd << 12),
                0xf800_0000L,
                0xff00_0000L,
                0,
                0,
                0xfff0_0000L,
                0xffff_f000L,
                0,
                0,
                0,
                List.of(),
                Map.of(),
                limits,
                List.of());
        List<RamRange> ranges = new ArrayList<>();
        for (ZoneLimits.PfnRange range : limits.present()) {
            RamRange next = new RamRange((long) range.startPfn() << 12, (long) range.endPfn() << 12);
            int last = ranges.size() - 1;
            if (last >= 0 && ranges.get(last).end() == next.start()) {
                next = new RamRange(ranges.remove(last).start(), next.end());
            }
            ranges.add(next);
        }
        SparseMemoryProvider memory = new SparseMemoryProvider();
        ram = memory.createRam(ranges);
        frames = memory.createFrames(first, end, limits.pageblockOrder());
        gfp = flags.table(parsed, options);
    }

    @Override
    public Profile profile() {
        return profile;
    }

    @Override
    public AddressLayout layout() {
        return layout;
    }

    @Override
    public GfpTable gfp() {
        return gfp;
    }

    @Override
    public PhysicalMemory ram() {
        return ram;
    }

    @Override
    public PageFrames frames() {
        return frames;
    }

    @Override
    public Mmu mmu() {
        throw new UnsupportedOperationException("the page allocator needs no MMU to serve requests");
    }

    @Override
    public ExecutionContext context() {
        return context;
    }

    @Override
    public Clock clock() {
        return new StoppedClock();
    }

    @Override
    public KernelLog log() {
        return new KernelLog() {
            @Override
            public void printk(int level, String text) {
                logged.add(text);
            }

            @Override
            public List<Line> lines() {
                return List.of();
            }

            @Override
            public long written() {
                return logged.size();
            }

            @Override
            public void clear() {
                logged.clear();
            }
        };
    }

    @Override
    public Interrupts interrupts() {
        throw new UnsupportedOperationException("the page allocator raises no interrupt");
    }

    /** Nobody listens: every question is answered with false. */
    @Override
    public Tracepoints trace() {
        return (Tracepoints) Proxy.newProxyInstance(
                Tracepoints.class.getClassLoader(),
                new Class<?>[] {Tracepoints.class},
                (proxy, method, arguments) -> method.getReturnType() == boolean.class
                        ? Boolean.FALSE
                        : method.getName().equals("callSites") ? SITES : null);
    }

    private static final CallSites SITES = new CallSites() {
        @Override
        public int id(String text) {
            return 7;
        }

        @Override
        public String text(long id) {
            return "the_test";
        }
    };

    /** Time stands still. */
    private static final class StoppedClock implements Clock {
        @Override
        public long jiffies() {
            return 0;
        }

        @Override
        public int hz() {
            return 100;
        }

        @Override
        public void register(String name, TimerHandler handler) {
            throw new UnsupportedOperationException("the page allocator sets no timer");
        }

        @Override
        public void schedule(long ticks, String name, long argument) {
            throw new UnsupportedOperationException("the page allocator sets no timer");
        }
    }

    /** A context whose CPU and kind a test sets. */
    static final class TestContext implements ExecutionContext {
        int cpu;
        boolean atomic;

        @Override
        public int cpu() {
            return cpu;
        }

        @Override
        public int pid() {
            return 1;
        }

        @Override
        public String comm() {
            return "test";
        }

        @Override
        public int callSite() {
            return 7;
        }

        @Override
        public boolean inInterrupt() {
            return atomic;
        }

        @Override
        public boolean inHardirq() {
            return atomic;
        }

        @Override
        public boolean inAtomic() {
            return atomic;
        }

        @Override
        public boolean irqsDisabled() {
            return atomic;
        }

        @Override
        public int preemptCount() {
            return atomic ? 1 << 16 : 0;
        }

        @Override
        public void preemptDisable() {
            atomic = true;
        }

        @Override
        public void preemptEnable() {
            atomic = false;
        }

        @Override
        public boolean isMemalloc() {
            return false;
        }

        @Override
        public void mightSleep(String where) {
            if (atomic) {
                throw new KernelBug("BUG: sleeping function called from invalid context at " + where);
            }
        }
    }
}
