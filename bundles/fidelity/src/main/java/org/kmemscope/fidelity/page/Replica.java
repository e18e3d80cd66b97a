package org.kmemscope.fidelity.page;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.PageState.ZoneState;

/**
 * A machine in which experiments are made again that a module made one after the other in a running kernel. Where others took or gave back
 * pages in between, its free lists are made anew, with as many blocks of each order as the kernel had then. From that moment on it is not
 * known which blocks lie on the lists of that zone, and in which order.
 */
public final class Replica {
    private final Machine machine;
    private final Set<String> unknown = new HashSet<>();
    private PageState base;

    /**
     * @param machine a clone of the capture
     */
    public Replica(Machine machine) {
        this.machine = machine;
        machine.locked(() -> {
            machine.pages().drainAllPages();
            base = machine.pages().state();
            return null;
        });
    }

    /** The machine. */
    public Machine machine() {
        return machine;
    }

    /** Whether every free block of a zone is the kernel's, as far as one can tell. */
    boolean knows(String zone) {
        return !unknown.contains(zone);
    }

    /** The zone's free blocks in the machine, as counts. */
    FreeBlocks.Zone zone(String name) {
        return zones(machine.pages().state()).get(name);
    }

    private Map<String, FreeBlocks.Zone> zones(PageState state) {
        Map<String, FreeBlocks.Zone> zones = new java.util.LinkedHashMap<>();
        for (ZoneState zone : state.zones()) {
            if (zone.spanned() > 0) {
                zones.put(label(zone), FreeBlocks.Zone.of(zone, machine.pages().maxOrder()));
            }
        }
        return zones;
    }

    private String label(ZoneState zone) {
        return machine.pages().zoneType(zone.index()).label();
    }

    /** What follows starts from the lists as they are now, and from their pageblocks, not from those of the capture's start. */
    void keepLists() {
        base = machine.pages().state();
    }

    /**
     * Goes on from the counts that the kernel had.
     *
     * @param counted counts of all zones
     * @param zone where the next request was served from, if that is known
     * @param taken the block that it was served from, if that is known
     * @return whether the machine has these counts now
     */
    public boolean follow(FreeBlocks counted, String zone, Optional<Taken> taken) {
        PageState state = machine.pages().state();
        List<ZoneState> zones = new ArrayList<>();
        boolean changed = false;
        for (ZoneState now : state.zones()) {
            String name = label(now);
            FreeBlocks.Zone wanted = counted.zones().get(name);
            if (now.spanned() == 0 || wanted == null) {
                zones.add(now);
                continue;
            }
            boolean same =
                    FreeBlocks.Zone.of(now, machine.pages().maxOrder()).blocks().equals(wanted.blocks());
            if (!same) {
                unknown.add(name);
            }
            Optional<Taken> here = name.equals(zone) && !knows(name) ? taken : Optional.empty();
            if (same && here.isEmpty()) {
                zones.add(now);
                continue;
            }
            Optional<ZoneState> made = CountedZone.of(machine, counters(now), wanted, here);
            if (made.isEmpty()) {
                return false;
            }
            zones.add(made.get());
            changed = true;
        }
        if (changed) {
            machine.pages().load(new PageState(zones));
        }
        return true;
    }

    /** The counters of a zone. */
    ZoneState zoneState(String zone) {
        return machine.pages().counters().zones().stream()
                .filter(some -> label(some).equals(zone))
                .findFirst()
                .orElseThrow();
    }

    /** Sets the boost of the watermarks of zones to what the kernel had. */
    void setBoosts(Map<String, Long> boosts) {
        if (boosts.keySet().stream().anyMatch(zone -> zoneState(zone).boost() != boosts.get(zone))) {
            machine.pages()
                    .load(new PageState(machine.pages().state().zones().stream()
                            .map(zone -> withBoost(zone, boosts.getOrDefault(label(zone), zone.boost())))
                            .toList()));
        }
    }

    /** Sets the lowmem reserves of zones to what the kernel had. */
    public void setReserves(Map<String, long[]> reserves) {
        if (!reserves.isEmpty()) {
            machine.locked(() -> {
                machine.pages()
                        .load(new PageState(machine.pages().state().zones().stream()
                                .map(zone -> ZoneStates.withReserve(
                                        zone, reserves.getOrDefault(label(zone), zone.reserve())))
                                .toList()));
                return null;
            });
        }
    }

    private static ZoneState withBoost(ZoneState zone, long boost) {
        return ZoneStates.of(zone, zone.freeLists(), zone.blockTypes(), boost);
    }

    /** Lists and pageblocks of the base, what else there is as it is now. */
    private ZoneState counters(ZoneState now) {
        ZoneState lists = base.zones().get(now.index());
        return ZoneStates.of(now, lists.freeLists(), lists.blockTypes(), now.boost());
    }
}
