package org.kmemscope.shell.command;

import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.trace.TracePoint;

/** The trace of each machine, for as long as the machine is there. */
final class TraceRings {
    private final Map<Machine, TraceRing> rings = new WeakHashMap<>();

    synchronized Optional<TraceRing> of(Machine machine) {
        return Optional.ofNullable(rings.get(machine));
    }

    /** Starts to listen, with an empty ring. */
    synchronized void start(Machine machine, int capacity, TracePoint... points) {
        stop(machine);
        TraceRing ring = new TraceRing(machine, capacity);
        rings.put(machine, ring);
        machine.locked(() -> {
            machine.trace().listen(ring, points);
            return null;
        });
    }

    /** Stops to listen; what was heard stays. */
    synchronized void stop(Machine machine) {
        TraceRing ring = rings.get(machine);
        if (ring != null) {
            machine.locked(() -> {
                machine.trace().silence(ring);
                return null;
            });
        }
    }
}
