package org.kmemscope.mmu;

import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.ArchSpec;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.KernelSpec;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.phys.PhysicalMemory;

/**
 * What differs by processor and kernel, chosen once when a machine is built.
 *
 * @param format the page tables
 * @param words what a fault prints
 * @param flushCeiling longest range, in bytes, that {@code flush_tlb_kernel_range()} flushes page by page; a longer one flushes
 *     everything
 */
record Rules(TableFormat format, OopsWords words, long flushCeiling) {
    /** {@code tlb_single_page_flush_ceiling} of x86. */
    private static final long X86_CEILING = 33L * Profile.PAGE_SIZE;

    static Rules of(Profile profile, AddressLayout layout, PhysicalMemory ram, ExecutionContext context) {
        OopsWords words =
                switch (profile.arch().arch()) {
                    case I386 -> new X86OopsWords(profile.kernel().version(), layout);
                    case ARM -> new ArmOopsWords(profile, layout, ram, context);
                };
        return new Rules(format(profile), words, flushCeiling(profile));
    }

    private static TableFormat format(Profile profile) {
        KernelSpec kernel = profile.kernel();
        boolean smp = kernel.config().is("SMP");
        return switch (profile.arch().tables()) {
            case I386_2LEVEL -> new I386Format(X86Bits.withoutNx(kernel.version()));
            case I386_PAE -> new PaeFormat(pageBits(kernel));
            case ARM_SHORT -> new ArmShortFormat(smp);
            case ARM_LPAE -> new LpaeFormat(kernel.version(), smp);
        };
    }

    /** {@code noexec=off} leaves the NX bit of PAE alone. Every CPU of a profile with PAE has it. */
    private static X86Bits pageBits(KernelSpec kernel) {
        boolean off = kernel.options().get("noexec").filter("off"::equals).isPresent();
        return off ? X86Bits.withoutNx(kernel.version()) : X86Bits.withNx(kernel.version());
    }

    /**
     * x86 flushes everything up to 3.5. 3.6 looks at the size of the CPU's TLB, and 3.17 settles for 33 pages, which stands for
     * both here. ARM goes page by page through any range.
     */
    private static long flushCeiling(Profile profile) {
        if (profile.arch().arch() == ArchSpec.Arch.ARM) {
            return Long.MAX_VALUE;
        }
        KernelVersion version = profile.kernel().version();
        return version.isAtLeast(3, 6) ? X86_CEILING : 0;
    }
}
