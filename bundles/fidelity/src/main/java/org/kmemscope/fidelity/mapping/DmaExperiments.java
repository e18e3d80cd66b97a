package org.kmemscope.fidelity.mapping;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.dma.Direction;
import org.kmemscope.api.dma.Dma;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.dma.DmaLimits;
import org.kmemscope.api.dma.DmaPool;
import org.kmemscope.api.ground.DeviceSpec;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.view.VmapAreaView.Kind;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;
import org.kmemscope.fidelity.file.Experiment;
import org.kmemscope.fidelity.file.Text;

/**
 * What a module was told that asked for coherent memory of nine sizes and mapped buffers, for a device with one mask after the other, and
 * gave everything back at once.
 *
 * <p>Where memory comes from the page allocator, which block it is depends on the free lists at that time; the first block of each order
 * and zone is taken over, after that the same block must come again: {@link FrameNames}. Memory of the area for contiguous memory has its bus
 * address from nothing but the calls. Where it is mapped depends on areas whose addresses the kernel hides: {@link KnownSpace}.
 */
final class DmaExperiments {
    private static final int PAGE_SIZE = Profile.PAGE_SIZE;
    private static final int PAGE_SHIFT = Profile.PAGE_SHIFT;
    private static final int BITS = 64;
    private static final int BUFFER = 1000;
    /** Pieces that the module took from a pool. */
    private static final int PIECES = 5;

    private static final String DEVICE = "fidelity";
    /** A device whose driver never set a mask. */
    private static final String UNSET = "fidelity0";

    private static final String COHERENT = "dma_alloc_coherent";
    private static final String ATOMIC = "dma_alloc_coherent_atomic";
    private static final String POOL = "dma_pool";
    private static final String CPU = "cpu";
    private static final String BUS = "dma";
    private static final String MASK = "mask";

    private static final String BLOCKS =
            "blocks of pages: the first of each size and zone; the free lists at that time are in no file";
    private static final String BUFFERS =
            "addresses of kmalloc'ed buffers: the first of each; the state of the slabs is in no file";
    private static final String MAPPED =
            "where coherent memory is mapped: the first in a free range of the vmalloc space; where ranges"
                    + " begin is not known, as the kernel hides the addresses of its areas (boot with no_hash_pointers)";
    private static final String ATOMIC_POOL =
            "where boot mapped the atomic pool: the kernel hides the addresses of its areas";
    private static final String PURGED =
            "where coherent memory is mapped: the first after a purge of the vmalloc space, which is a work"
                    + " item that runs at its own time";
    private static final String MOVED =
            "which CPU the module runs on: the scheduler has moved it, and each CPU has its own lists";
    private static final List<String> BUFFER_MASKS = List.of("GFP_KERNEL", "GFP_KERNEL|__GFP_DMA");
    private static final String NO_CALL = "not a call of the model: ";

    private final Subject subject;
    private final Findings findings;
    private final String file;
    private final Map<Integer, FrameNames> blocks = new HashMap<>();
    private final FrameNames buffers;
    private final FrameNames atomicPool;
    private final KnownSpace space = new KnownSpace();
    private final Map<String, Long> missing = new TreeMap<>();
    private final List<Long> learnt = new ArrayList<>();
    /** Buffers that are there, by the mask they were asked for with. */
    private final Map<String, Long> objects = new HashMap<>();

    private final List<DmaBuffer> pieces = new ArrayList<>();
    /** A machine that has just booted, to ask what its parts map. */
    private Machine plainMachine;

    private Machine machine;
    private Dma dma;
    private DmaDevice device;
    private DmaPool pool = DmaPool.NONE;
    /** How far the kernel's page of the pool lies from the model's, for the CPU and for the device. */
    private long poolCpu;

    private long poolBus;

    DmaExperiments(Subject subject, Findings findings, String file) {
        this.subject = subject;
        this.findings = findings;
        this.file = file;
        buffers = new FrameNames(findings, BUFFERS);
        atomicPool = new FrameNames(findings, ATOMIC_POOL);
    }

    void compare(List<Experiment> lines) {
        lines.forEach(this::learn);
        boot();
        machine.locked(() -> {
            lines.forEach(this::run);
            return null;
        });
        blocks.values().forEach(FrameNames::report);
        buffers.report();
        atomicPool.report();
        missing.forEach((reason, facts) -> findings.notModelled(facts, reason));
    }

    private void notModelled(String reason, long facts) {
        missing.merge(reason, facts, Long::sum);
    }

    private String where(Experiment line) {
        return file + ":" + line.line();
    }

    // ---- the machine

    /** Areas of coherent memory, but for pieces of the atomic pool. */
    private void learn(Experiment line) {
        boolean area = line.name().equals(COHERENT)
                || line.name().equals(POOL) && line.get("n").equals("0");
        if (area && isMapped(line)) {
            long start = line.number(CPU);
            long pages = line.has("size") && line.name().equals(COHERENT) ? pages(line.number("size")) : 1;
            space.handedOut(start, start + (pages + 1) * PAGE_SIZE);
        }
    }

    private boolean isMapped(Experiment line) {
        Machine plain = plain();
        return plain.vmalloc().isVmallocAddress(line.number(CPU));
    }

    private Machine plain() {
        if (plainMachine == null) {
            plainMachine = subject.booted();
        }
        return plainMachine;
    }

    private static long pages(long size) {
        return (size + PAGE_SIZE - 1) / PAGE_SIZE;
    }

    private void boot() {
        MachineSeed captured = subject.seed();
        List<Integer> owned = KnownSpace.owned(plain());
        long all = (1L << Integer.SIZE) - 1;
        Profile profile = captured.profile()
                .withDevice(new DeviceSpec(DEVICE, "bus-master", all, all, 0, 0, 0))
                .withDevice(new DeviceSpec(UNSET, "bus-master", all, 0, 0, 0, 0));
        machine = subject.cloned(new MachineSeed(
                profile,
                captured.pages(),
                captured.exactLists(),
                List.of(),
                Optional.empty(),
                space.state(plain().layout(), owned),
                List.of()));
        dma = machine.dma();
        device = find(DEVICE);
        if (!captured.exactLists()) {
            machine.locked(() -> {
                othersHave(owned.size());
                return null;
            });
        }
    }

    private DmaDevice find(String name) {
        return dma.devices().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /**
     * Coherent memory of the kernel's own drivers, as far as areas of it are listed; the pools of the machine come first in the list. Exact
     * free lists do without it anyway.
     */
    private void othersHave(int own) {
        List<VmapAreaView> listed = subject.capture().files().contains("proc-vmallocinfo.txt")
                ? subject.capture().views().vmapAreas().stream()
                        .filter(area -> area.kind() == Kind.DMA_COHERENT)
                        .toList()
                : List.of();
        for (int i = own; i < listed.size(); i++) {
            dma.allocCoherent(
                    device,
                    (long) listed.get(i).pages() * PAGE_SIZE,
                    machine.gfp().parse("GFP_KERNEL"));
        }
    }

    // ---- one call after the other

    private void run(Experiment line) {
        switch (line.name()) {
            case "dma_set_mask" -> setMask(line);
            case COHERENT -> coherent(line, "GFP_KERNEL|__GFP_NOWARN");
            case ATOMIC -> coherent(line, "GFP_ATOMIC|__GFP_NOWARN");
            case "dma_map_single" -> single(line, "GFP_KERNEL", Direction.DMA_TO_DEVICE);
            case "dma_map_single_gfpdma" -> single(line, "GFP_KERNEL|__GFP_DMA", Direction.DMA_FROM_DEVICE);
            case "dma_map_page" -> page(line);
            case "dma_max_mapping" -> limits(line);
            case POOL -> pool(line);
            default -> notModelled(NO_CALL + line.name(), line.fields().size());
        }
    }

    private static long mask(long bits) {
        return bits >= BITS ? -1 : (1L << bits) - 1;
    }

    private void setMask(Experiment line) {
        long mask = mask(line.number("bits"));
        int answer = dma.setMask(device, mask);
        findings.compare(
                "dma_set_mask(" + line.get("bits") + " bits)",
                line.get("rc"),
                Integer.toString(answer == 0 ? dma.setCoherentMask(device, mask) : answer),
                where(line));
        findings.compare(
                "dma_get_required_mask, mask of " + line.get("bits") + " bits",
                line.get("required"),
                Text.hex(dma.limits(device).requiredMask()),
                where(line));
    }

    private String call(Experiment line) {
        return line.name() + "(" + line.fields().getOrDefault("size", "") + "), mask of " + line.get(MASK) + " bits: ";
    }

    private void coherent(Experiment line, String mask) {
        boolean unset = line.get(MASK).equals("0");
        DmaDevice asks = unset ? find(UNSET) : device;
        long size = line.has("size") ? line.number("size") : PAGE_SIZE;
        DmaBuffer buffer = dma.allocCoherent(asks, size, machine.gfp().parse(mask));
        buffer = place(line, asks, buffer, size, mask);
        if (line.has("zone")) {
            findings.compare(
                    call(line) + "zone", line.get("zone"), buffer.failed() ? "none" : zone(buffer), where(line));
        }
        if (line.has("vmalloc")) {
            findings.compare(
                    call(line) + "in the vmalloc space",
                    line.get("vmalloc"),
                    machine.vmalloc().isVmallocAddress(buffer.virt()) ? "1" : "0",
                    where(line));
        }
        if (!buffer.failed()) {
            dma.freeCoherent(asks, buffer);
        }
    }

    private String zone(DmaBuffer buffer) {
        return machine.pages()
                .zoneType(machine.frames().zone((int) (buffer.handle() >>> PAGE_SHIFT)))
                .label();
    }

    /** Compares both addresses of a buffer. */
    private DmaBuffer place(Experiment line, DmaDevice asks, DmaBuffer first, long size, String mask) {
        DmaBuffer buffer = first;
        long cpu = line.number(CPU);
        long bus = line.number(BUS);
        if (cpu == 0 || buffer.failed()) {
            findings.compare(call(line) + CPU, Text.hex(cpu), Text.hex(buffer.virt()), where(line));
            findings.compare(call(line) + BUS, Text.hex(bus), Text.hex(buffer.handle()), where(line));
        } else if (!machine.vmalloc().isVmallocAddress(buffer.virt())) {
            findings.compare(
                    call(line) + CPU, Text.hex(cpu), Text.hex(machine.layout().physToVirt(bus)), where(line));
            int order = Long.SIZE - Long.numberOfLeadingZeros(pages(size) - 1);
            blocks.computeIfAbsent(order, any -> new FrameNames(findings, BLOCKS))
                    .compare(
                            call(line) + "first frame",
                            bus >>> PAGE_SHIFT,
                            buffer.handle() >>> PAGE_SHIFT,
                            where(line));
        } else {
            findings.compare(call(line) + BUS, Text.hex(bus), Text.hex(buffer.handle()), where(line));
            if (line.name().equals(ATOMIC)) {
                atomicPool.compare(
                        call(line) + "page of the pool", cpu >>> PAGE_SHIFT, buffer.virt() >>> PAGE_SHIFT, where(line));
            } else {
                buffer = mapped(line, asks, buffer, size, mask);
            }
        }
        return buffer;
    }

    /** An address below the model's that was handed out before tells that the kernel has purged meanwhile. */
    private DmaBuffer mapped(Experiment line, DmaDevice asks, DmaBuffer first, long size, String mask) {
        long cpu = line.number(CPU);
        DmaBuffer buffer = first;
        if (cpu < buffer.virt() && learnt.contains(cpu)) {
            dma.freeCoherent(asks, buffer);
            machine.vmalloc().purge();
            buffer = dma.allocCoherent(asks, size, machine.gfp().parse(mask));
            if (cpu == buffer.virt()) {
                notModelled(PURGED, 1);
                return buffer;
            }
        }
        if (cpu == buffer.virt() && space.beginsAt(cpu) && !learnt.contains(cpu)) {
            notModelled(MAPPED, 1);
        } else {
            findings.compare(call(line) + CPU, Text.hex(cpu), Text.hex(buffer.virt()), where(line));
        }
        learnt.add(cpu);
        return buffer;
    }

    // ---- streaming mappings, pools

    private void single(Experiment line, String mask, Direction direction) {
        allocateBuffers();
        String title = line.name() + ", mask of " + line.get(MASK) + " bits: ";
        long captured = line.number("buf");
        if (machine.profile().cpus() > 1 && buffers.isOutOfPlace(captured, objects.get(mask))) {
            moveOn();
        }
        buffers.compare(title + "buffer", captured, objects.get(mask), where(line));
        long phys = machine.layout().virtToPhys(captured);
        findings.compare(title + "physical address", line.get("phys"), Text.hex(phys), where(line));
        long handle = dma.mapSingle(device, captured, BUFFER, direction);
        outcome(title, line, handle, phys);
        if (handle != dma.mappingError()) {
            dma.unmapSingle(device, handle, BUFFER, direction);
        }
        if (direction == Direction.DMA_FROM_DEVICE) {
            freeBuffers();
        }
    }

    /** Both buffers are there before the first is mapped. */
    private void allocateBuffers() {
        for (String gfp : BUFFER_MASKS) {
            objects.computeIfAbsent(
                    gfp, any -> machine.objects().kmalloc(BUFFER, machine.gfp().parse(gfp)));
        }
    }

    private void freeBuffers() {
        for (String gfp : BUFFER_MASKS) {
            machine.objects().kfree(objects.remove(gfp));
        }
    }

    /**
     * Another buffer than the one that was freed last on this CPU: the scheduler has moved the module's task to the next. How full the lists
     * of that CPU are is not known, and so not what it takes from the free lists to fill them: blocks are paired anew.
     */
    private void moveOn() {
        freeBuffers();
        int next = (machine.context().cpu() + 1) % machine.profile().cpus();
        machine.setContext(new Machine.ContextRequest(next, Machine.ContextRequest.Kind.PROCESS));
        allocateBuffers();
        notModelled(MOVED, 1);
        blocks.values().forEach(FrameNames::report);
        blocks.clear();
    }

    private void outcome(String title, Experiment line, long handle, long phys) {
        boolean failed = dma.isMappingError(device, handle);
        findings.compare(title + "bus address", line.get(BUS), Text.hex(handle), where(line));
        findings.compare(title + "error", line.get("err"), failed ? "-12" : "0", where(line));
        if (line.has("bounced")) {
            findings.compare(
                    title + "bounced", line.get("bounced"), !failed && handle != phys ? "1" : "0", where(line));
        }
    }

    private void page(Experiment line) {
        String title = line.name() + ", mask of " + line.get(MASK) + " bits: ";
        int pfn = machine.pages().allocPages(machine.gfp().parse("GFP_HIGHUSER"), 0);
        findings.compare(
                title + "zone",
                line.get("zone"),
                machine.pages().zoneType(machine.frames().zone(pfn)).label(),
                where(line));
        blocks.computeIfAbsent(0, any -> new FrameNames(findings, BLOCKS))
                .compare(title + "frame", line.number("phys") >>> PAGE_SHIFT, pfn, where(line));
        machine.pages().freePages(pfn, 0);
        int captured = (int) (line.number("phys") >>> PAGE_SHIFT);
        long handle = dma.mapPage(device, captured, 0, PAGE_SIZE, Direction.DMA_BIDIRECTIONAL);
        outcome(title, line, handle, line.number("phys"));
        if (handle != dma.mappingError()) {
            dma.unmapPage(device, handle, PAGE_SIZE, Direction.DMA_BIDIRECTIONAL);
        }
    }

    private void limits(Experiment line) {
        DmaLimits limits = dma.limits(device);
        String mask = ", mask of " + line.get(MASK) + " bits";
        findings.compare("dma_need_sync" + mask, line.get("need_sync"), limits.needsSync() ? "1" : "0", where(line));
        findings.compare(
                "dma_max_mapping_size" + mask, line.get("max"), Long.toString(limits.maxMapping()), where(line));
    }

    /** Pieces of a page of coherent memory; the pool is destroyed when all are there. */
    private void pool(Experiment line) {
        if (line.get("n").equals("0")) {
            pool = dma.createPool("fidelity", device, line.number("size"), line.number("align"), 0);
        }
        DmaBuffer piece = dma.poolAlloc(pool, machine.gfp().parse("GFP_KERNEL"));
        pieces.add(piece);
        if (pieces.size() == 1) {
            // later pieces go with it
            place(line, device, piece, PAGE_SIZE, "GFP_KERNEL");
            poolCpu = line.number(CPU) - piece.virt();
            poolBus = line.number(BUS) - piece.handle();
        } else {
            String title = call(line) + "piece " + line.get("n") + ": ";
            findings.compare(title + CPU, line.get(CPU), Text.hex(piece.virt() + poolCpu), where(line));
            findings.compare(title + BUS, line.get(BUS), Text.hex(piece.handle() + poolBus), where(line));
        }
        if (pieces.size() == PIECES) {
            pieces.forEach(one -> dma.poolFree(pool, one));
            pieces.clear();
            dma.destroyPool(pool);
        }
    }
}
