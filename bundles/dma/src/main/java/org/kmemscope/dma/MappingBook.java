package org.kmemscope.dma;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/** Every live coherent buffer and streaming mapping, in the order they were made. */
final class MappingBook implements Stateful {
    private static final int FIELDS = 10;

    private final DeviceTable devices;
    private final List<CoherentSource> sources;
    private final List<Mapping> live = new ArrayList<>();

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

    void add(Mapping mapping) {
        live.add(mapping);
    }

    void remove(Mapping mapping) {
        live.remove(mapping);
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
        out.putInt(live.size());
        for (Mapping mapping : live) {
            out.putLongs(new long[] {
                mapping.kind.ordinal(),
                mapping.device.id(),
                mapping.size,
                mapping.direction.ordinal(),
                mapping.callSite,
                mapping.checked ? 1 : 0,
                sources.indexOf(mapping.placed.source()),
                mapping.placed.virt(),
                mapping.placed.phys(),
                mapping.placed.pages()
            });
        }
    }

    @Override
    public void restore(StateReader in) {
        live.clear();
        for (int left = in.getInt(); left > 0; left--) {
            long[] values = in.getLongs();
            if (values.length != FIELDS) {
                throw new IllegalStateException("a mapping has " + FIELDS + " values, not " + values.length);
            }
            CoherentSource source = values[6] < 0 ? CoherentSource.NOWHERE : sources.get((int) values[6]);
            Mapping mapping = new Mapping(
                    Mapping.Kind.values()[(int) values[0]],
                    devices.get((int) values[1]),
                    values[2],
                    Direction.values()[(int) values[3]],
                    (int) values[4],
                    new Placed(source, values[7], values[8], (int) values[9]));
            mapping.checked = values[5] != 0;
            live.add(mapping);
        }
    }
}
