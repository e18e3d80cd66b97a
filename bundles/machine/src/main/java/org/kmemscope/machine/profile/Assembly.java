package org.kmemscope.machine.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
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
    private static final long MOST_MIB = 4096;
    private static final List<String> SIZE_OPTIONS = List.of("vmalloc", "highmem", "cma");

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
        BootOptions options = options();
        checkOptions(options);
        int cpus = checkedCpus();
        problems.check();
        checkSize(mem);
        List<MemoryRegion> map = map(mem);
        long ramStart = ram(map).get(0).start();
        ArchSpec arch = file.arch().spec(file.config(), ramStart);
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

    /** The map of a size, without devices and image. */
    private List<MemoryRegion> map(long mem) {
        List<MemoryRegion> firmware = file.memory().regions(mem);
        if (file.arch().arch() == Arch.I386) {
            long keep = file.kernel().reserveLow() >= 0
                    ? file.kernel().reserveLow()
                    : LowReserve.byRule(file.kernel().version(), file.config());
            firmware = LowReserve.apply(firmware, keep);
        }
        return IomemNames.apply(firmware, file.kernel().version());
    }

    private void checkSize(long mem) {
        try {
            checkImage();
            if (!hasRoom(mem)) {
                problems.at(whereMem(), "%s", tooSmall(mem));
            }
        } catch (ProfileException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            problems.at(whereMem(), "%s", e.getMessage());
        }
        problems.check();
    }

    private String tooSmall(long mem) {
        String image = String.format("its kernel image takes %d KiB", (imageEnd() - imageStart()) >> 10);
        return LongStream.rangeClosed(mem / MIB + 1, MOST_MIB)
                .filter(mib -> hasRoom(mib * MIB))
                .mapToObj(mib -> String.format(
                        "too little RAM to boot: %s needs about %s (%s)", file.name(), Sizes.format(mib * MIB), image))
                .findFirst()
                .orElse(String.format("the RAM around the kernel has no room to boot (%s)", image));
    }

    /** Whether the image, {@code mem_map} and the first page tables fit into the piece of RAM the image lies in. */
    private boolean hasRoom(long mem) {
        if (mem < BOOT_NEEDS) {
            return false;
        }
        List<MemoryRegion> ram = ram(map(mem));
        long frames = ram.stream().mapToLong(MemoryRegion::size).sum() / Profile.PAGE_SIZE;
        long needed = BOOT_NEEDS + frames * file.kernel().structPage();
        if (file.kernel().build().image().isEmpty()) {
            return ram.stream().anyMatch(region -> region.size() >= needed);
        }
        return ram.stream().anyMatch(region -> region.start() <= imageStart() && region.end() >= imageEnd() + needed);
    }

    /** The image must lie in RAM of the profile's own size; whether another size has room for it is asked later. */
    private void checkImage() {
        List<MemoryRegion> ram = ram(map(file.mem()));
        for (MemoryRegion part : imageParts()) {
            if (ram.stream().noneMatch(region -> inside(part, region))) {
                problems.at(file.whereImage(), "%s at %s is not in RAM", part.name(), MemoryList.range(part));
            }
        }
        problems.check();
    }

    private List<MemoryRegion> imageParts() {
        return IomemNames.image(
                file.kernel().build(), file.arch().arch(), file.kernel().version());
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
        List<MemoryRegion> all = new ArrayList<>();
        for (MemoryRegion region : map) {
            all.add(region);
            imageParts().stream()
                    .filter(part -> region.kind() == Kind.RAM && inside(part, region))
                    .forEach(all::add);
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
