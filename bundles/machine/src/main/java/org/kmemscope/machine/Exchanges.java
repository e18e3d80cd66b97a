package org.kmemscope.machine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.kmemscope.api.error.MissingPart;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.machine.Exchange.Part;
import org.kmemscope.api.machine.ExchangeReport;
import org.kmemscope.api.machine.ExchangeState;
import org.kmemscope.api.page.PageAllocator;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.api.zone.FreeAreaProvider;
import org.kmemscope.machine.exchange.ObjectExchange;

/**
 * Exchanges the allocators of one machine, under its lock and between calls: whoever is in the kernel ends its call first, and a call that
 * sleeps inside of the object allocator is waited for.
 *
 * <p>While a part is missing, every call that needs it is refused at once, before anything has happened. What the machine does by itself
 * meanwhile, such as timers that free memory, goes on.
 */
final class Exchanges {
    private static final String SITE = "exchange";
    private static final String REMEDY = "; start a bundle that provides one";

    private final SimulatedMachine machine;
    private String wantedObjects;
    private String wantedFreeAreas;
    /** What waits for an engine of free areas; empty while there is one. */
    private String parkedFreeAreas = "";
    /** An exchange that was asked for in the middle of a call that cannot be interrupted. */
    private Runnable owed;

    Exchanges(SimulatedMachine machine) {
        this.machine = machine;
        wantedObjects =
                machine.providers().objects().map(ObjectAllocatorProvider::name).orElse("");
        wantedFreeAreas = machine.providers().freeAreas().name();
    }

    /** Takes over what a machine wants of which this is a copy. */
    void follow(Exchanges other) {
        wantedObjects = other.wantedObjects;
        wantedFreeAreas = other.wantedFreeAreas;
    }

    String wanted(Part part) {
        return part == Part.OBJECT ? wantedObjects : wantedFreeAreas;
    }

    void want(Part part, String name) {
        if (part == Part.OBJECT) {
            wantedObjects = name;
        } else {
            wantedFreeAreas = name;
        }
    }

    // ---- what is missing

    boolean freeAreasParked() {
        return !parkedFreeAreas.isEmpty();
    }

    void requirePages() {
        if (!parkedFreeAreas.isEmpty()) {
            throw new MissingPart("no " + Part.PAGE.title() + ": " + parkedFreeAreas + REMEDY);
        }
    }

    void requireObjects() {
        requirePages();
        if (!machine.objects().isBound()) {
            throw new MissingPart(
                    "no " + Part.OBJECT.title() + ": " + machine.objects().parked() + REMEDY);
        }
    }

    // ---- the exchange

    /**
     * Hands over to the first of some object allocators that can take over.
     *
     * @param choice tells them, best first, once nobody is in the kernel
     * @param mayStay whether the one that is bound stays if none can; else what it leaves is parked
     */
    ExchangeReport objects(Supplier<List<ObjectAllocatorProvider>> choice, boolean mayStay) {
        return quietly(drained -> {
            ObjectExchange exchange = new ObjectExchange(machine, machine.objects());
            ExchangeReport report = exchange.run(choice.get(), mayStay, drained);
            if (exchange.successor().isPresent() || !machine.objects().isBound()) {
                machine.setProviders(machine.providers().withObjects(exchange.successor()));
            }
            tell(report, machine.objects().parked());
            return report;
        });
    }

    /** The same for engines of free areas. */
    ExchangeReport freeAreas(Supplier<List<FreeAreaProvider>> choice, boolean mayStay) {
        return quietly(drained -> {
            List<FreeAreaProvider> candidates = choice.get();
            String from = machine.pages().freeAreaName();
            String refusal = "";
            long blocks = 0;
            boolean done = false;
            Runnable back = machine.checkpointOfPages();
            for (FreeAreaProvider candidate : candidates) {
                try {
                    blocks = machine.pages().useFreeAreas(candidate);
                    machine.setProviders(machine.providers().withFreeAreas(candidate));
                    parkedFreeAreas = "";
                    done = true;
                    break;
                } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError e) {
                    back.run();
                    refusal = ObjectExchange.refused(candidate.name(), e);
                    machine.log().printk(KernelLog.ERR, "kmemscope: " + refusal);
                }
            }
            if (!done && !mayStay) {
                blocks = machine.pages().parkFreeAreas();
                parkedFreeAreas = String.format(
                        "%s has left: %d free blocks of %d pages are parked",
                        from, blocks, machine.pages().freePageCount());
                done = true;
            }
            ExchangeReport report = new ExchangeReport(
                    Part.PAGE,
                    from,
                    machine.pages().freeAreaName(),
                    drained,
                    done ? count(blocks) : Map.of(),
                    refusal,
                    machine.verify());
            tell(report, parkedFreeAreas);
            return report;
        });
    }

    private Map<String, Long> count(long blocks) {
        PageAllocator pages = machine.pages();
        Map<String, Long> taken = new LinkedHashMap<>();
        taken.put(
                "zones",
                pages.zones().stream().filter(zone -> zone.present() > 0).count());
        taken.put("free blocks", blocks);
        taken.put("free pages", pages.zones().stream().mapToLong(ZoneView::free).sum());
        return taken;
    }

    private void tell(ExchangeReport report, String parked) {
        String what = report.part().title();
        machine.log()
                .printk(
                        parked.isEmpty() ? KernelLog.INFO : KernelLog.WARNING,
                        parked.isEmpty()
                                ? String.format("kmemscope: %s: %s -> %s", what, report.from(), report.to())
                                : String.format("kmemscope: no %s: %s", what, parked));
    }

    /** Runs an exchange with the lock held and nobody inside of the allocators. */
    private ExchangeReport quietly(IntFunction<ExchangeReport> exchange) {
        int inKernel = machine.tasks.othersInKernel() ? 1 : 0;
        machine.tasks.enter();
        try {
            if (machine.halted().isPresent()) {
                throw new IllegalStateException(machine.halted().get().getMessage());
            }
            if (isBusy()) {
                throw new IllegalStateException("nothing can be exchanged in the middle of a call of the allocators");
            }
            int drained = inKernel + machine.tasks.drain();
            MachineContext.Saved task =
                    machine.context.suspendFor(machine.trace().callSites().id(SITE));
            try {
                return exchange.apply(drained);
            } finally {
                machine.context.resume(task);
            }
        } finally {
            machine.tasks.exit();
        }
    }

    /** Whether the thread that holds the lock is in the middle of a call that an exchange would pull the ground from under. */
    private boolean isBusy() {
        return machine.tasks.calls.isInside() || machine.trace.isTelling();
    }

    /**
     * Runs an exchange that nobody can refuse, because a bundle is stopped: at once, or as soon as the call is over in the middle of which
     * it was asked for, or that sleeps and cannot be woken now. Until then the part that leaves goes on to serve. A machine that is
     * halted stays as it is.
     */
    void whenIdle(Runnable exchange) {
        machine.locked(() -> {
            if (machine.halted().isPresent()) {
                machine.log().printk(KernelLog.WARNING, "kmemscope: nothing is exchanged in a machine that is halted");
            } else if (isBusy() || !drained()) {
                owed = exchange;
            } else {
                exchange.run();
            }
            return null;
        });
    }

    /** Waits until no call sleeps inside of the object allocator; false if nothing could wake it. */
    private boolean drained() {
        try {
            machine.tasks.drain();
            return true;
        } catch (IllegalStateException hang) {
            machine.log().printk(KernelLog.WARNING, "kmemscope: " + hang.getMessage());
            return false;
        }
    }

    /** Does what is owed; called by the last that leaves the kernel. */
    void settle() {
        if (owed != null && !isBusy() && machine.tasks.calls.asleep() == 0) {
            Runnable exchange = owed;
            owed = null;
            exchange.run();
        }
    }

    // ---- looking

    ExchangeState state(Part part, List<String> available) {
        return machine.locked(() -> part == Part.OBJECT
                ? new ExchangeState(
                        part,
                        machine.objects().name(),
                        wantedObjects,
                        available,
                        machine.objects().parked(),
                        machine.objects().left())
                : new ExchangeState(
                        part, machine.pages().freeAreaName(), wantedFreeAreas, available, parkedFreeAreas, List.of()));
    }

    /** The provider whose part is bound, if one is. */
    Optional<ObjectAllocatorProvider> boundObjects() {
        return machine.objects().isBound() ? machine.providers().objects() : Optional.empty();
    }

    /** The provider whose engines are bound, if one is. */
    Optional<FreeAreaProvider> boundFreeAreas() {
        return freeAreasParked()
                ? Optional.empty()
                : Optional.of(machine.providers().freeAreas());
    }
}
