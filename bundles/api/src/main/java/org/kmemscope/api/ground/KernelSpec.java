package org.kmemscope.api.ground;

/**
 * Which kernel a machine runs.
 *
 * @param version decides the rules
 * @param release what {@code uname -r} prints
 * @param config build-time options
 * @param options the command line
 * @param structPageSize {@code sizeof(struct page)}, in bytes
 * @param kmallocMax largest size kmalloc serves, in bytes; 0 for what the object allocator of this version allows
 * @param build what the build decided beyond its options
 */
public record KernelSpec(
        KernelVersion version,
        String release,
        KernelConfig config,
        BootOptions options,
        int structPageSize,
        long kmallocMax,
        KernelBuild build) {
    /** A kernel of which nothing is known but its options. */
    public KernelSpec(
            KernelVersion version,
            String release,
            KernelConfig config,
            BootOptions options,
            int structPageSize,
            long kmallocMax) {
        this(version, release, config, options, structPageSize, kmallocMax, KernelBuild.UNKNOWN);
    }

    /** The same kernel with another command line. */
    public KernelSpec withOptions(BootOptions other) {
        return new KernelSpec(version, release, config, other, structPageSize, kmallocMax, build);
    }
}
