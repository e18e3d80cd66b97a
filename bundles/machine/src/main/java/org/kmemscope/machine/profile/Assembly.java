package org.kmemscope.machine.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.ArchSpec.Arch;
import org.kmemscope.api.ground.BootOptions;
import org.kmemscope.api.ground.DeviceSpec;
import org.kmemscope.api.ground.KernelBuild;
import org.kmemscope.api.ground.KernelSpec;
import org.kmemscope.api.ground.MemoryRegion;
import org.kmemscope.api.ground.MemoryRegion.Kind;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Sizes;

/**
 * Makes a {@link Profile} of a file and what was asked for:
 * <ol>
 *   <li>the firmware's memory map for the size ({@link MemoryMap});
 *   <li>what the kernel keeps at address 0 ({@link LowReserve}), and the names of its time ({@link IomemNames});
 *   <li>registers of devices, and the parts of the kernel image below the RAM they lie in;
 *   <li>the checks that need all of it: enough RAM, not too many processors, nothing on top of anything.
 * </ol>
 */
final class Assembly {
    /** What a kernel needs beside its image and {@code mem_map} before the first allocation; an estimate on the safe side. */
    private static final long BOOT_NEEDS = 4L << 20;

    private static final long MIB = 1L << 20;
    private static final List<String> SIZE_OPTIONS = List.of("vmalloc", "highmem");

    private final ProfileFile file;
    private final MachineSpecification asked;
    private final Problems problems = new Problems();

    Assembly(ProfileFile file, MachineSpecification asked) {
        this.file = file;
        this.asked = asked;
    }

    /**
     * The profile.
     *
     * @throws ProfileException if no such machine can be
     */
    Profile profile() {
        long mem = asked.mem().orElse(file.mem());
        if (mem % Profile.PAGE_SIZE != 0) {
            problems.at(whereMem(), "%d is not a multiple of the page size (%d)", mem, Profile.PAGE_SIZE);
        }
        if (mem < BOOT_NEEDS + imageEnd() - imageStart()) {
            tooSmall(BOOT_NEEDS + imageEnd() - imageStart());
        }
        BootOptions options = options();
        checkOptions(options);
        int cpus = checkedCpus();
        problems.check();
        List<MemoryRegion> map = map(mem);
        long ramStart = ram(map).get(0).start();
        ArchSpec arch = file.arch().spec(file.config(), ramStart);
        checkRoom(map, ramStart);
        List<MemoryRegion> whole = withImage(withDevices(map));
        problems.check();
        KernelSection kernel = file.kernel();
        return new Profile(
                file.name(),
                file.title(),
                new KernelSpec(
                        kernel.version(),
                        kernel.release(),
                        file.config(),
                        options,
                        kernel.structPage(),
                        kernel.kmallocMax(),
                        kernel.build()),
                arch,
                cpus,
                whole,
                file.config().is("ZONE_DMA"),
                file.arch().dmaZoneEnd(arch),
                file.devices(),
                file.providers());
    }

    private BootOptions options() {
        Map<String, String> options = new LinkedHashMap<>(
                BootOptions.parse(file.kernel().commandLine()).options());
        options.putAll(asked.options());
        return new BootOptions(options);
    }

    /** Sizes on the command line are checked here, where a person can be told; a kernel would take what it can read of them. */
    private void checkOptions(BootOptions options) {
        for (String name : SIZE_OPTIONS) {
            try {
                options.size(name);
            } catch (IllegalArgumentException e) {
                problems.at(name + "=" + options.get(name).orElse(""), "%s", e.getMessage());
            }
        }
    }

    private int checkedCpus() {
        int cpus = asked.cpus().orElse(file.cpus());
        int most = file.config().is("SMP") ? file.config().integer("NR_CPUS", 1) : 1;
        if (cpus > most) {
            String where =
                    asked.cpus().isPresent() ? "cpus=" + cpus : file.whereCpus().where();
            String why = file.config().is("SMP") ? "CONFIG_NR_CPUS=" + most : "no CONFIG_SMP";
            problems.at(where, "the kernel of %s was built for at most %d (%s)", file.name(), most, why);
        }
        return cpus;
    }

    private List<MemoryRegion> map(long mem) {
        List<MemoryRegion> firmware = List.of();
        try {
            firmware = file.memory().regions(mem);
        } catch (IllegalArgumentException e) {
            problems.at(whereMem(), "%s", e.getMessage());
        }
        problems.check();
        if (file.arch().arch() == Arch.I386) {
            long keep = file.kernel().reserveLow() >= 0
                    ? file.kernel().reserveLow()
                    : LowReserve.byRule(file.kernel().version(), file.config());
            firmware = LowReserve.apply(firmware, keep);
        }
        List<MemoryRegion> map = IomemNames.apply(firmware, file.kernel().version());
        if (ram(map).isEmpty()) {
            problems.at(whereMem(), "there is no RAM");
            problems.check();
        }
        return map;
    }

    /** The image, {@code mem_map} and the first page tables must fit into the piece of RAM the image lies in. */
    private void checkRoom(List<MemoryRegion> map, long ramStart) {
        long at = file.kernel().build().image().isEmpty() ? ramStart : imageStart();
        long frames = ram(map).stream().mapToLong(MemoryRegion::size).sum() / Profile.PAGE_SIZE;
        long needed = imageEnd() - at + BOOT_NEEDS;
        long memMap = frames * file.kernel().structPage();
        for (MemoryRegion region : ram(map)) {
            if (region.start() <= at && at < region.end() && region.end() - at < needed + memMap) {
                long missing = at + needed + memMap - region.end();
                tooSmall(ram(map).stream().mapToLong(MemoryRegion::size).sum() + missing + region.start() - ramStart);
            }
        }
    }

    private void tooSmall(long least) {
        String size = Sizes.format((least + MIB - 1) / MIB * MIB);
        problems.at(
                whereMem(),
                "too little RAM to boot: %s needs about %s (its kernel image takes %d KiB)",
                file.name(),
                size,
                (imageEnd() - imageStart()) >> 10);
    }

    private List<MemoryRegion> withDevices(List<MemoryRegion> map) {
        List<MemoryRegion> all = new ArrayList<>(map);
        for (int i = 0; i < file.devices().size(); i++) {
            DeviceSpec device = file.devices().get(i);
            if (device.size() > 0) {
                MemoryRegion registers =
                        new MemoryRegion(device.base(), device.base() + device.size(), Kind.DEVICE, device.name());
                for (MemoryRegion other : map) {
                    if (registers.start() < other.end() && other.start() < registers.end()) {
                        problems.at(
                                whereMem(),
                                "devices[%d] '%s' has its registers at %s, on top of %s (%s)",
                                i,
                                device.name(),
                                MemoryList.range(registers),
                                other.name(),
                                MemoryList.range(other));
                    }
                }
                all.add(registers);
            }
        }
        all.sort(Comparator.comparingLong(MemoryRegion::start));
        return all;
    }

    private List<MemoryRegion> withImage(List<MemoryRegion> map) {
        List<MemoryRegion> parts = IomemNames.image(
                file.kernel().build(), file.arch().arch(), file.kernel().version());
        List<MemoryRegion> all = new ArrayList<>();
        for (MemoryRegion region : map) {
            all.add(region);
            parts.stream()
                    .filter(part -> region.kind() == Kind.RAM && inside(part, region))
                    .forEach(all::add);
        }
        for (MemoryRegion part : parts) {
            if (!all.contains(part)) {
                problems.at(file.root().where(), "%s at %s is not in RAM", part.name(), MemoryList.range(part));
            }
        }
        return all;
    }

    private static boolean inside(MemoryRegion part, MemoryRegion region) {
        return part.start() >= region.start() && part.end() <= region.end();
    }

    private static List<MemoryRegion> ram(List<MemoryRegion> map) {
        return map.stream().filter(region -> region.kind() == Kind.RAM).toList();
    }

    private long imageStart() {
        List<KernelBuild.Section> image = file.kernel().build().image();
        return image.isEmpty() ? 0 : image.get(0).start();
    }

    private long imageEnd() {
        List<KernelBuild.Section> image = file.kernel().build().image();
        return image.isEmpty() ? 0 : image.get(image.size() - 1).end();
    }

    private String whereMem() {
        return asked.mem().map(mem -> "mem=" + Sizes.format(mem)).orElseGet(() -> file.whereMem()
                .where());
    }
}
