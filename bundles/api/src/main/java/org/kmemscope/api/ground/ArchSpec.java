package org.kmemscope.api.ground;

/**
 * The processor side of a machine.
 *
 * @param arch family
 * @param tables format of the page tables
 * @param pageOffset first virtual address of the kernel ({@code PAGE_OFFSET})
 * @param physOffset physical address that PAGE_OFFSET maps ({@code PHYS_OFFSET}); 0 on i386
 * @param cacheLine size of a line of the CPU's first-level cache at run time, in bytes
 * @param tlbEntries entries of the TLB of one CPU, a power of two
 * @param coherentDma whether devices see the CPU's caches
 */
public record ArchSpec(
        Arch arch,
        Tables tables,
        long pageOffset,
        long physOffset,
        int cacheLine,
        int tlbEntries,
        boolean coherentDma) {
    /** Processor family. */
    public enum Arch {
        /** 32-bit x86. */
        I386,
        /** 32-bit ARM. */
        ARM
    }

    /** Format of the page tables. */
    public enum Tables {
        /** i386: two levels, 32-bit entries, 4 MiB pages. */
        I386_2LEVEL("i386"),
        /** i386 PAE: three levels, 64-bit entries, 2 MiB pages. */
        I386_PAE("pae"),
        /** ARM short descriptors: two levels, 32-bit entries, 1 MiB sections. */
        ARM_SHORT("arm-short"),
        /** ARM LPAE: three levels, 64-bit entries, 2 MiB blocks. */
        ARM_LPAE("lpae");

        private final String label;

        Tables(String label) {
            this.label = label;
        }

        /** The name used in profiles. */
        public String label() {
            return label;
        }
    }
}
