package org.kmemscope.mmu;

import java.util.List;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.Walk;

/**
 * The words of i386: {@code show_fault_oops()} and {@code dump_pagetable()}.
 *
 * <pre>
 *   up to 2.6.24   BUG: unable to handle kernel paging request at virtual address f8a04000
 *   up to 5.0      BUG: unable to handle kernel paging request at f8a04000
 *   from 5.1       BUG: unable to handle page fault for address: f8a04000
 * </pre>
 *
 * <p>Between, {@code %p} prints the address, and has its own word for address 0.
 */
final class X86OopsWords implements OopsWords {
    private static final String[] TWO_LEVELS = {"pde", "pte"};
    private static final String[] THREE_LEVELS = {"pdpt", "pde", "pte"};

    private final String nullPointer;
    private final String pagingRequest;
    private final String zero;
    private final int maxLowPfn;

    X86OopsWords(KernelVersion version, AddressLayout layout) {
        maxLowPfn = layout.maxLowPfn();
        zero = zero(version);
        if (version.isAtLeast(5, 1)) {
            nullPointer = "BUG: kernel NULL pointer dereference, address: ";
            pagingRequest = "BUG: unable to handle page fault for address: ";
        } else {
            String at = version.isAtLeast(2, 6, 25) ? " at " : " at virtual address ";
            nullPointer = "BUG: unable to handle kernel NULL pointer dereference" + at;
            pagingRequest = "BUG: unable to handle kernel paging request" + at;
        }
    }

    /** {@code %p} of 0 is "(null)" from 2.6.30, as wide as a pointer from 2.6.37; 4.15 prints with {@code %px}. */
    private static String zero(KernelVersion version) {
        if (!version.isAtLeast(2, 6, 30) || version.isAtLeast(4, 15)) {
            return "00000000";
        }
        return version.isAtLeast(2, 6, 37) ? "  (null)" : "(null)";
    }

    @Override
    public String fault(long virt, boolean write) {
        String address = virt == 0 ? zero : String.format("%08x", virt);
        return (virt < Profile.PAGE_SIZE ? nullPointer : pagingRequest) + address;
    }

    /** Each entry with a space behind it. The kernel does not look into a table that is not in low memory. */
    @Override
    public List<String> tables(PageTables tables, long virt) {
        List<Walk.Level> levels = tables.walk(virt).levels();
        String[] names = tables.format().levels() == 2 ? TWO_LEVELS : THREE_LEVELS;
        int digits = 2 << tables.format().shape().entryShift();
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < levels.size(); i++) {
            Walk.Level level = levels.get(i);
            if (level.entryAddress() >>> Profile.PAGE_SHIFT >= maxLowPfn) {
                break;
            }
            line.append(String.format("*%s = %0" + digits + "x ", names[i], level.value()));
        }
        return List.of(line.toString());
    }
}
