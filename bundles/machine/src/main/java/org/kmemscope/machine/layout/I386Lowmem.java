package org.kmemscope.machine.layout;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.ground.AddressLayout.Warning;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.Profile;

/**
 * Where low memory ends on i386. Terms: {@code MAXMEM} is the most that the linear mapping can hold; the reserve is what it leaves to
 * the areas above it (128 MiB, or {@code vmalloc=}).
 * <ol>
 *   <li>RAM that the page tables cannot address is cut.
 *   <li>If all of RAM fits into MAXMEM, it is low memory, but {@code highmem=} moves the top of it to high memory, unless less than
 *       64 MiB would be left.
 *   <li>Otherwise low memory ends at MAXMEM, the rest is high memory, and a smaller {@code highmem=} cuts RAM.
 *   <li>Without CONFIG_HIGHMEM the rest is lost.
 * </ol>
 * Source: {@code find_max_low_pfn()} of 2.6.24; {@code lowmem_pfn_init()}, {@code highmem_pfn_init()} since.
 */
final class I386Lowmem {
    private static final int PAGES_PER_MB = 256;
    private static final int LEAST_LOW = 64 * PAGES_PER_MB;
    private static final int NON_PAE_END = 1 << 20;
    private static final int PAE_END = 1 << 24;

    private final Era era;
    private final List<Warning> warnings = new ArrayList<>();
    private int maxLowPfn;
    private int maxPfn;

    /** What differs by time. */
    enum Era {
        /** 2.6.24: RAM above the limit is noticed, and said so. */
        TEXTBOOK(
                "highmem size specified (%dMB) is bigger than pages available (%dMB)!.",
                "highmem size %dMB results in smaller than 64MB lowmem, ignoring it.",
                "only %dMB highmem pages available, ignoring highmem size of %dMB."),
        /** From 2.6.27: the e820 map is read only up to the limit ({@code e820_end_pfn(MAX_ARCH_PFN)}), silently. */
        CLASSIC(
                "highmem size (%dMB) is bigger than pages available (%dMB)!",
                "highmem size (%dMB) results in <64MB lowmem, ignoring it!",
                "only %dMB highmem pages available, ignoring highmem size of %dMB!");

        private final String tooBig;
        private final String tooLittleLeft;
        private final String tooSmall;

        Era(String tooBig, String tooLittleLeft, String tooSmall) {
            this.tooBig = tooBig;
            this.tooLittleLeft = tooLittleLeft;
            this.tooSmall = tooSmall;
        }
    }

    private I386Lowmem(Era era) {
        this.era = era;
    }

    /**
     * Divides RAM.
     *
     * @param maxmem MAXMEM, in bytes
     */
    static I386Lowmem split(Era era, Profile profile, RamMap ram, boolean pae, long maxmem) {
        I386Lowmem lowmem = new I386Lowmem(era);
        lowmem.split(profile, ram, pae, maxmem);
        return lowmem;
    }

    int maxLowPfn() {
        return maxLowPfn;
    }

    int maxPfn() {
        return maxPfn;
    }

    List<Warning> warnings() {
        return warnings;
    }

    private void split(Profile profile, RamMap ram, boolean pae, long maxmem) {
        KernelConfig config = profile.kernel().config();
        long asked = profile.kernel()
                .options()
                .size("highmem")
                .map(bytes -> bytes >> Profile.PAGE_SHIFT)
                .orElse(-1L);
        int limit = pae ? PAE_END : NON_PAE_END;
        maxPfn = era == Era.TEXTBOOK ? ram.endPfn() : ram.endBelow(limit);
        if (maxPfn != ram.endPfn()) {
            warn(
                    KernelLog.WARNING,
                    "kmemscope: RAM above %d GiB is not used, this kernel's page tables cannot address it",
                    (long) limit >> (30 - Profile.PAGE_SHIFT));
        }
        int maxmemPfn = (int) (maxmem >>> Profile.PAGE_SHIFT);
        if (maxPfn <= maxmemPfn) {
            maxLowPfn = maxPfn;
            allLow(config, asked);
        } else {
            maxLowPfn = maxmemPfn;
            aboveMaxmem(config, asked, maxmemPfn);
        }
    }

    private void allLow(KernelConfig config, long asked) {
        if (asked <= 0) {
            return;
        }
        if (!config.highmem()) {
            warn(KernelLog.ERR, "ignoring highmem size on non-highmem kernel!");
        } else if (asked >= maxPfn) {
            warn(KernelLog.ERR, era.tooBig, asked / PAGES_PER_MB, maxPfn / PAGES_PER_MB);
        } else if (maxLowPfn - asked < LEAST_LOW) {
            warn(KernelLog.ERR, era.tooLittleLeft, asked / PAGES_PER_MB);
        } else {
            maxLowPfn -= (int) asked;
        }
    }

    private void aboveMaxmem(KernelConfig config, long asked, int maxmemPfn) {
        long highmem = asked < 0 ? maxPfn - maxmemPfn : asked;
        if (highmem + maxmemPfn < maxPfn) {
            maxPfn = maxmemPfn + (int) highmem;
        }
        if (highmem + maxmemPfn > maxPfn) {
            warn(KernelLog.WARNING, era.tooSmall, (maxPfn - maxmemPfn) / PAGES_PER_MB, highmem / PAGES_PER_MB);
        }
        if (!config.highmem()) {
            warn(KernelLog.WARNING, "Warning only %dMB will be used.", maxmemPfn / PAGES_PER_MB);
            warn(KernelLog.WARNING, "Use a %s enabled kernel.", maxPfn > NON_PAE_END ? "HIGHMEM64G" : "HIGHMEM");
            maxPfn = maxmemPfn;
        } else if (!config.is("X86_PAE") && maxPfn > NON_PAE_END) {
            // only 2.6.24 comes here: later kernels have cut the map before
            warn(KernelLog.WARNING, "Warning only 4GB will be used.");
            warn(KernelLog.WARNING, "Use a HIGHMEM64G enabled kernel.");
            maxPfn = NON_PAE_END;
        }
    }

    private void warn(int level, String format, Object... arguments) {
        warnings.add(new Warning(level, String.format(format, arguments)));
    }
}
