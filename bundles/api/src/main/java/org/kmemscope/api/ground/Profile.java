package org.kmemscope.api.ground;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything a machine is built from: the profile file with {@code mem=} and {@code cpus=} applied. Validated: regions are page
 * sized where they must be and do not overlap.
 *
 * @param name name of the profile
 * @param title one line about it
 * @param kernel which kernel
 * @param arch which processor
 * @param cpus how many processors are online
 * @param memory the physical memory map, ascending; parts of the kernel image follow the RAM they lie in
 * @param zoneDma whether a separate ZONE_DMA exists; its end is {@code dmaZoneEnd}
 * @param dmaZoneEnd physical end of ZONE_DMA, in bytes
 * @param devices devices
 * @param providers which implementations of a part to take, best first, by part: {@code page}, {@code object}
 * @param possibleCpus how many processors may be online ({@code nr_cpu_ids}); what is set up for each CPU is set up for these
 * @param bootPages how much of RAM boot leaves to the page allocator, where a log tells
 */
public record Profile(
        String name,
        String title,
        KernelSpec kernel,
        ArchSpec arch,
        int cpus,
        List<MemoryRegion> memory,
        boolean zoneDma,
        long dmaZoneEnd,
        List<DeviceSpec> devices,
        Map<String, List<String>> providers,
        int possibleCpus,
        BootPages bootPages) {
    /** Log2 of the page size of every machine so far. */
    public static final int PAGE_SHIFT = 12;

    /** Bytes in a page. */
    public static final int PAGE_SIZE = 1 << PAGE_SHIFT;

    /** A machine whose boot keeps what the model needs, with all its processors online. */
    public Profile(
            String name,
            String title,
            KernelSpec kernel,
            ArchSpec arch,
            int cpus,
            List<MemoryRegion> memory,
            boolean zoneDma,
            long dmaZoneEnd,
            List<DeviceSpec> devices,
            Map<String, List<String>> providers) {
        this(name, title, kernel, arch, cpus, memory, zoneDma, dmaZoneEnd, devices, providers, cpus, BootPages.UNKNOWN);
    }

    /** Keeps unmodifiable copies. */
    public Profile {
        memory = List.copyOf(memory);
        devices = List.copyOf(devices);
        Map<String, List<String>> copy = new LinkedHashMap<>();
        providers.forEach((part, names) -> copy.put(part, List.copyOf(names)));
        providers = Collections.unmodifiableMap(copy);
    }

    /** The same machine, of which it is known what boot leaves to the page allocator. */
    public Profile withBootPages(BootPages pages) {
        return new Profile(
                name, title, kernel, arch, cpus, memory, zoneDma, dmaZoneEnd, devices, providers, possibleCpus, pages);
    }

    /** The same machine, on which so many processors may be online. */
    public Profile withPossibleCpus(int number) {
        return new Profile(
                name, title, kernel, arch, cpus, memory, zoneDma, dmaZoneEnd, devices, providers, number, bootPages);
    }

    /** The same machine with another kernel. */
    public Profile withKernel(KernelSpec other) {
        return new Profile(
                name,
                title,
                other,
                arch,
                cpus,
                memory,
                zoneDma,
                dmaZoneEnd,
                devices,
                providers,
                possibleCpus,
                bootPages);
    }

    /**
     * The same machine with other implementations of a part.
     *
     * @param part {@code page} or {@code object}
     * @param names best first
     */
    public Profile withProviders(String part, List<String> names) {
        Map<String, List<String>> others = new LinkedHashMap<>(providers);
        others.put(part, names);
        return new Profile(
                name, title, kernel, arch, cpus, memory, zoneDma, dmaZoneEnd, devices, others, possibleCpus, bootPages);
    }

    /** The same machine with one more device. */
    public Profile withDevice(DeviceSpec device) {
        List<DeviceSpec> more = new ArrayList<>(devices);
        more.add(device);
        return new Profile(
                name, title, kernel, arch, cpus, memory, zoneDma, dmaZoneEnd, more, providers, possibleCpus, bootPages);
    }
}
