package org.kmemscope.highmem;

import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;

/**
 * The rules of one kernel for windows onto high memory. Only {@link #of} and {@link KmTypes#of} look at a version.
 *
 * @param windows how the atomic windows are organised
 * @param types names of the atomic windows; {@link KmTypes#NONE} where they are a stack
 * @param highmem whether the kernel knows high memory at all
 * @param arm whether the windows are ARM's; otherwise i386's
 * @param debug {@code CONFIG_DEBUG_HIGHMEM}
 * @param modern whether a warning names the CPU and the task
 * @param kunmapMaySleep whether kunmap checks for sleeping; otherwise for an interrupt only
 * @param alwaysFlushes whether every wrap of the persistent area flushes the TLBs, even if no slot was cleared (2.6.24 does, 2.6.32
 *     does not)
 * @param sharesPersistent whether an atomic window of a page that kmap shows is that of kmap ({@code ARCH_NEEDS_KMAP_HIGH_GET})
 * @param leavesMapping whether an atomic window that is given back still shows the page
 * @param forceMap whether pages of low memory get a local window too ({@code CONFIG_DEBUG_KMAP_LOCAL_FORCE_MAP})
 * @param localStep distance of local windows on the stack: 2 with guards between them ({@code CONFIG_DEBUG_KMAP_LOCAL})
 */
record HighmemRules(
        Windows windows,
        KmTypes types,
        boolean highmem,
        boolean arm,
        boolean debug,
        boolean modern,
        boolean kunmapMaySleep,
        boolean alwaysFlushes,
        boolean sharesPersistent,
        boolean leavesMapping,
        boolean forceMap,
        int localStep) {
    /** How the windows of {@code kmap_atomic()} are organised. */
    enum Windows {
        /** A window for each purpose on each CPU, up to 2.6.36. */
        TYPED,
        /** A stack on each CPU, 2.6.37 to 5.10. */
        CPU_STACK,
        /** A stack for each task, which {@code kmap_local_page()} shares, from 5.11 on. */
        TASK_STACK
    }

    static HighmemRules of(Ground ground) {
        KernelVersion version = ground.profile().kernel().version();
        KernelConfig config = ground.profile().kernel().config();
        boolean arm = ground.profile().arch().arch() == ArchSpec.Arch.ARM;
        boolean debug = config.is("DEBUG_HIGHMEM");
        Windows windows = windows(version);
        boolean oneByOne = windows == Windows.TASK_STACK;
        return new HighmemRules(
                windows,
                windows == Windows.TYPED ? KmTypes.of(version, arm) : KmTypes.NONE,
                config.highmem(),
                arm,
                debug,
                version.isAtLeast(3, 11),
                version.isAtLeast(5, 8),
                !version.isAtLeast(2, 6, 25),
                arm && sharesPersistent(config, windows),
                arm && !oneByOne && !debug,
                oneByOne && config.is("DEBUG_KMAP_LOCAL_FORCE_MAP"),
                oneByOne && config.is("DEBUG_KMAP_LOCAL") ? 2 : 1);
    }

    private static Windows windows(KernelVersion version) {
        if (version.isAtLeast(5, 11)) {
            return Windows.TASK_STACK;
        }
        return version.isAtLeast(2, 6, 37) ? Windows.CPU_STACK : Windows.TYPED;
    }

    /**
     * {@code ARCH_NEEDS_KMAP_HIGH_GET} of ARM: not where TLB flushes go to other CPUs by interrupts. With debugging on, kernels with a
     * stack share only where the cache makes it necessary.
     */
    private static boolean sharesPersistent(KernelConfig config, Windows windows) {
        if (config.is("SMP") && config.is("CPU_TLB_V6") || config.is("ARM_ERRATA_798181")) {
            return false;
        }
        return windows == Windows.TYPED || !config.is("DEBUG_HIGHMEM") || config.is("CPU_CACHE_VIVT");
    }

    /** The file in which the processor's part of {@code kmap()} stands. */
    String archFile() {
        return arm ? "arch/arm/mm/highmem.c" : "arch/x86/mm/highmem_32.c";
    }
}
