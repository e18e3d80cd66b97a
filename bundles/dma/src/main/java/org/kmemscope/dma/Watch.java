package org.kmemscope.dma;

import java.util.List;
import java.util.Optional;
import org.kmemscope.api.dcache.CacheObserver;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * Sees to it that CPU and device keep to the turns that the DMA API gives them, and tells who did not, in one line: the call that is
 * missing, and where.
 *
 * <pre>
 *   map ────────→ device's ── sync_for_cpu ──→ CPU's ── sync_for_device ──→ device's ────────→ unmap
 *                 CPU: hands off               device: hands off
 * </pre>
 *
 * <ol>
 *   <li>The CPU reads what the device may write, while it is the device's: {@code sync_for_cpu} is missing.
 *   <li>The CPU writes what the device writes too: the same.
 *   <li>The CPU writes what the device only reads: told when the device reads it, unless {@code sync_for_device} came before.
 *   <li>The device reads or writes against the direction of the mapping, or after its end.
 *   <li>A dirty line of the data cache goes over a device's bytes: the buffer shares a line with something else.
 * </ol>
 *
 * <p>A kernel tells none of this; the harm shows later, or on another machine. Each thing is told once for each turn.
 */
final class Watch implements CacheObserver, Stateful {
    private final Ground ground;
    private final MappingBook book;
    private final Maintenance maintenance;
    /** Bytes of the access at hand that are not what memory holds. */
    private long staleFrom;

    private long staleBytes;
    private long unwrittenFrom;
    private long unwrittenBytes;
    private int unwrittenBy;

    private List<Flights> hardware = List.of();
    /** The transfer in flight that was told last. */
    private long toldFlight;

    Watch(Ground ground, MappingBook book, Maintenance maintenance) {
        this.ground = ground;
        this.maintenance = maintenance;
        this.book = book;
        ground.dataCache().ifPresent(cache -> cache.observe(this));
    }

    private void tell(String format, Object... arguments) {
        ground.log().printk(KernelLog.WARNING, "kmemscope: DMA: " + String.format(format, arguments));
    }

    private static String bytes(long count) {
        return count + (count == 1 ? " byte" : " bytes");
    }

    private String site(int id) {
        return ground.trace().callSites().text(id);
    }

    private String here() {
        return site(ground.context().callSite());
    }

    private String mapped(Mapping mapping) {
        return String.format("mapped %s at %s", mapping.direction, site(mapping.callSite));
    }

    /** What follows for this machine. */
    private String harm(String onNonCoherent) {
        return ground.dataCache().isPresent()
                ? onNonCoherent
                : "; no harm on this machine, whose devices see the CPU's cache";
    }

    // ---- the CPU

    /** Hardware that moves memory. */
    void watch(List<Flights> movers) {
        hardware = List.copyOf(movers);
    }

    /** Whether the CPU has to keep its hands off anything. */
    boolean isActive() {
        return book.anyStreaming() || staleBytes > 0 || anyFlight();
    }

    private boolean anyFlight() {
        for (int i = 0; i < hardware.size(); i++) {
            if (hardware.get(i).any()) {
                return true;
            }
        }
        return false;
    }

    /** A program has read or written: linear memory is one piece, anything else is looked at page by page. */
    void accessed(long virt, long length, boolean write) {
        long stale = staleBytes;
        long first = staleFrom;
        staleBytes = 0;
        boolean told = false;
        if (ground.layout().isLinear(virt)) {
            told = accessed(virt, ground.layout().virtToPhys(virt), length, write, stale);
        } else {
            long done = 0;
            while (done < length) {
                long part = Math.min(length - done, Profile.PAGE_SIZE - (virt + done & Profile.PAGE_SIZE - 1));
                long phys = ground.mmu().lookup(virt + done);
                told |= phys >= 0 && accessed(virt + done, phys, part, write, stale);
                done += part;
            }
        }
        if (stale > 0 && !told) {
            staleWithoutTurn(first, stale);
        }
    }

    /** The same of one piece of memory: whether anything was out of turn. */
    private boolean accessed(long virt, long phys, long length, boolean write, long stale) {
        boolean told = false;
        List<Mapping> mappings = book.all();
        for (int i = 0; i < mappings.size(); i++) {
            Mapping mapping = mappings.get(i);
            if (mapping.deviceOwns() && mapping.overlapsPhys(phys, length)) {
                told |= touched(mapping, virt, length, write, stale);
            }
        }
        if (!told && anyFlight()) {
            tellFlight(virt, phys, length, write);
        }
        return told;
    }

    /** Memory in flight: the result depends on who is faster. */
    private void tellFlight(long virt, long phys, long length, boolean write) {
        for (Flights mover : hardware) {
            Optional<Flights.Flight> flight = mover.over(phys, length, write);
            if (flight.isPresent() && flight.get().key() != toldFlight) {
                Flights.Flight met = flight.get();
                toldFlight = met.key();
                tell(
                        "in flight at %s: it %s %s at 0x%08x, which %s %s (%d of %d bytes moved); wait for its interrupt",
                        here(),
                        write ? "writes" : "reads",
                        bytes(length),
                        virt,
                        met.what(),
                        met.writes() ? "writes" : "reads",
                        met.moved(),
                        met.total());
            }
        }
    }

    /** Whether a stale read is explained by it. */
    private boolean touched(Mapping mapping, long virt, long length, boolean write, long stale) {
        if (write && !mapping.deviceWrites()) {
            mapping.wroteAt = ground.context().callSite();
            return false;
        }
        if (!mapping.deviceWrites()) {
            return false;
        }
        if (mapping.firstTime(write ? Mapping.Told.CPU_WRITE : Mapping.Told.CPU_READ)) {
            tell(
                    "%s_for_cpu() is missing before %s, which %s %s at 0x%08x while they are %s's (%s)%s",
                    mapping.kind.sync(),
                    here(),
                    write ? "writes" : "reads",
                    bytes(length),
                    virt,
                    mapping.device.name(),
                    mapped(mapping),
                    write
                            ? harm("")
                            : harm(
                                    stale > 0
                                            ? ": " + bytes(stale) + (stale == 1 ? " is stale" : " are stale")
                                            : ": what it reads may be stale"));
        }
        return true;
    }

    private void staleWithoutTurn(long first, long stale) {
        Optional<Mapping> mapping = book.overLately(first);
        if (mapping.isEmpty()) {
            tell(
                    "dma_map_single() is missing: %s reads %d stale bytes at physical 0x%08x, which a device has written past the cache",
                    here(), stale, first);
        } else if (mapping.get().kind == Mapping.Kind.COHERENT) {
            tell(
                    "%s reads %d stale bytes of the coherent buffer of %s through another address than 0x%08x (allocated at %s)",
                    here(), stale, mapping.get().device.name(), mapping.get().virt(), site(mapping.get().callSite));
        } else if ((mapping.get().told & Mapping.Told.DIRECTION) == 0
                && mapping.get().firstTime(Mapping.Told.CPU_READ)) {
            tell(
                    "%s reads %d stale bytes at physical 0x%08x, which %s has written (%s%s): %s",
                    here(),
                    stale,
                    first,
                    mapping.get().device.name(),
                    mapped(mapping.get()),
                    mapping.get().endedAt == 0 ? "" : ", unmapped at " + site(mapping.get().endedAt),
                    why(mapping.get()));
        }
    }

    private String why(Mapping mapping) {
        if (!mapping.deviceWrites()) {
            return "the direction has to be DMA_FROM_DEVICE";
        }
        return maintenance == Maintenance.BEFORE
                ? "this kernel does not invalidate after a transfer, and the CPU has fetched lines meanwhile"
                : "it was given back with another direction or size";
    }

    /** Memory is about to be freed. */
    void freeing(long virt, long length) {
        AddressLayout layout = ground.layout();
        if (!layout.isLinear(virt)) {
            return;
        }
        long phys = layout.virtToPhys(virt);
        List<Mapping> held = book.all().stream()
                .filter(mapping -> mapping.isStreaming() && mapping.overlapsPhys(phys, length))
                .toList();
        for (Mapping mapping : held) {
            tell(
                    "%s is missing before %s, which frees 0x%08x while %s may still %s %d bytes of it (%s)",
                    mapping.kind.ending(),
                    here(),
                    virt,
                    mapping.device.name(),
                    mapping.deviceWrites() ? "write" : "read",
                    mapping.size,
                    mapped(mapping));
        }
    }

    // ---- what is printed

    /**
     * A driver prints a bus address and one virtual address: if that is not where the CPU sees the buffer, it has most likely taken the
     * wrong variable.
     */
    void printing(Object... arguments) {
        Mapping buffer = null;
        long other = 0;
        int handles = 0;
        int addresses = 0;
        for (Object argument : arguments) {
            if (argument instanceof Long value && value != 0) {
                Optional<Mapping> mapping =
                        book.all().stream().filter(met -> met.handle() == value).findFirst();
                if (mapping.isPresent()) {
                    buffer = mapping.get();
                    handles++;
                } else if (isVirtual(value)) {
                    other = value;
                    addresses++;
                }
            }
        }
        if (handles == 1 && addresses == 1 && buffer.virt() != 0) {
            long offset = other - buffer.virt();
            if (offset < 0 || offset >= buffer.size) {
                tell(
                        "wrong variable at %s: it prints 0x%08x beside bus address 0x%08x, which is that of the buffer at 0x%08x"
                                + " (%s at %s)",
                        here(),
                        other,
                        buffer.handle(),
                        buffer.virt(),
                        buffer.isStreaming() ? "mapped" : "allocated",
                        site(buffer.callSite));
            }
        }
    }

    private boolean isVirtual(long value) {
        AddressLayout layout = ground.layout();
        return layout.isLinear(value) || value >= layout.vmallocStart() && value < layout.vmallocEnd();
    }

    // ---- devices

    /** A device has read. */
    void deviceRead(DmaDevice device, Optional<Mapping> mapping, long bus, long length) {
        long missing = unwrittenBytes;
        unwrittenBytes = 0;
        if (mapping.isEmpty()) {
            if (!afterTheEnd(device, bus, length, "reads") && missing > 0) {
                tell(
                        "dma_map_single() is missing after %s: %s reads %d bytes at physical 0x%08x that only the CPU's cache has",
                        site(unwrittenBy), device.name(), missing, unwrittenFrom);
            }
            return;
        }
        Mapping met = mapping.get();
        if (!met.deviceReads()) {
            against(met, "reads", bus, length, Direction.DMA_TO_DEVICE);
        } else if ((missing > 0 || met.wroteAt != 0) && met.firstTime(Mapping.Told.DEVICE_READ)) {
            int writer = missing > 0 ? unwrittenBy : met.wroteAt;
            if (met.kind == Mapping.Kind.COHERENT) {
                tell(
                        "%s wrote %d bytes of the coherent buffer of %s through another address than 0x%08x (allocated at %s): only"
                                + " the CPU's cache has them",
                        site(writer), missing, device.name(), met.virt(), site(met.callSite));
            } else {
                tell(
                        "%s_for_device() is missing after %s, which wrote to the buffer of %s (%s)%s",
                        met.kind.sync(),
                        site(writer),
                        device.name(),
                        mapped(met),
                        harm(": " + device.name() + " reads " + bytes(missing) + " that memory had before"));
            }
        }
    }

    /** A device has written. */
    void deviceWrote(DmaDevice device, Optional<Mapping> mapping, long bus, long length) {
        if (mapping.isEmpty()) {
            afterTheEnd(device, bus, length, "writes");
        } else if (!mapping.get().deviceWrites()) {
            against(mapping.get(), "writes", bus, length, Direction.DMA_FROM_DEVICE);
        } else if (mapping.get().isStreaming()
                && mapping.get().cpuOwns
                && mapping.get().firstTime(Mapping.Told.ENDED)) {
            tell(
                    "%s_for_device() is missing: %s writes %d bytes at bus address 0x%08x while they are the CPU's (%s)",
                    mapping.get().kind.sync(), device.name(), length, bus, mapped(mapping.get()));
        }
    }

    private void against(Mapping mapping, String does, long bus, long length, Direction right) {
        if (mapping.firstTime(Mapping.Told.DIRECTION)) {
            tell(
                    "wrong direction at %s: %s %s %d bytes at bus address 0x%08x, which %s mapped %s; it has to be %s or"
                            + " DMA_BIDIRECTIONAL",
                    site(mapping.callSite),
                    mapping.device.name(),
                    does,
                    length,
                    bus,
                    site(mapping.callSite),
                    mapping.direction,
                    right);
        }
    }

    /** Whether a mapping that is no more explains an access. */
    private boolean afterTheEnd(DmaDevice device, long bus, long length, String does) {
        Optional<Mapping> ended = book.endedAt(device, bus);
        ended.filter(mapping -> mapping.firstTime(Mapping.Told.ENDED))
                .ifPresent(mapping -> tell(
                        "%s at %s came too early: %s still %s %d bytes at bus address 0x%08x (%s)",
                        mapping.kind.ending(),
                        site(mapping.endedAt),
                        device.name(),
                        does,
                        length,
                        bus,
                        mapping.kind == Mapping.Kind.COHERENT
                                ? "allocated at " + site(mapping.callSite)
                                : mapped(mapping)));
        return ended.isPresent();
    }

    // ---- the data cache

    @Override
    public void staleRead(long phys, int length) {
        staleFrom = staleBytes == 0 ? phys : staleFrom;
        staleBytes += length;
    }

    @Override
    public void unwrittenRead(long phys, int length, int writer) {
        if (unwrittenBytes == 0) {
            unwrittenFrom = phys;
            unwrittenBy = writer;
        }
        unwrittenBytes += length;
    }

    @Override
    public void overwritten(long phys, int length, long line, int writer) {
        int lineSize = ground.dataCache().orElseThrow().geometry().lineSize();
        book.overLately(phys)
                .filter(mapping -> mapping.firstTime(Mapping.Told.NEIGHBOUR))
                .ifPresent(mapping -> tell(
                        "the buffer of %s at physical 0x%08x, %d bytes (%s), shares cache line 0x%08x with what %s wrote: %d bytes"
                                + " that %s had written are destroyed; begin and end such a buffer on a line (%d bytes)",
                        mapping.device.name(),
                        mapping.phys(),
                        mapping.size,
                        mapped(mapping),
                        line,
                        site(writer),
                        length,
                        mapping.device.name(),
                        lineSize));
    }

    // ---- state

    @Override
    public void save(StateWriter out) {
        out.putLongs(new long[] {staleFrom, staleBytes, unwrittenFrom, unwrittenBytes, unwrittenBy, toldFlight});
    }

    @Override
    public void restore(StateReader in) {
        long[] values = in.getLongs();
        staleFrom = values[0];
        staleBytes = values[1];
        unwrittenFrom = values[2];
        unwrittenBytes = values[3];
        unwrittenBy = (int) values[4];
        toldFlight = values[5];
    }
}
