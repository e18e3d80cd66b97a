package org.kmemscope.zone;

import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.Profile;

/**
 * How the reports of a kernel look.
 *
 * @param title first line of the block on memory
 * @param perCpu how the per-CPU lists are told, each in lines of its own
 * @param totals how the sums are told
 * @param zoneLine how a zone is told
 * @param managed whether a zone's line has the pages the allocator was given (3.8)
 * @param cma whether sums and zones tell of free CMA pages
 * @param blockLetters whether free lists are told with the letters of their migrate types (3.8)
 * @param hugePages whether the pool of huge pages has a line (3.10, HUGETLB_PAGE)
 * @param pagecacheLine whether the page cache has a line
 * @param swapCache what is told of the swap cache
 * @param ram what is told of RAM at the end
 * @param limitedToRequest only zones that the request could have used are told (6.1)
 * @param highmem whether the kernel has high memory
 * @param memoryFailure whether broken pages are counted (MEMORY_FAILURE)
 * @param hugeColumns whether the node's line tells of huge pages
 * @param cpusets whether the header names the task's set of nodes (CPUSETS)
 * @param mask how the header writes the mask
 * @param stack how a stack is written
 * @param badPage how a page in a bad state is told
 * @param reportSeconds reports of failed requests are limited to so many in this time
 * @param reportBurst so many
 */
record ReportStyle(
        String title,
        PerCpu perCpu,
        Totals totals,
        ZoneLine zoneLine,
        boolean managed,
        boolean cma,
        boolean blockLetters,
        boolean hugePages,
        boolean pagecacheLine,
        SwapCache swapCache,
        Ram ram,
        boolean limitedToRequest,
        boolean highmem,
        boolean memoryFailure,
        boolean hugeColumns,
        boolean cpusets,
        Mask mask,
        Stack stack,
        BadPage badPage,
        int reportSeconds,
        int reportBurst) {

    /** How the per-CPU lists are told. */
    enum PerCpu {
        /** Hot and cold lists. */
        HOT_COLD,
        /** One. */
        SINGLE,
        /** Not: their pages are told with the zone (4.2). */
        NONE
    }

    /** How the sums are told. */
    enum Totals {
        /** 2.6.24: two lists. */
        TWO_LISTS,
        /** 2.6.28: four lists. */
        FOUR_LISTS,
        /** 2.6.32: with isolated pages. */
        ISOLATED,
        /** 4.8: with a line for the node. */
        NODE
    }

    /** How a zone is told. */
    enum ZoneLine {
        /** 2.6.24. */
        TWO_LISTS,
        /** 2.6.28. */
        FOUR_LISTS,
        /** 2.6.32: everything. */
        EVERYTHING,
        /** 4.8: what is a zone's. */
        SHORT
    }

    /** What is told of the swap cache. */
    enum SwapCache {
        /** 2.6.24: one line. */
        STATS_WITH_RACE,
        /** Its pages and statistics. */
        PAGES_AND_STATS,
        /** Its pages (5.19). */
        PAGES
    }

    /** What is told of RAM. */
    enum Ram {
        /** 2.6.24 on i386. */
        I386_OLD,
        /** 2.6.29 on i386, and others of that time. */
        SHARED,
        /** ARM up to 3.9. */
        ARM_OLD,
        /** 3.15 on. */
        MODERN
    }

    /** How the header writes the mask. */
    enum Mask {
        /** {@code failure. order:0, mode:0x20}. */
        FULL_STOP,
        /** {@code failure: order:0, mode:0x20} (2.6.39). */
        COLON,
        /** {@code failure: order:0, mode:0x20(GFP_ATOMIC), nodemask=(null)} (4.6). */
        NAMES
    }

    /** How a stack is written. */
    enum Stack {
        /** i386, 2.6.24. */
        I386_OLD,
        /** i386, 2.6.25 to 3.x: who, then the calls. */
        I386,
        /** i386, later: CPU, who, hardware, calls. */
        I386_MODERN,
        /** ARM up to 3.9: calls only. */
        ARM_OLD,
        /** ARM, later. */
        ARM_MODERN
    }

    /** How a page in a bad state is told. */
    enum BadPage {
        /** 2.6.24. */
        FIX_UP,
        /** 2.6.29. */
        ONE_LINE,
        /** 2.6.35: {@code dump_page()}. */
        TWO_LINES,
        /** 4.x and later: with a reason, and the words of the structure. */
        REASON
    }

    static ReportStyle of(Profile profile) {
        KernelVersion version = profile.kernel().version();
        KernelConfig config = profile.kernel().config();
        boolean arm = profile.arch().arch() == ArchSpec.Arch.ARM;
        boolean node = version.isAtLeast(4, 8);
        return new ReportStyle(
                // the generic block came with 2.6.26; ARM had one of its own up to 3.9
                version.isAtLeast(2, 6, 26) && !(arm && !version.isAtLeast(3, 10)) ? "Mem-Info:" : "Mem-info:",
                version.isAtLeast(4, 2) ? PerCpu.NONE : version.isAtLeast(2, 6, 25) ? PerCpu.SINGLE : PerCpu.HOT_COLD,
                node
                        ? Totals.NODE
                        : version.isAtLeast(2, 6, 32)
                                ? Totals.ISOLATED
                                : version.isAtLeast(2, 6, 28) ? Totals.FOUR_LISTS : Totals.TWO_LISTS,
                node
                        ? ZoneLine.SHORT
                        : version.isAtLeast(2, 6, 32)
                                ? ZoneLine.EVERYTHING
                                : version.isAtLeast(2, 6, 28) ? ZoneLine.FOUR_LISTS : ZoneLine.TWO_LISTS,
                version.isAtLeast(3, 8),
                version.isAtLeast(3, 7),
                version.isAtLeast(3, 8),
                version.isAtLeast(3, 10) && config.is("HUGETLB_PAGE"),
                version.isAtLeast(2, 6, 27),
                version.isAtLeast(5, 19)
                        ? SwapCache.PAGES
                        : version.isAtLeast(2, 6, 27) ? SwapCache.PAGES_AND_STATS : SwapCache.STATS_WITH_RACE,
                ram(version, arm),
                version.isAtLeast(6, 1),
                config.highmem(),
                config.is("MEMORY_FAILURE"),
                config.is("TRANSPARENT_HUGEPAGE"),
                config.is("CPUSETS"),
                version.isAtLeast(4, 6) ? Mask.NAMES : version.isAtLeast(2, 6, 39) ? Mask.COLON : Mask.FULL_STOP,
                stack(version, arm),
                version.isAtLeast(4, 0)
                        ? BadPage.REASON
                        : version.isAtLeast(2, 6, 35)
                                ? BadPage.TWO_LINES
                                : version.isAtLeast(2, 6, 29) ? BadPage.ONE_LINE : BadPage.FIX_UP,
                version.isAtLeast(4, 12) ? 10 : 5,
                version.isAtLeast(4, 12) ? 1 : 10);
    }

    private static Ram ram(KernelVersion version, boolean arm) {
        if (version.isAtLeast(3, 15)) {
            return Ram.MODERN;
        }
        if (arm && !version.isAtLeast(3, 10)) {
            return Ram.ARM_OLD;
        }
        return version.isAtLeast(2, 6, 26) ? Ram.SHARED : Ram.I386_OLD;
    }

    private static Stack stack(KernelVersion version, boolean arm) {
        if (arm) {
            return version.isAtLeast(3, 10) ? Stack.ARM_MODERN : Stack.ARM_OLD;
        }
        if (version.isAtLeast(3, 10)) {
            return Stack.I386_MODERN;
        }
        return version.isAtLeast(2, 6, 25) ? Stack.I386 : Stack.I386_OLD;
    }
}
