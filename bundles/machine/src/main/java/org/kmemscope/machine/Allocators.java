package org.kmemscope.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.kmemscope.api.machine.Exchange;
import org.kmemscope.api.machine.ExchangeReport;
import org.kmemscope.api.machine.ExchangeState;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.zone.FreeAreaProvider;

/**
 * The allocators that are present, and what machines make of it when one comes or goes:
 *
 * <ol>
 *   <li>The allocator that a machine wants is there, and is not the one in use, or not the best of that name: it takes over.
 *   <li>The one in use is there: it stays.
 *   <li>Else those that are there are asked, the ones that the profile names first; if none can take over, what is left is parked.
 * </ol>
 *
 * <p>A service is told that it goes before it is gone, and waits until everybody has let go. So an exchange happens on the thread that stops the
 * bundle, and the stop returns when no machine uses the allocator any more: except for a machine that this very thread is in a call of,
 * which follows when that call is over.
 */
final class Allocators implements Exchange {
    private final Roster<ObjectAllocatorProvider> objects = new Roster<>(ObjectAllocatorProvider::name);
    private final Roster<FreeAreaProvider> freeAreas = new Roster<>(FreeAreaProvider::name);

    Roster<ObjectAllocatorProvider> objects() {
        return objects;
    }

    Roster<FreeAreaProvider> freeAreas() {
        return freeAreas;
    }

    @Override
    public List<String> available(Part part) {
        return part == Part.OBJECT ? objects.names() : freeAreas.names();
    }

    @Override
    public List<ExchangeState> state(Machine machine) {
        Exchanges exchanges = MachineFactory.of(machine);
        return List.of(
                exchanges.state(Part.OBJECT, available(Part.OBJECT)), exchanges.state(Part.PAGE, available(Part.PAGE)));
    }

    @Override
    public ExchangeReport swap(Machine machine, Part part, String successor) {
        Exchanges exchanges = MachineFactory.of(machine);
        ExchangeReport report = part == Part.OBJECT
                ? exchanges.objects(() -> List.of(named(objects, part, successor)), true)
                : exchanges.freeAreas(() -> List.of(named(freeAreas, part, successor)), true);
        if (report.refusal().isEmpty()) {
            exchanges.want(part, successor);
        }
        return report;
    }

    private static <P> P named(Roster<P> roster, Part part, String name) {
        return roster.best(name)
                .orElseThrow(() -> new IllegalArgumentException("no started bundle provides an " + part.title()
                        + " called " + name + "; there "
                        + (roster.names().isEmpty() ? "is none" : "are " + String.join(", ", roster.names()))));
    }

    /** Gives a machine the allocators it wants, as far as they are there. */
    void align(Machine machine) {
        if (machine instanceof SimulatedMachine simulated) {
            Exchanges exchanges = simulated.exchanges;
            exchanges.whenIdle(() -> {
                // what object allocators need comes first
                align(simulated, Part.PAGE, freeAreas, exchanges.boundFreeAreas(), exchanges::freeAreas);
                align(simulated, Part.OBJECT, objects, exchanges.boundObjects(), exchanges::objects);
            });
        }
    }

    /** Under the machine's lock, so that what is chosen is present still: a provider that goes waits for the lock. */
    private static <P> void align(
            SimulatedMachine machine,
            Exchange.Part part,
            Roster<P> roster,
            Optional<P> bound,
            BiFunction<Supplier<List<P>>, Boolean, ExchangeReport> exchange) {
        boolean present = bound.filter(roster::has).isPresent();
        Optional<P> wanted = roster.best(machine.exchanges.wanted(part));
        if (present && (wanted.isEmpty() || wanted.equals(bound))) {
            return;
        }
        List<P> candidates = new ArrayList<>();
        wanted.ifPresent(candidates::add);
        if (!present) {
            List<String> preferred = machine.profile().providers().getOrDefault(part.label(), List.of());
            roster.inOrder(preferred).stream()
                    .filter(other -> !candidates.contains(other))
                    .forEach(candidates::add);
        }
        if (bound.isPresent() || !candidates.isEmpty()) {
            exchange.apply(() -> candidates, present || bound.isEmpty());
        }
    }
}
