package org.kmemscope.dma;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.Dma;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaChannel;
import org.kmemscope.api.dma.DmaDescriptor;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.dma.DmaLimits;
import org.kmemscope.api.dma.DmaPool;
import org.kmemscope.api.dma.DmaSegment;
import org.kmemscope.api.dma.DmaTxState;
import org.kmemscope.api.dma.ScatterEntry;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.BounceView;
import org.kmemscope.api.view.DmaChannelView;
import org.kmemscope.api.view.DmaDeviceView;
import org.kmemscope.api.view.DmaMappingView;
import org.kmemscope.api.view.DmaPoolView;

/**
 * The DMA API of a machine. Every call goes the same way: is there a device; what would DMA debugging say; then the rules of the
 * machine's {@link Era}; then the books and the tracepoint.
 */
final class MachineDma implements Dma {
    static final String LAYER = "dma";

    private static final int EIO = -5;
    private static final int ENODEV = -19;

    private final ObjectFloor floor;
    private final Era era;
    private final DeviceTable devices;
    private final MappingBook book;
    private final DmaDebug debug;
    private final DmaInspection inspection;
    private final Streaming streaming;
    private final PoolBook pools;
    private final Watch watch;
    private final Bus bus;
    private final Optional<BouncePool> bounce;
    /** By device; null for a device that only has a mask. */
    private final DeviceModels models;

    MachineDma(ObjectFloor floor, Era era) {
        this.floor = floor;
        this.era = era;
        devices = new DeviceTable(floor.profile().devices());
        book = new MappingBook(devices, era.coherent().sources());
        debug = new DmaDebug(floor, era.debugPrefixFirst());
        watch = new Watch(floor, book, era.maintenance());
        bus = new Bus(floor, devices, book, watch);
        bounce = BouncePool.boot(floor);
        models = new DeviceModels(floor, devices, bus);
        watch.watch(models.flights());
        inspection = new DmaInspection(floor, book, era.coherent().sources(), models.present());
        pools = new PoolBook(
                floor,
                devices,
                (pool, gfp) -> allocCoherent(pool.device(), pool.allocation(), gfp),
                (pool, memory) -> freeCoherent(pool.device(), memory));
        streaming = new Streaming(floor, era, devices, book, debug, inspection, bounce);
    }

    // ---- devices

    @Override
    public long mappingError() {
        return era.mappingError();
    }

    @Override
    public boolean isMappingError(DmaDevice device, long handle) {
        boolean failed = handle == era.mappingError();
        if (!failed) {
            book.noteChecked(device, handle);
        }
        return failed;
    }

    @Override
    public List<DmaDevice> devices() {
        return devices.all();
    }

    @Override
    public DmaLimits limits(DmaDevice device) {
        return new Limits(floor, devices, bounce).of(device);
    }

    @Override
    public int setMask(DmaDevice device, long mask) {
        if (!accepts(device, mask)) {
            return EIO;
        }
        devices.setMask(device, mask);
        return 0;
    }

    @Override
    public int setCoherentMask(DmaDevice device, long mask) {
        if (!accepts(device, mask)) {
            return EIO;
        }
        devices.setCoherentMask(device, mask);
        return 0;
    }

    private boolean accepts(DmaDevice device, long mask) {
        devices.require(device);
        if (device.equals(DmaDevice.NULL)) {
            NullDevice.follow(floor);
        }
        return era.masks().supports(floor, new Aperture(mask, devices.busOffset(device)));
    }

    private void meetDevice(DmaDevice device, String call) {
        devices.require(device);
        if (device.equals(DmaDevice.NULL)) {
            era.nullDevice().met(floor, call);
        }
    }

    // ---- coherent memory

    @Override
    public DmaBuffer allocCoherent(DmaDevice device, long size, int gfp) {
        meetDevice(device, "dma_alloc_coherent");
        if (size < 1) {
            return DmaBuffer.FAILED;
        }
        if (era.reach() == Reach.DIRECT && devices.coherentMask(device) == 0) {
            Words.warning(floor, "kernel/dma/mapping.c", "dma_alloc_attrs");
        }
        Placed placed = era.coherent()
                .take(device, new Aperture(devices.coherentMask(device), devices.busOffset(device)), size, gfp);
        if (placed.failed()) {
            return DmaBuffer.FAILED;
        }
        int site = floor.context().callSite();
        long handle = devices.toBus(device, placed.phys());
        book.add(new Mapping(Mapping.Kind.COHERENT, device, size, Direction.DMA_BIDIRECTIONAL, site, placed, handle));
        if (floor.trace().on(TracePoint.DMA_ALLOC)) {
            floor.trace().fire(TracePoint.DMA_ALLOC, text(device), placed.virt(), handle, size, gfp);
        }
        return new DmaBuffer(placed.virt(), handle, size);
    }

    @Override
    public boolean freeCoherent(DmaDevice device, DmaBuffer buffer) {
        meetDevice(device, "dma_free_coherent");
        if (buffer.failed()) {
            return false;
        }
        Optional<Mapping> found = streaming.find(
                device, buffer.handle(), Mapping.Kind.COHERENT, buffer.size(), Direction.DMA_BIDIRECTIONAL);
        if (found.isEmpty() || !debug.fits(found.get(), buffer)) {
            return false;
        }
        Mapping mapping = found.get();
        CoherentSource source = mapping.placed.source();
        if (floor.context().irqsDisabled() && !source.freeableWithIrqsOff()) {
            floor.log()
                    .printk(
                            KernelLog.WARNING,
                            "WARNING: at " + era.freeSite() + ": dma_free_coherent() with interrupts disabled");
        }
        source.give(mapping.placed);
        book.remove(mapping, floor.context().callSite());
        if (floor.trace().on(TracePoint.DMA_FREE)) {
            floor.trace().fire(TracePoint.DMA_FREE, text(device), mapping.virt(), mapping.handle(), mapping.size);
        }
        return true;
    }

    // ---- streaming

    @Override
    public long mapSingle(DmaDevice device, long virt, long size, Direction direction) {
        meetDevice(device, "dma_map_single");
        return streaming.mapSingle(device, virt, size, direction);
    }

    @Override
    public boolean unmapSingle(DmaDevice device, long handle, long size, Direction direction) {
        meetDevice(device, "dma_unmap_single");
        return streaming.unmap(Mapping.Kind.SINGLE, device, handle, size, direction);
    }

    @Override
    public long mapPage(DmaDevice device, int pfn, long offset, long size, Direction direction) {
        meetDevice(device, "dma_map_page");
        return streaming.mapPage(Mapping.Kind.PAGE, device, pfn, offset, size, direction);
    }

    @Override
    public boolean unmapPage(DmaDevice device, long handle, long size, Direction direction) {
        meetDevice(device, "dma_unmap_page");
        return streaming.unmap(Mapping.Kind.PAGE, device, handle, size, direction);
    }

    @Override
    public List<DmaSegment> mapSg(DmaDevice device, List<ScatterEntry> entries, Direction direction) {
        meetDevice(device, "dma_map_sg");
        return streaming.mapSg(device, entries, direction);
    }

    @Override
    public List<Long> unmapSg(DmaDevice device, List<ScatterEntry> entries, Direction direction) {
        meetDevice(device, "dma_unmap_sg");
        return streaming.unmapSg(device, entries, direction);
    }

    @Override
    public void syncSingleForCpu(DmaDevice device, long handle, long size, Direction direction) {
        meetDevice(device, "dma_sync_single_for_cpu");
        streaming.sync(device, handle, size, direction, true);
    }

    @Override
    public void syncSingleForDevice(DmaDevice device, long handle, long size, Direction direction) {
        meetDevice(device, "dma_sync_single_for_device");
        streaming.sync(device, handle, size, direction, false);
    }

    @Override
    public void syncSgForCpu(DmaDevice device, List<ScatterEntry> entries, Direction direction) {
        meetDevice(device, "dma_sync_sg_for_cpu");
        streaming.syncSg(device, entries, direction, true);
    }

    @Override
    public void syncSgForDevice(DmaDevice device, List<ScatterEntry> entries, Direction direction) {
        meetDevice(device, "dma_sync_sg_for_device");
        streaming.syncSg(device, entries, direction, false);
    }

    @Override
    public void setMaxSegSize(DmaDevice device, long size) {
        requireReal(device, "dma_set_max_seg_size");
        devices.setMaxSegmentSize(device, size);
    }

    @Override
    public void setSegBoundary(DmaDevice device, long boundary) {
        requireReal(device, "dma_set_seg_boundary");
        devices.setSegmentBoundary(device, boundary);
    }

    private void requireReal(DmaDevice device, String call) {
        devices.require(device);
        if (device.equals(DmaDevice.NULL)) {
            throw new KernelBug("BUG: " + call + "() of a NULL device");
        }
    }

    @Override
    public List<ScatterEntry> merge(DmaDevice device, List<ScatterEntry> entries) {
        devices.require(device);
        return streaming.merge(device, entries);
    }

    // ---- pools

    @Override
    public DmaPool createPool(String name, DmaDevice device, long size, long align, long boundary) {
        meetDevice(device, "dma_pool_create");
        return pools.create(name, device, size, align, boundary);
    }

    @Override
    public DmaBuffer poolAlloc(DmaPool pool, int gfp) {
        return pools.alloc(pool, gfp);
    }

    @Override
    public boolean poolFree(DmaPool pool, DmaBuffer piece) {
        return pools.free(pool, piece);
    }

    @Override
    public void destroyPool(DmaPool pool) {
        pools.destroy(pool);
    }

    @Override
    public List<DmaPool> pools() {
        return pools.all();
    }

    @Override
    public List<DmaPoolView> poolViews() {
        return pools.views();
    }

    // ---- devices and the CPU on the same memory

    @Override
    public byte[] deviceRead(DmaDevice device, long bus, int length) {
        requireReal(device, "a read");
        byte[] bytes = new byte[length];
        this.bus.read(device, bus, bytes, 0, length);
        return bytes;
    }

    @Override
    public void deviceWrite(DmaDevice device, long bus, byte[] bytes) {
        requireReal(device, "a write");
        this.bus.write(device, bus, bytes, 0, bytes.length);
    }

    @Override
    public boolean watches() {
        return watch.isActive();
    }

    @Override
    public void accessed(long virt, long length, boolean write) {
        watch.accessed(virt, length, write);
    }

    @Override
    public void freeing(long virt, long length) {
        watch.freeing(virt, length);
    }

    @Override
    public void printing(Object... arguments) {
        watch.printing(arguments);
    }

    private int text(DmaDevice device) {
        return floor.trace().callSites().id(device.name());
    }

    // ---- controllers

    @Override
    public int submit(DmaDevice controller, DmaDescriptor descriptor) {
        return models.find(controller, DmaController.class)
                .map(engine -> engine.submit(descriptor))
                .orElse(ENODEV);
    }

    @Override
    public TransferStatus status(DmaDevice controller, int cookie) {
        return models.find(controller, DmaController.class)
                .map(engine -> engine.status(cookie))
                .orElse(TransferStatus.UNKNOWN);
    }

    // ---- engines

    @Override
    public DmaChannel requestChannel(DmaDevice engine) {
        DmaEngine found = models.engine(engine);
        if (!found.anyFree()) {
            return DmaChannel.NONE;
        }
        DmaBuffer ring = allocCoherent(engine, ChannelDriver.RING, floor.gfp().of(Gfp.GFP_KERNEL));
        return ring.failed() ? DmaChannel.NONE : found.request(ring);
    }

    @Override
    public void releaseChannel(DmaChannel channel) {
        freeCoherent(channel.engine(), models.driver(channel).release());
    }

    @Override
    public int slaveConfig(DmaChannel channel, long port) {
        models.driver(channel).config(port);
        return 0;
    }

    @Override
    public int prepMemcpy(DmaChannel channel, long target, long source, long length) {
        return models.driver(channel).memcpy(target, source, length);
    }

    @Override
    public int prepSlaveSg(DmaChannel channel, List<DmaSegment> segments, Direction direction) {
        List<ChannelDriver.Piece> pieces = segments.stream()
                .map(segment -> new ChannelDriver.Piece(segment.handle(), segment.handle(), segment.length()))
                .toList();
        return models.driver(channel).slave(pieces, direction == Direction.DMA_TO_DEVICE);
    }

    @Override
    public int prepCyclic(DmaChannel channel, long buffer, long length, long period, Direction direction) {
        return models.driver(channel).cyclic(buffer, length, period, direction == Direction.DMA_TO_DEVICE);
    }

    @Override
    public int submit(DmaChannel channel, int transaction) {
        return models.driver(channel).submit(transaction);
    }

    @Override
    public void issuePending(DmaChannel channel) {
        models.driver(channel);
        models.engine(channel.engine()).issue(channel);
    }

    @Override
    public DmaTxState txStatus(DmaChannel channel, int cookie) {
        return models.driver(channel).status(cookie);
    }

    @Override
    public int pause(DmaChannel channel) {
        models.driver(channel);
        models.engine(channel.engine()).pause(channel, true);
        return 0;
    }

    @Override
    public int resume(DmaChannel channel) {
        models.driver(channel);
        models.engine(channel.engine()).pause(channel, false);
        return 0;
    }

    @Override
    public int terminate(DmaChannel channel) {
        models.driver(channel).terminate();
        return 0;
    }

    @Override
    public List<DmaChannelView> channels() {
        return models.channels();
    }

    // ---- the wire

    @Override
    public boolean receive(DmaDevice card, byte[] frame) {
        return models.card(card).receive(frame);
    }

    @Override
    public List<byte[]> sent(DmaDevice card) {
        return models.card(card).sent();
    }

    // ---- looking

    @Override
    public List<DmaMappingView> mappings() {
        return inspection.mappings();
    }

    @Override
    public List<DmaDeviceView> deviceViews() {
        return inspection.devices(devices);
    }

    @Override
    public BounceView bounce() {
        return bounce.map(pool -> new BounceView(pool.start(), pool.end(), pool.slots(), pool.used(), pool.forced()))
                .orElse(BounceView.NONE);
    }

    @Override
    public List<String> bootMessages() {
        List<String> messages = new ArrayList<>(era.coherent().bootMessages());
        bounce.ifPresent(pool -> messages.add(String.format(
                "software IO TLB: mapped [mem 0x%016x-0x%016x] (%dMB)",
                pool.start(), pool.end() - 1, pool.end() - pool.start() >> 20)));
        return messages;
    }

    @Override
    public String name() {
        return LAYER;
    }

    @Override
    public void verify(Verification report) {
        inspection.verify(report);
        bounce.ifPresent(pool -> pool.verify(report));
        pools.verify(report);
        models.verify(report);
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        inspection.describe(virt, facts);
    }

    // ---- state

    @Override
    public void save(StateWriter out) {
        devices.save(out);
        era.coherent().sources().forEach(source -> source.save(out));
        book.save(out);
        bounce.ifPresent(pool -> pool.save(out));
        pools.save(out);
        watch.save(out);
        models.save(out);
    }

    @Override
    public void restore(StateReader in) {
        devices.restore(in);
        era.coherent().sources().forEach(source -> source.restore(in));
        book.restore(in);
        bounce.ifPresent(pool -> pool.restore(in));
        pools.restore(in);
        watch.restore(in);
        models.restore(in);
    }
}
