package org.kmemscope.vmalloc;

import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/**
 * What {@code ioremap()} of a processor and a time lets pass, and how it aligns. Physical addresses are of bytes; {@code last} is that
 * of the last byte.
 */
abstract class IoRules {
    /** {@code IOREMAP_MAX_ORDER} where the processor does not say: 128 pages. */
    private static final int DEFAULT_MAX_ORDER = 7 + Profile.PAGE_SHIFT;

    private final boolean doubles;
    private final int maxOrder;
    private final int physicalBits;

    /**
     * @param doubles whether a power of two is aligned to twice itself: {@code fls(size)}, up to 4.9
     * @param maxOrder log2 of the largest alignment
     * @param physicalBits bits of the largest physical address
     */
    IoRules(boolean doubles, int maxOrder, int physicalBits) {
        this.doubles = doubles;
        this.maxOrder = maxOrder;
        this.physicalBits = physicalBits;
    }

    static IoRules of(Profile profile) {
        KernelVersion version = profile.kernel().version();
        boolean doubles = !version.isAtLeast(4, 9);
        ArchSpec.Tables tables = profile.arch().tables();
        int physicalBits =
                switch (tables) {
                    case I386_2LEVEL, ARM_SHORT -> 32;
                    case I386_PAE -> 36;
                    case ARM_LPAE -> 40;
                };
        if (profile.arch().arch() == ArchSpec.Arch.ARM) {
            // drivers of ARM boards map up to 16 MiB as a supersection
            return new Arm(doubles, 24, physicalBits, version.isAtLeast(2, 6, 38));
        }
        int pmdShift = tables == ArchSpec.Tables.I386_PAE ? 21 : 22;
        int maxOrder = version.isAtLeast(4, 1) ? pmdShift : DEFAULT_MAX_ORDER;
        return new I386(doubles, maxOrder, physicalBits, RamTest.of(version), !version.isAtLeast(4, 15));
    }

    /** Alignment of a mapping of {@code size} bytes: the power of two that is at least (or, up to 4.9, more than) the size. */
    final long align(long size) {
        int order = Long.SIZE - Long.numberOfLeadingZeros(doubles ? size : size - 1);
        return 1L << Math.max(Profile.PAGE_SHIFT, Math.min(order, maxOrder));
    }

    /** Whether page tables can hold an address. */
    final boolean reaches(long last) {
        return last >>> physicalBits == 0;
    }

    /** The address at which a range is mapped for ever, or 0. */
    abstract long permanent(long phys, long last, AddressLayout layout);

    /** Whether a range must not be mapped, as there is RAM in it; says so where the kernel does. */
    abstract boolean refuses(long phys, long last, Ground ground, KernelWords words);

    /** Whether iounmap is nothing but vunmap; otherwise it has words and checks of its own. */
    abstract boolean unmapsAsVunmap();

    /** What i386 takes for RAM that must not be mapped twice. A page that boot reserved may be mapped. */
    enum RamTest {
        /** 2.6.24: only ranges that begin in low memory are looked at. */
        LOW_MEMORY(true, true, false),
        /** 2.6.25 to 2.6.35: all RAM, but the last page of the range is not looked at. */
        ALL_BUT_LAST(false, false, false),
        /** 2.6.36 to 3.17: all RAM. */
        ALL(false, true, false),
        /** From 3.18 on, with a warning. */
        ALL_WARN(false, true, true);

        private final boolean lowOnly;
        private final boolean lastToo;
        private final boolean warns;

        RamTest(boolean lowOnly, boolean lastToo, boolean warns) {
            this.lowOnly = lowOnly;
            this.lastToo = lastToo;
            this.warns = warns;
        }

        static RamTest of(KernelVersion version) {
            if (version.isAtLeast(3, 18)) {
                return ALL_WARN;
            }
            if (version.isAtLeast(2, 6, 36)) {
                return ALL;
            }
            return version.isAtLeast(2, 6, 25) ? ALL_BUT_LAST : LOW_MEMORY;
        }

        boolean finds(long phys, long last, Ground ground) {
            PageFrames frames = ground.frames();
            long first = phys >>> Profile.PAGE_SHIFT;
            if (lowOnly && first >= ground.layout().maxLowPfn()) {
                return false;
            }
            long lastPfn = last >>> Profile.PAGE_SHIFT;
            long end = Math.min(lastToo ? lastPfn + 1 : lastPfn, frames.endPfn());
            for (long pfn = Math.max(first, frames.firstPfn()); pfn < end; pfn++) {
                if (!frames.is((int) pfn, PageFlag.HOLE) && !frames.is((int) pfn, PageFlag.RESERVED)) {
                    return true;
                }
            }
            return false;
        }
    }

    /** {@code arch/x86/mm/ioremap.c}. */
    static final class I386 extends IoRules {
        private static final long ISA_START = 0xa_0000L;
        private static final long ISA_END = 0x10_0000L;

        private final RamTest ramTest;
        private final boolean isaIsLinear;

        /**
         * @param isaIsLinear whether the window of old ISA cards is always mapped, up to 4.14
         */
        I386(boolean doubles, int maxOrder, int physicalBits, RamTest ramTest, boolean isaIsLinear) {
            super(doubles, maxOrder, physicalBits);
            this.ramTest = ramTest;
            this.isaIsLinear = isaIsLinear;
        }

        @Override
        long permanent(long phys, long last, AddressLayout layout) {
            return isaIsLinear && phys >= ISA_START && last < ISA_END ? layout.physToVirt(phys) : 0;
        }

        @Override
        boolean refuses(long phys, long last, Ground ground, KernelWords words) {
            if (!ramTest.finds(phys, last, ground)) {
                return false;
            }
            if (ramTest.warns) {
                words.ioremapOnRam(phys, last, ground.profile().arch().tables() == ArchSpec.Tables.I386_PAE);
            }
            return true;
        }

        @Override
        boolean unmapsAsVunmap() {
            return false;
        }
    }

    /**
     * {@code arch/arm/mm/ioremap.c}. ARMv6 and later do not forgive a page that is mapped with two kinds of caching: only the first
     * page is looked at. Mappings that a board made at boot ({@code iotable_init}) are not known here.
     */
    static final class Arm extends IoRules {
        private final boolean refusesRam;

        Arm(boolean doubles, int maxOrder, int physicalBits, boolean refusesRam) {
            super(doubles, maxOrder, physicalBits);
            this.refusesRam = refusesRam;
        }

        @Override
        long permanent(long phys, long last, AddressLayout layout) {
            return 0;
        }

        @Override
        boolean refuses(long phys, long last, Ground ground, KernelWords words) {
            long pfn = phys >>> Profile.PAGE_SHIFT;
            if (!refusesRam || !ground.frames().isValid(pfn) || ground.frames().is((int) pfn, PageFlag.HOLE)) {
                return false;
            }
            words.armIoremapOnRam();
            return true;
        }

        @Override
        boolean unmapsAsVunmap() {
            return true;
        }
    }
}
