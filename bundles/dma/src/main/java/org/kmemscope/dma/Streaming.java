package org.kmemscope.dma;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.dcache.DataCache;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.dma.DmaSegment;
import org.kmemscope.api.dma.ScatterEntry;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.trace.TracePoint;

/**
 * Streaming mappings: memory that a driver has, lent to a device for a while.
 *
 * <ol>
 *   <li>Is the memory such that a device can have it; does the device reach it, as far as this kernel looks.
 *   <li>If not, and there is a software IO TLB: it gets a copy that it reaches.
 *   <li>The data cache is brought in order, by the direction.
 *   <li>Back the same way: cache, copy, books.
 * </ol>
 */
final class Streaming {
    private final ObjectFloor floor;
    private final Era era;
    private final DeviceTable devices;
    private final MappingBook book;
    private final DmaDebug debug;
    private final DmaInspection inspection;
    private final Optional<BouncePool> bounce;
    private final Optional<DataCache> cache;

    Streaming(
            ObjectFloor floor,
            Era era,
            DeviceTable devices,
            MappingBook book,
            DmaDebug debug,
            DmaInspection inspection,
            Optional<BouncePool> bounce) {
        this.floor = floor;
        this.era = era;
        this.devices = devices;
        this.book = book;
        this.debug = debug;
        this.inspection = inspection;
        this.bounce = bounce;
        cache = floor.dataCache();
    }

    // ---- map

    long mapSingle(DmaDevice device, long virt, long size, Direction direction) {
        refuseNone(direction, "dma_map_single");
        if (!mappable(device, virt, size)) {
            return era.mappingError();
        }
        long phys = floor.layout().virtToPhys(virt);
        return map(Mapping.Kind.SINGLE, device, virt, phys, size, direction);
    }

    long mapPage(Mapping.Kind kind, DmaDevice device, int pfn, long offset, long size, Direction direction) {
        long phys = ((long) pfn << Profile.PAGE_SHIFT) + offset;
        AddressLayout layout = floor.layout();
        boolean low = pfn < layout.maxLowPfn();
        if (size < 1 || !floor.ram().isRam(phys, size)) {
            debug.mapsInvalidArea(device, low ? layout.pfnToVirt(pfn) + offset : phys, size);
            return era.mappingError();
        }
        return map(kind, device, low ? layout.pfnToVirt(pfn) + offset : 0, phys, size, direction);
    }

    private static void refuseNone(Direction direction, String call) {
        if (direction == Direction.DMA_NONE) {
            throw new KernelBug("kernel BUG at include/linux/dma-mapping.h: " + call + "() with DMA_NONE");
        }
    }

    private long map(Mapping.Kind kind, DmaDevice device, long virt, long phys, long size, Direction direction) {
        if (virt != 0 && inspection.inKernelText(phys, size)) {
            debug.mapsKernelText(device, virt, size);
        }
        // without a device there is no mask to look at
        boolean reached = device.equals(DmaDevice.NULL) || aperture(device).covers(era.reach(), phys, size);
        int slot = Mapping.NO_SLOT;
        if (bounce.isPresent() && (!reached || bounce.get().forced())) {
            slot = bounced(bounce.get(), device, phys, size, direction);
            if (slot == Mapping.NO_SLOT) {
                return era.mappingError();
            }
        } else if (!reached) {
            complain(device, devices.toBus(device, phys), size);
            return era.mappingError();
        }
        long seen = slot == Mapping.NO_SLOT ? phys : bounce.get().phys(slot);
        long bus = devices.toBus(device, seen);
        int pages = (int) Orders.pages((phys & Profile.PAGE_SIZE - 1) + size);
        Placed placed = new Placed(CoherentSource.NOWHERE, virt, phys, pages);
        int site = floor.context().callSite();
        Mapping mapping = new Mapping(kind, device, size, direction, site, placed, bus, slot);
        if (era.tellsOverlaps() && mapping.deviceWrites()) {
            overlapping(mapping).ifPresent(other -> debug.overlapping(mapping, other));
        }
        book.add(mapping);
        cache.ifPresent(lines -> era.maintenance().toDevice(lines, seen, size, direction));
        if (floor.trace().on(TracePoint.DMA_MAP)) {
            floor.trace().fire(TracePoint.DMA_MAP, text(device), direction.ordinal(), bus, size, phys);
        }
        return bus;
    }

    /** The kernel keeps the first line of each mapping that a device writes. */
    private Optional<Mapping> overlapping(Mapping mapping) {
        long line = floor.profile().arch().cacheLine();
        return book.all().stream()
                .filter(other ->
                        other.isStreaming() && other.deviceWrites() && other.phys() / line == mapping.phys() / line)
                .findFirst();
    }

    private Aperture aperture(DmaDevice device) {
        return new Aperture(devices.mask(device), devices.busOffset(device));
    }

    private void complain(DmaDevice device, long bus, long size) {
        String complaint =
                era.reach().complaint(Words.name(device), era.wideAddresses(), devices.mask(device), bus, size);
        if (!complaint.isEmpty() && era.reach() == Reach.DIRECT) {
            Words.warning(floor, complaint, "kernel/dma/direct.h", "dma_map_page_attrs");
        } else if (!complaint.isEmpty()) {
            floor.log().printk(KernelLog.WARNING, complaint);
        }
    }

    /** {@code swiotlb_map()}: the first slot of the copy. */
    private int bounced(BouncePool pool, DmaDevice device, long phys, long size, Direction direction) {
        int slot = pool.take(size);
        if (slot == Mapping.NO_SLOT) {
            floor.log()
                    .printk(
                            KernelLog.WARNING,
                            String.format(
                                    "%s: swiotlb buffer is full (sz: %d bytes), total %d (slots), used %d (slots)",
                                    Words.name(device), size, pool.slots(), pool.used()));
            return slot;
        }
        long copy = pool.phys(slot);
        if (!aperture(device).covers(era.reach(), copy, size)) {
            pool.give(slot, size);
            complain(device, devices.toBus(device, copy), size);
            return Mapping.NO_SLOT;
        }
        if (floor.trace().on(TracePoint.SWIOTLB_BOUNCED)) {
            floor.trace()
                    .fire(
                            TracePoint.SWIOTLB_BOUNCED,
                            text(device),
                            devices.mask(device),
                            devices.toBus(device, phys),
                            size,
                            pool.forced() ? 1 : 0);
        }
        // whatever the direction: what the device does not write must not come back as somebody else's bytes
        floor.ram().copy(phys, copy, size);
        return slot;
    }

    /** Only the linear mapping has addresses that can be turned into bus addresses. */
    private boolean mappable(DmaDevice device, long virt, long size) {
        AddressLayout layout = floor.layout();
        if (size > 0 && layout.isLinear(virt) && layout.isLinear(virt + size - 1)) {
            return true;
        }
        if (virt >= layout.vmallocStart() && virt < layout.vmallocEnd()) {
            if (era.reach() == Reach.DIRECT) {
                // an inline function of the driver's
                Words.warning(
                        floor,
                        Words.name(device) + ": rejecting DMA map of vmalloc memory",
                        "include/linux/dma-mapping.h",
                        floor.trace().callSites().text(floor.context().callSite()));
            }
            debug.mapsVmallocArea(device, virt, size);
        } else {
            debug.mapsInvalidArea(device, virt, size);
        }
        return false;
    }

    // ---- unmap

    boolean unmap(Mapping.Kind kind, DmaDevice device, long handle, long size, Direction direction) {
        Optional<Mapping> found = find(device, handle, kind, size, direction);
        if (found.isEmpty()) {
            return false;
        }
        Mapping mapping = found.get();
        if (mapping.size != size) {
            debug.differentSize(mapping, size);
        }
        if (mapping.kind != kind) {
            debug.wrongFunction(mapping, size, kind);
            return false;
        }
        if (mapping.direction != direction) {
            debug.differentDirection(mapping, size, direction);
        }
        if (era.tellsUncheckedErrors() && !mapping.checked && kind != Mapping.Kind.SG) {
            debug.uncheckedError(mapping, size);
        }
        end(mapping, direction);
        if (floor.trace().on(TracePoint.DMA_UNMAP)) {
            floor.trace().fire(TracePoint.DMA_UNMAP, text(device), handle, size, direction.ordinal());
        }
        return true;
    }

    private void end(Mapping mapping, Direction direction) {
        comesBack(mapping, 0, mapping.size, direction);
        if (mapping.bounces()) {
            bounce.orElseThrow().give(mapping.slot, mapping.size);
        }
        book.remove(mapping, floor.context().callSite());
    }

    Optional<Mapping> find(DmaDevice device, long handle, Mapping.Kind kind, long size, Direction direction) {
        Optional<Mapping> found = book.find(device, handle, kind, size, direction);
        if (found.isEmpty()) {
            if (handle == era.mappingError()) {
                debug.freesInvalid(device);
            } else {
                debug.freesUnknown(device, handle, size);
            }
        }
        return found;
    }

    // ---- turns

    void sync(DmaDevice device, long handle, long size, Direction direction, boolean toCpu) {
        Optional<Mapping> found = book.containing(device, handle);
        if (found.isEmpty() || !found.get().isStreaming()) {
            debug.syncsUnknown(device, handle, size);
            return;
        }
        Mapping mapping = found.get();
        long offset = handle - mapping.handle();
        if (offset + size > mapping.size) {
            debug.syncsOutside(mapping, handle, size);
            return;
        }
        look(mapping, handle, direction, toCpu);
        if (toCpu) {
            comesBack(mapping, offset, size, direction);
        } else {
            goes(mapping, offset, size, direction);
        }
        mapping.handOver(toCpu);
        TracePoint point = toCpu ? TracePoint.DMA_SYNC_SINGLE_FOR_CPU : TracePoint.DMA_SYNC_SINGLE_FOR_DEVICE;
        if (floor.trace().on(point)) {
            floor.trace().fire(point, text(device), handle, size, direction.ordinal());
        }
    }

    /** {@code check_sync()}. */
    private void look(Mapping mapping, long handle, Direction direction, boolean toCpu) {
        if (mapping.direction == Direction.DMA_BIDIRECTIONAL) {
            return;
        }
        if (mapping.direction != direction) {
            debug.syncsWithDifferentDirection(mapping, handle, direction);
        }
        if (toCpu && mapping.direction == Direction.DMA_TO_DEVICE && direction != Direction.DMA_TO_DEVICE) {
            debug.syncsReadOnlyForCpu(mapping, handle, direction);
        }
        if (!toCpu && mapping.direction == Direction.DMA_FROM_DEVICE && direction != Direction.DMA_FROM_DEVICE) {
            debug.syncsWriteOnlyToDevice(mapping, handle, direction);
        }
    }

    private void comesBack(Mapping mapping, long offset, long size, Direction direction) {
        long seen = seen(mapping) + offset;
        cache.ifPresent(lines -> era.maintenance().toCpu(lines, seen, size, direction));
        if (mapping.bounces() && direction != Direction.DMA_TO_DEVICE) {
            floor.ram().copy(seen, mapping.phys() + offset, size);
        }
    }

    private void goes(Mapping mapping, long offset, long size, Direction direction) {
        long seen = seen(mapping) + offset;
        if (mapping.bounces() && direction != Direction.DMA_FROM_DEVICE) {
            floor.ram().copy(mapping.phys() + offset, seen, size);
        }
        cache.ifPresent(lines -> era.maintenance().toDevice(lines, seen, size, direction));
    }

    /** The memory that the device uses. */
    private long seen(Mapping mapping) {
        return mapping.bounces() ? bounce.orElseThrow().phys(mapping.slot) : mapping.phys();
    }

    // ---- scatter lists

    List<DmaSegment> mapSg(DmaDevice device, List<ScatterEntry> entries, Direction direction) {
        refuseNone(direction, "dma_map_sg");
        List<DmaSegment> segments = new ArrayList<>();
        for (ScatterEntry entry : entries) {
            long handle = mapPage(Mapping.Kind.SG, device, entry.pfn(), entry.offset(), entry.length(), direction);
            if (handle == era.mappingError()) {
                // all or nothing
                for (int i = 0; i < segments.size(); i++) {
                    DmaSegment made = segments.get(i);
                    book.find(device, made.handle(), Mapping.Kind.SG, made.length(), direction)
                            .ifPresent(mapping -> end(mapping, direction));
                }
                return List.of();
            }
            segments.add(new DmaSegment(handle, entry.length()));
            checkSegment(device, handle, entry.length());
        }
        return segments;
    }

    /** {@code check_sg_segment()}. */
    private void checkSegment(DmaDevice device, long handle, long length) {
        long most = devices.maxSegmentSize(device);
        if (length > most) {
            debug.segmentTooLong(device, length, most);
        }
        long boundary = devices.segmentBoundary(device);
        long end = handle + length - 1;
        if (((handle ^ end) & ~boundary) != 0) {
            debug.segmentAcrossBoundary(device, handle, end, boundary);
        }
    }

    List<Long> unmapSg(DmaDevice device, List<ScatterEntry> entries, Direction direction) {
        List<Long> given = new ArrayList<>();
        for (ScatterEntry entry : entries) {
            long handle = handleOf(device, entry);
            if (unmap(Mapping.Kind.SG, device, handle, entry.length(), direction)) {
                given.add(handle);
            }
        }
        return given;
    }

    void syncSg(DmaDevice device, List<ScatterEntry> entries, Direction direction, boolean toCpu) {
        for (ScatterEntry entry : entries) {
            sync(device, handleOf(device, entry), entry.length(), direction, toCpu);
        }
    }

    /** {@code sg_dma_address()}: what mapping wrote into the entry. */
    private long handleOf(DmaDevice device, ScatterEntry entry) {
        long phys = ((long) entry.pfn() << Profile.PAGE_SHIFT) + entry.offset();
        return book.all().stream()
                .filter(mapping ->
                        mapping.kind == Mapping.Kind.SG && mapping.device.equals(device) && mapping.phys() == phys)
                .map(Mapping::handle)
                .findFirst()
                .orElse(devices.toBus(device, phys));
    }

    /** Joins adjacent pieces, as far as one segment of the device may go. */
    List<ScatterEntry> merge(DmaDevice device, List<ScatterEntry> entries) {
        long most = devices.maxSegmentSize(device);
        long boundary = devices.segmentBoundary(device);
        List<ScatterEntry> merged = new ArrayList<>();
        for (ScatterEntry entry : entries) {
            ScatterEntry last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
            long start = last == null ? 0 : ((long) last.pfn() << Profile.PAGE_SHIFT) + last.offset();
            long here = ((long) entry.pfn() << Profile.PAGE_SHIFT) + entry.offset();
            boolean joins = last != null
                    && start + last.length() == here
                    && (long) last.length() + entry.length() <= most
                    && ((devices.toBus(device, start) ^ devices.toBus(device, here + entry.length() - 1)) & ~boundary)
                            == 0;
            if (joins) {
                merged.set(
                        merged.size() - 1, new ScatterEntry(last.pfn(), last.offset(), last.length() + entry.length()));
            } else {
                merged.add(entry);
            }
        }
        return merged;
    }

    private int text(DmaDevice device) {
        return floor.trace().callSites().id(device.name());
    }
}
