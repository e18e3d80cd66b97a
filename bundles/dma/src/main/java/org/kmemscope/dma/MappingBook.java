package org.kmemscope.dma;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * Every live coherent buffer and streaming mapping, in the order they were made, and the last few that were given up: a device that still
 * uses one of those can then be told which it was.
 */
final class MappingBook implements Stateful {
    private static final int FIELDS = 16;
    private static final int REMEMBERED = 16;

    private final DeviceTable devices;
    private final List<CoherentSource> sources;
    private final List<Mapping> live = new ArrayList<>();
    private final Deque<Mapping> ended = new ArrayDeque<>();
    private int streaming;

    /**
     * @param sources where coherent memory comes from, in an order that never changes
     */
    MappingBook(DeviceTable devices, List<CoherentSource> sources) {
        this.devices = devices;
        this.sources = List.copyOf(sources);
    }

    List<Mapping> all() {
        return Collections.unmodifiableList(live);
    }

    /** Whether any streaming mapping lives. */
    boolean anyStreaming() {
        return streaming > 0;
    }

    void add(Mapping mapping) {
        live.add(mapping);
        streaming += mapping.isStreaming() ? 1 : 0;
    }

    /** A mapping is given up. */
    void remove(Mapping mapping, int callSite) {
        live.remove(mapping);
        streaming -= mapping.isStreaming() ? 1 : 0;
        mapping.told = 0;
        mapping.endedAt = callSite;
        ended.addFirst(mapping);
        if (ended.size() > REMEMBERED) {
            ended.removeLast();
        }
    }

    /**
     * The mapping a driver means: of those with this device and bus address, the one that agrees in most of kind, size and direction
     * ({@code bucket_find_exact()}); the same address may be mapped more than once.
     */
    Optional<Mapping> find(DmaDevice device, long handle, Mapping.Kind kind, long size, Direction direction) {
        Mapping best = null;
        int bestLevel = -1;
        for (Mapping mapping : live) {
            if (mapping.handle() == handle && mapping.device.equals(device)) {
                int level = (mapping.kind == kind ? 1 : 0)
                        + (mapping.size == size ? 1 : 0)
                        + (mapping.direction == direction ? 1 : 0);
                if (level > bestLevel) {
                    best = mapping;
                    bestLevel = level;
                }
            }
        }
        return Optional.ofNullable(best);
    }

    /** The live mapping of a device around a bus address, the youngest if there are several ({@code bucket_find_contain()}). */
    Optional<Mapping> containing(DmaDevice device, long bus) {
        return youngest(live, mapping -> mapping.device.equals(device) && mapping.holdsBus(bus, 1));
    }

    /** The live mapping of any device over a physical address. */
    Optional<Mapping> over(long phys) {
        return youngest(live, mapping -> mapping.holdsPhys(phys));
    }

    /** The mapping, live or given up not long ago, over a physical address. */
    Optional<Mapping> overLately(long phys) {
        return over(phys).or(() -> ended.stream()
                .filter(mapping -> mapping.holdsPhys(phys))
                .findFirst());
    }

    /** The mapping of a device that was given up last, of those that held a bus address. */
    Optional<Mapping> endedAt(DmaDevice device, long bus) {
        return ended.stream()
                .filter(mapping -> mapping.device.equals(device) && mapping.holdsBus(bus, 1))
                .findFirst();
    }

    private static Optional<Mapping> youngest(List<Mapping> mappings, Predicate<Mapping> which) {
        for (int i = mappings.size() - 1; i >= 0; i--) {
            if (which.test(mappings.get(i))) {
                return Optional.of(mappings.get(i));
            }
        }
        return Optional.empty();
    }

    /** Notes that a driver asked whether a mapping failed; of several with one address, the first not asked about. */
    void noteChecked(DmaDevice device, long handle) {
        for (Mapping mapping : live) {
            if (mapping.handle() == handle && mapping.device.equals(device) && !mapping.checked) {
                mapping.checked = true;
                return;
            }
        }
    }

    @Override
    public void save(StateWriter out) {
        save(live, out);
        save(ended, out);
    }

    private void save(Collection<Mapping> mappings, StateWriter out) {
        out.putInt(mappings.size());
        for (Mapping mapping : mappings) {
            out.putLongs(new long[] {
                mapping.kind.ordinal(),
                mapping.device.id(),
                mapping.size,
                mapping.direction.ordinal(),
                mapping.callSite,
                sources.indexOf(mapping.placed.source()),
                mapping.placed.virt(),
                mapping.placed.phys(),
                mapping.placed.pages(),
                mapping.bus,
                mapping.slot,
                mapping.checked ? 1 : 0,
                mapping.cpuOwns ? 1 : 0,
                mapping.wroteAt,
                mapping.told,
                mapping.endedAt
            });
        }
    }

    @Override
    public void restore(StateReader in) {
        live.clear();
        ended.clear();
        streaming = 0;
        for (int left = in.getInt(); left > 0; left--) {
            add(read(in));
        }
        for (int left = in.getInt(); left > 0; left--) {
            ended.addLast(read(in));
        }
    }

    private Mapping read(StateReader in) {
        long[] values = in.getLongs();
        if (values.length != FIELDS) {
            throw new IllegalStateException("a mapping has " + FIELDS + " values, not " + values.length);
        }
        CoherentSource source = values[5] < 0 ? CoherentSource.NOWHERE : sources.get((int) values[5]);
        Mapping mapping = new Mapping(
                Mapping.Kind.values()[(int) values[0]],
                devices.get((int) values[1]),
                values[2],
                Direction.values()[(int) values[3]],
                (int) values[4],
                new Placed(source, values[6], values[7], (int) values[8]),
                values[9],
                (int) values[10]);
        mapping.checked = values[11] != 0;
        mapping.cpuOwns = values[12] != 0;
        mapping.wroteAt = (int) values[13];
        mapping.told = (int) values[14];
        mapping.endedAt = (int) values[15];
        return mapping;
    }
}
