package org.kmemscope.machine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.kmemscope.api.dcache.DataCache;
import org.kmemscope.api.dma.Dma;
import org.kmemscope.api.error.KernelException;
import org.kmemscope.api.error.MachineHalted;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Interrupts;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Part;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.highmem.Highmem;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Caller;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Modules;
import org.kmemscope.api.machine.Provenance;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.phys.PhysicalMemory;
import org.kmemscope.api.process.Processes;
import org.kmemscope.api.reclaim.Reclaim;
import org.kmemscope.api.reclaim.UserTasks;
import org.kmemscope.api.state.CopiedState;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.trace.Tracepoints;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.Views;
import org.kmemscope.api.vmalloc.Vmalloc;
import org.kmemscope.machine.exchange.ExchangeSite;
import org.kmemscope.machine.exchange.ExchangeableObjects;

/**
 * A machine: its parts, in the order of the floors, under one lock. {@link Boot} assembles it; {@link #fork} assembles another from the
 * same providers and gives it the state of this one.
 */
final class SimulatedMachine implements Machine, ExchangeSite {
    final Tasks tasks;
    final MachineContext context;
    final TickClock clock;
    final LogBuffer log = new LogBuffer();
    final TraceHub trace;
    final InterruptLines interrupts;
    final OriginRecorder origins;
    final LoadedModules modules;
    final Mempools mempools;
    final Exchanges exchanges;

    private final String name;
    private final Profile profile;
    private final AddressLayout layout;
    private Providers providers;
    private final GfpTable gfp;
    private final PhysicalMemory ram;
    private final PageFrames frames;
    private final PartSlot<Mmu> mmu = new PartSlot<>("MMU");
    private Optional<DataCache> cache = Optional.empty();
    private final PartSlot<PageAllocator> pages = new PartSlot<>("page allocator");
    private final ExchangeableObjects objects;
    private final PartSlot<Vmalloc> vmalloc = new PartSlot<>("vmalloc area");
    private final PartSlot<Highmem> highmem = new PartSlot<>("windows onto high memory");
    private final PartSlot<Dma> dma = new PartSlot<>("DMA");
    private final PartSlot<Reclaim> reclaim = new PartSlot<>("reclaim");
    private final PartSlot<Processes> processes = new PartSlot<>("processes");
    private List<BootMemory.Reservation> reservations = List.of();
    private MachineHalted halted;

    SimulatedMachine(
            String name,
            Profile profile,
            AddressLayout layout,
            Providers providers,
            PhysicalMemory ram,
            PageFrames frames,
            GfpTable gfp) {
        this.name = name;
        this.profile = profile;
        this.layout = layout;
        this.providers = providers;
        this.ram = ram;
        this.frames = frames;
        this.gfp = gfp;
        context = new MachineContext(log, profile.cpus());
        clock = new TickClock(profile.kernel().config().integer("HZ", 100), context);
        log.setClock(clock);
        trace = new TraceHub(context, clock, log);
        interrupts = new InterruptLines(
                context,
                log,
                trace,
                caller -> new MachineKernel(this, caller, Ledger.NONE, new ModuleParameters(Map.of())));
        tasks = new Tasks(context, log);
        origins = new OriginRecorder(trace);
        modules = new LoadedModules(this);
        objects = new ExchangeableObjects(this, tasks.calls);
        exchanges = new Exchanges(this);
        mempools = new Mempools(this);
    }

    // ---- assembling

    void bindMmu(Mmu part) {
        mmu.bind(part);
    }

    void bindCache(DataCache part) {
        cache = Optional.of(part);
    }

    void bindPages(PageAllocator part) {
        pages.bind(part);
    }

    void bindVmalloc(Vmalloc part) {
        vmalloc.bind(part);
    }

    void bindHighmem(Highmem part) {
        highmem.bind(part);
    }

    void bindDma(Dma part) {
        dma.bind(part);
    }

    void bindReclaim(Reclaim part) {
        reclaim.bind(part);
    }

    void bindProcesses(Processes part) {
        processes.bind(part);
    }

    void setReservations(List<BootMemory.Reservation> kept) {
        reservations = List.copyOf(kept);
    }

    List<BootMemory.Reservation> reservations() {
        return reservations;
    }

    Providers providers() {
        return providers;
    }

    /** What copies are assembled from. */
    void setProviders(Providers used) {
        providers = used;
    }

    // ---- the floors

    @Override
    public String name() {
        return name;
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
        return mmu.get();
    }

    @Override
    public Optional<DataCache> dataCache() {
        return cache;
    }

    @Override
    public ExecutionContext context() {
        return context;
    }

    @Override
    public TickClock clock() {
        return clock;
    }

    @Override
    public KernelLog log() {
        return log;
    }

    @Override
    public Interrupts interrupts() {
        return interrupts;
    }

    @Override
    public Tracepoints trace() {
        return trace;
    }

    @Override
    public PageAllocator pages() {
        return pages.get();
    }

    @Override
    public ExchangeableObjects objects() {
        return objects;
    }

    @Override
    public Vmalloc vmalloc() {
        return vmalloc.get();
    }

    @Override
    public Highmem highmem() {
        return highmem.get();
    }

    @Override
    public Dma dma() {
        return dma.get();
    }

    @Override
    public Reclaim reclaim() {
        return reclaim.get();
    }

    @Override
    public Processes processes() {
        return processes.get();
    }

    @Override
    public UserTasks userTasks() {
        return processes.isBound() ? processes.get() : reclaim.get().tasks();
    }

    @Override
    public Modules modules() {
        return modules;
    }

    @Override
    public Provenance provenance() {
        return origins;
    }

    /** The parts that are bound, in the order of the floors. */
    private List<Part> bound() {
        List<Part> parts = new ArrayList<>(List.of(mmu.get(), pages.get(), objects));
        cache.ifPresent(parts::add);
        for (PartSlot<? extends Part> slot : List.of(vmalloc, highmem, dma, reclaim, processes)) {
            if (slot.isBound()) {
                parts.add(slot.get());
            }
        }
        return parts;
    }

    boolean has(PartKind kind) {
        return switch (kind) {
            case OBJECTS -> objects.isBound();
            case VMALLOC -> vmalloc.isBound();
            case HIGHMEM -> highmem.isBound();
            case DMA -> dma.isBound();
            case RECLAIM -> reclaim.isBound();
        };
    }

    /** Parts that a machine can be without. */
    enum PartKind {
        /** Object allocator. */
        OBJECTS,
        /** vmalloc area. */
        VMALLOC,
        /** Windows onto high memory. */
        HIGHMEM,
        /** DMA. */
        DMA,
        /** Reclaim. */
        RECLAIM
    }

    // ---- calls

    @Override
    public Kernel kernel(Caller caller) {
        return new MachineKernel(this, caller, Ledger.NONE, new ModuleParameters(Map.of()));
    }

    @Override
    public <T> T locked(Supplier<T> action) {
        tasks.enter();
        try {
            T answer = action.get();
            if (tasks.outermost()) {
                exchanges.settle();
            }
            return answer;
        } finally {
            tasks.exit();
        }
    }

    @Override
    public <T> T call(Caller caller, String name, Supplier<T> action) {
        enter(caller);
        try {
            return action.get();
        } catch (RuntimeException e) {
            throw failure(e, name);
        } finally {
            exit();
        }
    }

    /** Takes the lock for a call on somebody's behalf; refused once the machine is halted. */
    void enter(Caller caller) {
        if (tasks.enter()) {
            if (halted != null) {
                tasks.exit();
                throw halted;
            }
            context.enterTask(caller.pid(), caller.comm(), trace.callSites().id(caller.site()));
        } else if (context.inHardirq()) {
            // a handler runs on the stack of whoever was interrupted, but it is the handler's code that calls
            context.setCallSite(trace.callSites().id(caller.site()));
        }
    }

    void exit() {
        try {
            if (tasks.outermost()) {
                interrupts.deliver();
                if (context.kind() == ContextRequest.Kind.PROCESS && !context.irqsDisabled()) {
                    runThreads();
                }
                exchanges.settle();
            }
        } finally {
            tasks.exit();
        }
    }

    /** Threads that were woken run when a task gives way: at the end of a call, and while it sleeps. */
    private void runThreads() {
        if (reclaim.isBound() && halted == null) {
            try {
                reclaim.get().runThreads();
            } catch (RuntimeException e) {
                throw failure(e, "a kernel thread");
            }
        }
    }

    /** A program has read or written memory: DMA knows whether it may, if there is anything that it must not touch now. */
    void accessed(long virt, long length, boolean write) {
        if (dma.isBound() && dma.get().watches()) {
            dma.get().accessed(virt, length, write);
        }
    }

    /** Memory is about to be freed, of which devices may still know. */
    void freeing(long virt, long length) {
        if (dma.isBound() && dma.get().watches()) {
            dma.get().freeing(virt, length);
        }
    }

    /** Lets time pass for the current task, which sleeps: tick by tick, as threads have naps of their own. */
    void passTime(long ticks) {
        long step = reclaim.isBound() ? 1 : ticks;
        for (long left = ticks; left > 0; left -= step) {
            clock.advance(step);
            interrupts.deliver();
            runThreads();
        }
    }

    /**
     * What a failed call throws: the kernel's own words go to the log; any other failure of a part halts the machine, so that its
     * state can be looked at.
     */
    RuntimeException failure(RuntimeException thrown, String call) {
        if (thrown instanceof KernelException oops) {
            if (oops.markReported()) {
                log.printk(KernelLog.ERR, oops.getMessage());
            }
            return oops;
        }
        if (thrown instanceof IllegalArgumentException) {
            return thrown;
        }
        halted = new MachineHalted(
                "machine " + name + " is halted: " + call + " failed with " + thrown
                        + "; everything is kept as it was at that moment, for whoever looks",
                thrown);
        log.printk(KernelLog.EMERG, halted.getMessage());
        return halted;
    }

    /** Why nothing goes on here, if a part has failed. */
    Optional<MachineHalted> halted() {
        return Optional.ofNullable(halted);
    }

    @Override
    public void tick(long ticks) {
        locked(() -> {
            if (halted != null) {
                throw halted;
            }
            try {
                passTime(ticks);
            } catch (RuntimeException e) {
                throw failure(e, "a timer");
            }
            return null;
        });
    }

    @Override
    public void setContext(ContextRequest request) {
        locked(() -> {
            context.request(request);
            interrupts.deliver();
            return null;
        });
    }

    // ---- looking

    @Override
    public Views views() {
        return new MachineViews(this);
    }

    @Override
    public List<AddressFact> whatis(long virt) {
        return locked(() -> {
            List<AddressFact> facts = new ArrayList<>();
            new LayoutFacts(layout).describe(virt, facts);
            List<Part> parts = bound();
            for (int i = parts.size() - 1; i >= 0; i--) {
                parts.get(i).describe(virt, facts);
            }
            origins.object(virt)
                    .ifPresent(origin -> facts.add(new AddressFact(
                            "origin",
                            String.format(
                                    "%d bytes asked for by %s (pid %d) at %s, event %d, tick %d",
                                    origin.requested(),
                                    origin.comm(),
                                    origin.pid(),
                                    origin.site(),
                                    origin.sequence(),
                                    origin.jiffies()))));
            return facts;
        });
    }

    @Override
    public VerifyResult verify() {
        return locked(() -> {
            Audit audit = new Audit(frames);
            bound().forEach(part -> part.verify(audit));
            return audit.result();
        });
    }

    @Override
    public Map<String, String> parts() {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("mmu", mmu.get().name());
        cache.ifPresent(part -> parts.put("data cache", part.name()));
        parts.put("page", pages.get().name());
        parts.put("free areas", pages.get().freeAreaName());
        parts.put("object", objects.name());
        parts.put("vmalloc", vmalloc.isBound() ? vmalloc.get().name() : "none");
        parts.put("highmem", highmem.isBound() ? highmem.get().name() : "none");
        parts.put("dma", dma.isBound() ? dma.get().name() : "none");
        parts.put("reclaim", reclaim.isBound() ? reclaim.get().name() : "none");
        parts.put("process", processes.isBound() ? processes.get().name() : "none");
        return parts;
    }

    // ---- copying

    @Override
    public Machine fork(String copyName) {
        return locked(() -> {
            if (tasks.anySleeping() || tasks.anyThread()) {
                throw new IllegalStateException(
                        "machine " + name + " cannot be copied while tasks sleep or kernel threads run in it");
            }
            if (exchanges.freeAreasParked()) {
                throw new IllegalStateException(
                        "machine " + name + " cannot be copied while it has no engine of free areas");
            }
            CopiedState state = new CopiedState();
            stateful().forEach(part -> part.save(state));
            SimulatedMachine copy = Boot.assemble(copyName, profile, layout, providers, Recorded.NOTHING);
            StateReader reader = state.reader();
            copy.stateful().forEach(part -> part.restore(reader));
            copy.setReservations(reservations);
            copy.exchanges.follow(exchanges);
            return copy;
        });
    }

    @Override
    public Runnable checkpoint() {
        return checkpoint(List.of(ram, frames, clock, pages.get(), objects));
    }

    /** The same of what an exchange of engines of free areas touches. */
    Runnable checkpointOfPages() {
        return checkpoint(List.of(frames, pages.get()));
    }

    private static Runnable checkpoint(List<Stateful> parts) {
        CopiedState state = new CopiedState();
        parts.forEach(part -> part.save(state));
        return () -> {
            StateReader reader = state.reader();
            parts.forEach(part -> part.restore(reader));
        };
    }

    private List<Stateful> stateful() {
        List<Stateful> all = new ArrayList<>(List.of(ram, frames, context, clock, log, trace, origins, interrupts));
        all.addAll(bound());
        all.add(mempools);
        return all;
    }
}
