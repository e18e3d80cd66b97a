package org.kmemscope.api.ground;

import java.util.List;
import java.util.Optional;

/**
 * What the build of a kernel decided beyond its options: numbers from a board's headers, and where the linker put things.
 *
 * @param fixmapEntries pages of the permanent fixmap ({@code __end_of_permanent_fixed_addresses}) where they are known from a boot
 *     log; 0 to count them from the options
 * @param vmallocEnd the board's {@code VMALLOC_END}, for ARM before 3.3; 0 elsewhere
 * @param consistentDma size of the board's region for coherent DMA below 0xffe00000, in bytes, for ARM before 3.2; 0 elsewhere
 * @param image sections of the kernel image in RAM, ascending; empty where they are not known
 */
public record KernelBuild(int fixmapEntries, long vmallocEnd, long consistentDma, List<Section> image) {
    /** A build of which nothing is known but its options. */
    public static final KernelBuild UNKNOWN = new KernelBuild(0, 0, 0, List.of());

    /** Keeps an unmodifiable copy. */
    public KernelBuild {
        image = List.copyOf(image);
    }

    /**
     * A section of the kernel image.
     *
     * @param name {@code .text}, {@code .rodata}, {@code .init}, {@code .data} or {@code .bss}
     * @param start physical address of the first byte
     * @param end physical address one past the last byte
     */
    public record Section(String name, long start, long end) {}

    /** A section by its name. */
    public Optional<Section> section(String name) {
        return image.stream().filter(section -> section.name().equals(name)).findFirst();
    }
}
