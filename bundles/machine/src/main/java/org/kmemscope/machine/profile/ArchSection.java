package org.kmemscope.machine.profile;

import java.util.List;
import java.util.Map;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.ArchSpec.Arch;
import org.kmemscope.api.ground.ArchSpec.Tables;
import org.kmemscope.api.ground.KernelConfig;

/**
 * The key {@code arch} of a profile. What the kernel's options decide (table format, {@code PAGE_OFFSET}) is taken from there.
 *
 * @param arch family
 * @param cacheLine what the kernel finds as its cache line ({@code cache_line_size()}), in bytes; 0 for the usual
 * @param tlbEntries entries of a TLB
 * @param coherentDma whether devices see the caches
 * @param physOffset {@code PHYS_OFFSET}; -1 for the begin of RAM
 * @param dmaZone size of the board's ZONE_DMA, in bytes; 0 if it names none
 */
record ArchSection(Arch arch, int cacheLine, int tlbEntries, boolean coherentDma, long physOffset, long dmaZone) {
    private static final List<String> KEYS =
            List.of("family", "cacheLine", "tlbEntries", "coherentDma", "physOffset", "dmaZone");
    private static final List<String> FAMILIES = List.of("i386", "arm");
    private static final int USUAL_TLB = 64;
    private static final int MAX_TLB = 4096;
    private static final int MAX_LINE = 256;

    /** ARM kernels of this time find PHYS_OFFSET by rounding down to this. */
    private static final long PHYS_ALIGN = 16L << 20;

    private static final long I386_DMA_END = 16L << 20;
    private static final long FOUR_GIB = 1L << 32;
    private static final long THREE_GIB_SPLIT = 0xc000_0000L;
    private static final Map<String, Long> SPLITS = Map.of(
            "VMSPLIT_3G_OPT", 0xb000_0000L,
            "VMSPLIT_2G", 0x8000_0000L,
            "VMSPLIT_2G_OPT", 0x7800_0000L,
            "VMSPLIT_1G", 0x4000_0000L);

    static ArchSection read(Fields profile, Problems problems) {
        profile.require("arch");
        Fields fields = profile.object("arch", KEYS);
        String family = profile.has("arch") ? fields.choice("family", FAMILIES) : FAMILIES.get(0);
        Arch arch = family.equals("i386") ? Arch.I386 : Arch.ARM;
        return new ArchSection(
                arch,
                powerOfTwo(fields, "cacheLine", MAX_LINE, 0, problems),
                powerOfTwo(fields, "tlbEntries", MAX_TLB, USUAL_TLB, problems),
                fields.flag("coherentDma", arch == Arch.I386),
                fields.pages("physOffset", -1),
                fields.pages("dmaZone", 0));
    }

    private static int powerOfTwo(Fields fields, String key, int most, int otherwise, Problems problems) {
        int number = fields.integer(key, 1, most, otherwise);
        if (number != 0 && Integer.bitCount(number) != 1) {
            problems.at(fields.get(key).orElseThrow(), "%d is no power of two", number);
        }
        return number;
    }

    /** The processor of a machine whose RAM begins at an address. */
    ArchSpec spec(KernelConfig config, long ramStart) {
        boolean large = config.is(arch == Arch.I386 ? "X86_PAE" : "ARM_LPAE");
        Tables twoLevels = arch == Arch.I386 ? Tables.I386_2LEVEL : Tables.ARM_SHORT;
        Tables threeLevels = arch == Arch.I386 ? Tables.I386_PAE : Tables.ARM_LPAE;
        int line = cacheLine != 0
                ? cacheLine
                : 1 << config.integer(arch == Arch.I386 ? "X86_L1_CACHE_SHIFT" : "ARM_L1_CACHE_SHIFT", 5);
        return new ArchSpec(
                arch,
                large ? threeLevels : twoLevels,
                pageOffset(config),
                physOffset(ramStart),
                line,
                tlbEntries,
                coherentDma);
    }

    private static long pageOffset(KernelConfig config) {
        long split = SPLITS.entrySet().stream()
                .filter(entry -> config.is(entry.getKey()))
                .mapToLong(Map.Entry::getValue)
                .findFirst()
                .orElse(THREE_GIB_SPLIT);
        return config.number("PAGE_OFFSET", split);
    }

    private long physOffset(long ramStart) {
        return arch == Arch.I386 ? 0 : physOffset >= 0 ? physOffset : ramStart & -PHYS_ALIGN;
    }

    /**
     * Physical end of ZONE_DMA where there is one: 16 MiB on a PC (what ISA reaches); on ARM what the board says, and a board that says
     * nothing has all its memory there ({@code arm_dma_limit} is then 0xffffffff).
     */
    long dmaZoneEnd(ArchSpec spec) {
        return arch == Arch.I386 ? I386_DMA_END : dmaZone > 0 ? spec.physOffset() + dmaZone : FOUR_GIB;
    }
}
