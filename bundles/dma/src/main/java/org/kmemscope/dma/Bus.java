package org.kmemscope.dma;

import java.util.Optional;
import org.kmemscope.api.dcache.DataCache;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.error.BusError;
import org.kmemscope.api.ground.Ground;

/**
 * The way of devices to memory: from a bus address to a physical one, past the CPU's caches where these are not coherent, and into the
 * bounce buffer where a mapping has one.
 */
final class Bus {
    private final Ground ground;
    private final DeviceTable devices;
    private final MappingBook book;
    private final Watch watch;
    private final Optional<DataCache> cache;

    Bus(Ground ground, DeviceTable devices, MappingBook book, Watch watch) {
        this.ground = ground;
        this.devices = devices;
        this.book = book;
        this.watch = watch;
        cache = ground.dataCache();
    }

    /** A device reads. */
    void read(DmaDevice device, long bus, byte[] into, int offset, int length) {
        long phys = reached(device, bus, length);
        if (cache.isPresent()) {
            requireRam(phys, length);
            cache.get().deviceRead(phys, into, offset, length);
        } else {
            ground.ram().read(phys, into, offset, length);
        }
        watch.deviceRead(device, book.containing(device, bus), bus, length);
    }

    /** A device writes. */
    void write(DmaDevice device, long bus, byte[] from, int offset, int length) {
        long phys = reached(device, bus, length);
        Optional<Mapping> mapping = book.containing(device, bus);
        if (cache.isPresent()) {
            requireRam(phys, length);
            mapping.filter(met -> met.isStreaming() && !met.bounces() && met.virt() != 0)
                    .ifPresent(met -> cache.get().speculate(phys, length));
            cache.get().deviceWrite(phys, from, offset, length);
        } else {
            ground.ram().write(phys, from, offset, length);
        }
        watch.deviceWrote(device, mapping, bus, length);
    }

    /** Where a device sees memory. */
    long toBus(DmaDevice device, long phys) {
        return devices.toBus(device, phys);
    }

    private void requireRam(long phys, int length) {
        if (!ground.ram().isRam(phys, length)) {
            throw new BusError(phys, "access of a device to " + length + " bytes");
        }
    }

    /** Why a device cannot produce an address; empty if it can. */
    String refusal(DmaDevice device, long bus, long length) {
        long reach = devices.reach(device);
        return Masks.covers(reach, bus, length)
                ? ""
                : String.format(
                        "bus address 0x%08x is beyond its %d address lines%s",
                        bus, Long.bitCount(reach), explained(device, bus));
    }

    private long reached(DmaDevice device, long bus, long length) {
        String refusal = refusal(device, bus, length);
        if (!refusal.isEmpty()) {
            throw BusError.unreachable(bus, device.name() + ": " + refusal);
        }
        return devices.toPhys(device, bus);
    }

    /** What a driver did to come there, if that can be told. */
    private String explained(DmaDevice device, long bus) {
        Optional<Mapping> mapping = book.containing(device, bus);
        if (mapping.isPresent()) {
            return ": memory out of its reach was mapped at " + site(mapping.get().callSite)
                    + ", and this kernel does not look; take memory with GFP_DMA, or bounce";
        }
        return book.over(bus)
                .filter(met -> met.device.equals(device))
                .map(met -> String.format(
                        ": that is the physical address of the buffer that %s mapped; its bus address is 0x%08x",
                        site(met.callSite), met.bus + bus - met.phys()))
                .orElse("");
    }

    private String site(int id) {
        return ground.trace().callSites().text(id);
    }
}
