package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.mmu.Walk;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code vtop}, in the layout of the crash utility:
 * <pre>
 * VIRTUAL   PHYSICAL
 * c0100000  100000
 *
 * PAGE DIRECTORY: c054b000
 *    PGD: 54bc00 => 1e3
 *   PAGE: 0  (4MB)
 * </pre>
 */
@Command(
        name = "vtop",
        description =
                "Walks the page tables for a virtual address, and tells each entry and the physical address at the end.",
        footerHeading = "%nExample:%n",
        footer = "  vtop 0xc0100000")
final class Vtop extends ViewCommand<Vtop.VtopView> {
    private static final int KB_SHIFT = 10;
    private static final int MB_SHIFT = 20;

    @Parameters(
            paramLabel = "ADDRESS",
            description = "A virtual address.",
            completionCandidates = Live.Anything.class)
    private String address;

    /** A walk, and the table it starts from. */
    record VtopView(long pageDirectory, Walk walk) {}

    @Override
    VtopView view(Call call) {
        Machine machine = call.machine();
        long virt = call.arguments().address(address);
        return machine.locked(
                () -> new VtopView(machine.mmu().kernelTable(), machine.mmu().walk(virt)));
    }

    @Override
    String text(Call call, VtopView view) {
        Walk walk = view.walk();
        StringBuilder text = new StringBuilder("VIRTUAL   PHYSICAL\n");
        text.append(String.format(
                "%08x  %s\n\n", walk.virt(), walk.mapped() ? String.format("%x", walk.phys()) : "(not mapped)"));
        text.append(
                String.format("PAGE DIRECTORY: %08x\n", call.machine().layout().physToVirt(view.pageDirectory())));
        for (Walk.Level level : walk.levels()) {
            text.append(String.format("%6s: %x => %x\n", level.table(), level.entryAddress(), level.value()));
        }
        if (walk.mapped()) {
            text.append(pageLine(walk));
        }
        return text.toString();
    }

    private static String pageLine(Walk walk) {
        List<Walk.Level> levels = walk.levels();
        Walk.Level last = levels.get(levels.size() - 1);
        boolean large = walk.pageSize() >= 1L << MB_SHIFT;
        long base = walk.phys() & -walk.pageSize();
        String size = large ? (walk.pageSize() >> MB_SHIFT) + "MB" : (walk.pageSize() >> KB_SHIFT) + "kB";
        return String.format("%6s: %x  (%s)\n\n", "PAGE", base, size)
                + new Table(last.table(), "PHYSICAL", "FLAGS")
                        .row(String.format("%x", last.value()), String.format("%x", base), "(" + last.flags() + ")");
    }
}
