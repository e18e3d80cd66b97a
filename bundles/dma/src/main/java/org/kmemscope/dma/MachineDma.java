package org.kmemscope.dma;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.Dma;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaDescriptor;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.DeviceSpec;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.slab.ObjectFloor;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.DmaMappingView;

/**
 * The DMA API of a machine. Every call goes the same way: is there a device; what would DMA debugging say; then the rules of the
 * machine's {@link Era}; then the books and the tracepoint. Bus addresses are physical addresses.
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
    /** By device; null for a device that is no controller. */
    private final DmaController[] controllers;

    MachineDma(ObjectFloor floor, Era era) {
        this.floor = floor;
        this.era = era;
        List<DeviceSpec> specs = floor.profile().devices();
        devices = new DeviceTable(specs);
        book = new MappingBook(devices, era.coherent().sources());
        debug = new DmaDebug(floor.log(), era.debugPrefixFirst());
        controllers = new DmaController[specs.size()];
        List<DmaController> present = new ArrayList<>();
        for (int id = 0; id < controllers.length; id++) {
            if (specs.get(id).kind().equals(DmaController.KIND)) {
                controllers[id] = new DmaController(floor, specs.get(id), id);
                present.add(controllers[id]);
            }
        }
        inspection = new DmaInspection(floor, book, era.coherent().sources(), present);
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
        return era.masks().supports(floor, mask);
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
        Placed placed = era.coherent().take(device, devices.coherentMask(device), size, gfp);
        if (placed.failed()) {
            return DmaBuffer.FAILED;
        }
        int site = floor.context().callSite();
        book.add(new Mapping(Mapping.Kind.COHERENT, device, size, Direction.DMA_BIDIRECTIONAL, site, placed));
        if (floor.trace().on(TracePoint.DMA_ALLOC)) {
            floor.trace().fire(TracePoint.DMA_ALLOC, text(device), placed.virt(), placed.phys(), size, gfp);
        }
        return new DmaBuffer(placed.virt(), placed.phys(), size);
    }

    @Override
    public boolean freeCoherent(DmaDevice device, DmaBuffer buffer) {
        meetDevice(device, "dma_free_coherent");
        if (buffer.failed()) {
            return false;
        }
        Optional<Mapping> found =
                find(device, buffer.handle(), Mapping.Kind.COHERENT, buffer.size(), Direction.DMA_BIDIRECTIONAL);
        if (found.isEmpty() || !fits(found.get(), buffer)) {
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
        book.remove(mapping);
        if (floor.trace().on(TracePoint.DMA_FREE)) {
            floor.trace().fire(TracePoint.DMA_FREE, text(device), mapping.virt(), mapping.handle(), mapping.size);
        }
        return true;
    }

    /** A real kernel would free the wrong pages; here the buffer is kept, and shows up as leaked. */
    private boolean fits(Mapping mapping, DmaBuffer buffer) {
        if (mapping.kind != Mapping.Kind.COHERENT) {
            debug.wrongFunction(mapping, buffer.size(), Mapping.Kind.COHERENT);
        } else if (mapping.size != buffer.size()) {
            debug.differentSize(mapping, buffer.size());
        } else if (mapping.virt() != buffer.virt()) {
            debug.differentAddress(mapping, buffer.virt());
        } else {
            return true;
        }
        return false;
    }

    private Optional<Mapping> find(DmaDevice device, long handle, Mapping.Kind kind, long size, Direction direction) {
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

    // ---- streaming

    @Override
    public long mapSingle(DmaDevice device, long virt, long size, Direction direction) {
        meetDevice(device, "dma_map_single");
        if (direction == Direction.DMA_NONE) {
            throw new KernelBug("kernel BUG at include/linux/dma-mapping.h: dma_map_single() with DMA_NONE");
        }
        if (!mappable(device, virt, size)) {
            return era.mappingError();
        }
        AddressLayout layout = floor.layout();
        long bus = layout.virtToPhys(virt);
        if (inspection.inKernelText(bus, size)) {
            debug.mapsKernelText(device, virt, size);
        }
        // without a device there is no mask to look at
        if (!device.equals(DmaDevice.NULL) && !reaches(device, bus, size)) {
            return era.mappingError();
        }
        int pages = (int) Orders.pages((virt & Profile.PAGE_SIZE - 1) + size);
        Placed placed = new Placed(CoherentSource.NOWHERE, virt, bus, pages);
        int site = floor.context().callSite();
        book.add(new Mapping(Mapping.Kind.SINGLE, device, size, direction, site, placed));
        if (floor.trace().on(TracePoint.DMA_MAP)) {
            floor.trace().fire(TracePoint.DMA_MAP, text(device), direction.ordinal(), bus, size, bus);
        }
        return bus;
    }

    /** Only the linear mapping has addresses that can be turned into bus addresses. */
    private boolean mappable(DmaDevice device, long virt, long size) {
        AddressLayout layout = floor.layout();
        if (size > 0 && layout.isLinear(virt) && layout.isLinear(virt + size - 1)) {
            return true;
        }
        if (virt >= layout.vmallocStart() && virt < layout.vmallocEnd()) {
            if (era.reach() == Reach.DIRECT) {
                floor.log().printk(KernelLog.WARNING, Words.name(device) + ": rejecting DMA map of vmalloc memory");
            }
            debug.mapsVmallocArea(device, virt, size);
        } else {
            debug.mapsInvalidArea(device, virt, size);
        }
        return false;
    }

    private boolean reaches(DmaDevice device, long bus, long size) {
        long mask = devices.mask(device);
        if (era.reach().covers(mask, bus, size)) {
            return true;
        }
        String complaint = era.reach().complaint(Words.name(device), era.wideAddresses(), mask, bus, size);
        if (!complaint.isEmpty()) {
            floor.log().printk(KernelLog.WARNING, complaint);
        }
        return false;
    }

    @Override
    public boolean unmapSingle(DmaDevice device, long handle, long size, Direction direction) {
        meetDevice(device, "dma_unmap_single");
        Optional<Mapping> found = find(device, handle, Mapping.Kind.SINGLE, size, direction);
        if (found.isEmpty()) {
            return false;
        }
        Mapping mapping = found.get();
        if (mapping.size != size) {
            debug.differentSize(mapping, size);
        }
        if (mapping.kind != Mapping.Kind.SINGLE) {
            debug.wrongFunction(mapping, size, Mapping.Kind.SINGLE);
            return false;
        }
        if (mapping.direction != direction) {
            debug.differentDirection(mapping, size, direction);
        }
        if (era.tellsUncheckedErrors() && !mapping.checked) {
            debug.uncheckedError(mapping, size);
        }
        book.remove(mapping);
        if (floor.trace().on(TracePoint.DMA_UNMAP)) {
            floor.trace().fire(TracePoint.DMA_UNMAP, text(device), handle, size, direction.ordinal());
        }
        return true;
    }

    private int text(DmaDevice device) {
        return floor.trace().callSites().id(device.name());
    }

    // ---- controllers

    @Override
    public int submit(DmaDevice controller, DmaDescriptor descriptor) {
        devices.require(controller);
        return isController(controller) ? controllers[controller.id()].submit(descriptor) : ENODEV;
    }

    @Override
    public TransferStatus status(DmaDevice controller, int cookie) {
        devices.require(controller);
        return isController(controller) ? controllers[controller.id()].status(cookie) : TransferStatus.UNKNOWN;
    }

    private boolean isController(DmaDevice device) {
        return device.id() >= 0 && controllers[device.id()] != null;
    }

    // ---- looking

    @Override
    public List<DmaMappingView> mappings() {
        return inspection.mappings();
    }

    @Override
    public List<String> bootMessages() {
        return era.coherent().bootMessages();
    }

    @Override
    public String name() {
        return LAYER;
    }

    @Override
    public void verify(Verification report) {
        inspection.verify(report);
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
        for (DmaController controller : controllers) {
            if (controller != null) {
                controller.save(out);
            }
        }
    }

    @Override
    public void restore(StateReader in) {
        devices.restore(in);
        era.coherent().sources().forEach(source -> source.restore(in));
        book.restore(in);
        for (DmaController controller : controllers) {
            if (controller != null) {
                controller.restore(in);
            }
        }
    }
}
