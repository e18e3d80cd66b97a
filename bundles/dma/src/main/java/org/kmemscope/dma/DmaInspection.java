package org.kmemscope.dma;

import java.util.List;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.KernelBuild;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.trace.CallSites;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.DmaDeviceView;
import org.kmemscope.api.view.DmaMappingView;

/** What can be seen of DMA: views, facts about addresses, and the check against the floors below. */
final class DmaInspection {
    private final Ground ground;
    private final MappingBook book;
    private final List<CoherentSource> sources;
    private final List<DeviceModel> models;

    DmaInspection(Ground ground, MappingBook book, List<CoherentSource> sources, List<DeviceModel> models) {
        this.ground = ground;
        this.book = book;
        this.sources = List.copyOf(sources);
        this.models = List.copyOf(models);
    }

    List<DmaMappingView> mappings() {
        CallSites sites = ground.trace().callSites();
        return book.all().stream()
                .map(mapping -> new DmaMappingView(
                        mapping.kind.label(),
                        mapping.device.name(),
                        mapping.virt(),
                        mapping.handle(),
                        mapping.size,
                        mapping.direction.name(),
                        sites.text(mapping.callSite),
                        mapping.isStreaming() ? mapping.cpuOwns ? "cpu" : "device" : "both"))
                .toList();
    }

    List<DmaDeviceView> devices(DeviceTable table) {
        return table.all().stream()
                .map(device -> {
                    Aperture aperture = new Aperture(table.mask(device), table.busOffset(device));
                    return new DmaDeviceView(
                            device.name(),
                            table.kind(device),
                            aperture.mask(),
                            table.coherentMask(device),
                            aperture.offset(),
                            aperture.offset(),
                            aperture.limit(),
                            device.irq(),
                            device.base(),
                            table.maxSegmentSize(device),
                            table.segmentBoundary(device),
                            (int) book.all().stream()
                                    .filter(mapping -> mapping.device.equals(device))
                                    .count());
                })
                .toList();
    }

    /** {@code check_for_illegal_area()}: whether memory overlaps the code or the constants of the kernel. */
    boolean inKernelText(long phys, long size) {
        KernelBuild build = ground.profile().kernel().build();
        return build.image().stream()
                .filter(section ->
                        section.name().equals(".text") || section.name().equals(".rodata"))
                .anyMatch(section -> phys < section.end() && section.start() < phys + size);
    }

    // ---- addresses

    void describe(long virt, List<AddressFact> facts) {
        for (Mapping mapping : book.all()) {
            if (mapping.kind == Mapping.Kind.COHERENT) {
                describeCoherent(mapping, virt, facts);
            } else if (mapping.virt() != 0 && virt >= mapping.virt() && virt < mapping.virt() + mapping.size) {
                facts.add(new AddressFact(
                        MachineDma.LAYER,
                        String.format(
                                "under a streaming mapping for device %s, %d bytes, %s, bus address 0x%08x, mapped at %s:"
                                        + " it is the %s until %s",
                                mapping.device.name(),
                                mapping.size,
                                mapping.direction,
                                mapping.handle() + virt - mapping.virt(),
                                ground.trace().callSites().text(mapping.callSite),
                                mapping.cpuOwns ? "CPU's" : "device's",
                                mapping.cpuOwns ? "it is synced for the device" : "it is unmapped")));
            }
        }
        sources.forEach(source -> source.describe(virt, facts));
        describeRegister(virt, facts);
    }

    private void describeCoherent(Mapping mapping, long virt, List<AddressFact> facts) {
        long bytes = (long) mapping.placed.pages() << Profile.PAGE_SHIFT;
        AddressLayout layout = ground.layout();
        if (virt >= mapping.virt() && virt < mapping.virt() + bytes) {
            facts.add(new AddressFact(
                    MachineDma.LAYER,
                    String.format(
                            "coherent DMA buffer of device %s, %d bytes, bus address 0x%08x, allocated at %s",
                            mapping.device.name(),
                            mapping.size,
                            mapping.handle() + virt - mapping.virt(),
                            ground.trace().callSites().text(mapping.callSite))));
        } else if (layout.isLinear(virt)) {
            long phys = layout.virtToPhys(virt);
            if (phys >= mapping.phys() && phys < mapping.phys() + bytes) {
                facts.add(new AddressFact(
                        MachineDma.LAYER,
                        String.format(
                                "cached alias of a coherent DMA buffer of device %s, whose address is 0x%08x",
                                mapping.device.name(), mapping.virt())));
            }
        }
    }

    private void describeRegister(long virt, List<AddressFact> facts) {
        long phys = ground.mmu().lookup(virt);
        for (DeviceModel model : models) {
            if (phys >= model.base() && phys < model.base() + model.size()) {
                String register = model.register(phys - model.base());
                facts.add(new AddressFact(
                        MachineDma.LAYER,
                        (register.isEmpty() ? "no register" : "register " + register) + " of " + model.what() + " "
                                + model.name()));
            }
        }
    }

    // ---- verify

    void verify(Verification report) {
        for (Mapping mapping : book.all()) {
            if (mapping.kind == Mapping.Kind.COHERENT) {
                verifyCoherent(mapping, report);
            } else {
                verifySingle(mapping, report);
            }
        }
        sources.forEach(source -> source.verify(report));
    }

    private void verifyCoherent(Mapping mapping, Verification report) {
        PageFrames frames = ground.frames();
        Placed placed = mapping.placed;
        int pfn = (int) (placed.phys() >>> Profile.PAGE_SHIFT);
        report.claim(pfn, placed.pages(), "dma");
        report.check(
                frames.isValid(pfn) && frames.count(pfn) > 0,
                "the coherent DMA buffer at 0x%08x begins with pfn 0x%x, which nobody holds",
                placed.virt(),
                pfn);
        for (int page = 0; page < placed.pages(); page++) {
            long offset = (long) page << Profile.PAGE_SHIFT;
            report.check(
                    ground.mmu().lookup(placed.virt() + offset) == placed.phys() + offset,
                    "page %d of the coherent DMA buffer at 0x%08x is not mapped to 0x%08x",
                    page,
                    placed.virt(),
                    placed.phys() + offset);
        }
    }

    /** Who owns the memory under a streaming mapping is another part's business; that somebody does is this one's. */
    private void verifySingle(Mapping mapping, Verification report) {
        PageFrames frames = ground.frames();
        int first = (int) (mapping.phys() >>> Profile.PAGE_SHIFT);
        for (int pfn = first; pfn < first + mapping.placed.pages(); pfn++) {
            report.check(
                    frames.isValid(pfn) && !frames.is(pfn, PageFlag.BUDDY) && !frames.is(pfn, PageFlag.PCP),
                    "pfn 0x%x is under a streaming mapping of device %s, but free",
                    pfn,
                    mapping.device.name());
        }
    }
}
