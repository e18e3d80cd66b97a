package org.kmemscope.mmu;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.mmu.Walk;
import org.kmemscope.api.phys.PhysicalMemory;

/**
 * The words of ARM: {@code __do_kernel_fault()}, {@code do_DataAbort()} and {@code show_pte()}.
 *
 * <pre>
 *   Unable to handle kernel paging request at virtual address f093c000           from 6.2: ... when write
 *   pgd = c0004000                                                               up to 4.14
 *   [f093c000] *pgd=41914811, *pte=00000000, *ppte=00000000                      short descriptors
 *   [f093c000] *pgd=80000040005003, *pmd=41914003, *pte=00000000                 LPAE
 * </pre>
 *
 * <p>With CONFIG_CPU_SW_DOMAIN_PAN a kernel has no access to the domain of user space. A program lies at 0x10000, so the pair of
 * first-level entries of the lowest 2 MiB leads to a table in any process, and hardware checks the domain before it looks into
 * that table: NULL is then a domain fault of domain 1, which has words of its own.
 */
final class ArmOopsWords implements OopsWords {
    private static final long LOWEST_PAIR = 1L << 21;
    private static final int FSR_PAGE_DOMAIN = 0xb;
    private static final int FSR_USER_DOMAIN = 1 << 4;
    private static final int FSR_WRITE = 1 << 11;
    private static final int SECTION = 2;
    private static final int LONG_TABLE = 2;

    private final PhysicalMemory ram;
    private final ExecutionContext context;
    private final AddressLayout layout;
    private final boolean tellsDirection;
    private final boolean tellsTop;
    private final boolean domainPan;

    ArmOopsWords(Profile profile, AddressLayout layout, PhysicalMemory ram, ExecutionContext context) {
        this.ram = ram;
        this.context = context;
        this.layout = layout;
        tellsDirection = profile.kernel().version().isAtLeast(6, 2);
        // later %p prints a hash of the address, which tells nothing, and then the line goes
        tellsTop = !profile.kernel().version().isAtLeast(4, 15);
        domainPan = profile.kernel().config().is("CPU_SW_DOMAIN_PAN");
    }

    @Override
    public String fault(long virt, boolean write) {
        if (domainPan && virt < LOWEST_PAIR && context.pid() > 0) {
            int status = FSR_PAGE_DOMAIN | FSR_USER_DOMAIN | (write ? FSR_WRITE : 0);
            return String.format("Unhandled fault: page domain fault (0x%03x) at 0x%08x", status, virt);
        }
        return String.format(
                "Unable to handle kernel %s at virtual address %08x%s",
                virt < Profile.PAGE_SIZE ? "NULL pointer dereference" : "paging request",
                virt,
                tellsDirection ? " when " + (write ? "write" : "read") : "");
    }

    @Override
    public List<String> tables(PageTables tables, long virt) {
        List<String> lines = new ArrayList<>();
        if (tellsTop) {
            lines.add(String.format("pgd = %08x", layout.physToVirt(tables.top())));
        }
        List<Walk.Level> levels = tables.walk(virt).levels();
        boolean pairs = tables.format() instanceof ArmShortFormat;
        lines.add(String.format("[%08x]", virt) + (pairs ? shortEntries(levels) : longEntries(levels)));
        return lines;
    }

    /** Linux's pgd is the first entry of a pair. A section is a bad pmd to {@code show_pte()}. */
    private String shortEntries(List<Walk.Level> levels) {
        long pgd = Integer.toUnsignedLong(
                ram.read32(ArmShortFormat.pairAddress(levels.get(0).entryAddress())));
        StringBuilder line = new StringBuilder(String.format(" *pgd=%08x", pgd));
        if ((pgd & SECTION) != 0) {
            return line.append("(bad)").toString();
        }
        for (Walk.Level level : levels.subList(1, levels.size())) {
            line.append(String.format(", *%s=%08x", level.table().toLowerCase(Locale.ROOT), level.value()));
        }
        return line.toString();
    }

    private static String longEntries(List<Walk.Level> levels) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < levels.size(); i++) {
            Walk.Level level = levels.get(i);
            line.append(String.format(
                    "%s*%s=%08x", i == 0 ? " " : ", ", level.table().toLowerCase(Locale.ROOT), level.value()));
            boolean leaf = i == 2;
            if (!leaf && level.value() != 0 && (level.value() & LONG_TABLE) == 0) {
                return line.append("(bad)").toString();
            }
        }
        return line.toString();
    }
}
