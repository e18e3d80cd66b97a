package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.mmu.Walk;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vtop}, in the layout of the crash utility. The entry of the topmost table is told by its kernel virtual address, those of
 * the tables below by their physical ones. Two-level tables have a middle directory of one entry, which is the entry of the topmost.
 *
 * <pre>
 * VIRTUAL   PHYSICAL
 * f8800000  3fc00000
 *
 * PAGE DIRECTORY: c0001000
 *   PGD: c0001f88 => 37c07067
 *   PMD: c0001f88 => 37c07067
 *   PTE: 37c07000 => 3fc00163
 *  PAGE: 3fc00000
 *
 *   PTE     PHYSICAL  FLAGS
 * 3fc00163  3fc00000  (PRESENT|RW|ACCESSED|DIRTY|GLOBAL)
 * </pre>
 *
 * Behind {@code PTE}, ARM's short descriptors have {@code PPTE}, what the processor reads in its place.
 */
@Command(
        name = "vtop",
        description =
                "Walks the page tables for a virtual address, and tells each entry and the physical address at the end.",
        footerHeading = "%nExample:%n",
        footer = {
            "  vtop 0xc0100000",
            "  vtop -u $pid $a",
            "  pte = (vtop --entry $v); wr -p $pte 0     # behind the kernel's back"
        })
final class Vtop extends ViewCommand<Vtop.VtopView> {
    private static final int MB_SHIFT = 20;
    private static final String MIDDLE = "PMD";

    @Parameters(paramLabel = "ADDRESS", description = "A virtual address.", completionCandidates = Live.Anything.class)
    private String address;

    @Option(
            names = {"-e", "--entry"},
            description = "Only answer where the entry lies that ends the walk, as a physical address.")
    private boolean entry;

    @Option(
            names = "-u",
            paramLabel = "PID",
            description = "The address is one of this process, and so are the page tables.",
            completionCandidates = Candidates.Pids.class)
    private Integer user;

    /** A walk, and the table it starts from. */
    record VtopView(long pageDirectory, Walk walk) {}

    @Override
    Object run(Call call) {
        if (!entry) {
            return super.run(call);
        }
        List<Walk.Level> levels = view(call).walk().levels();
        return new Address(levels.get(levels.size() - 1).entryAddress());
    }

    @Override
    VtopView view(Call call) {
        Machine machine = call.machine();
        if (user != null) {
            long virt = Arguments.number(address, "address");
            return machine.locked(() -> new VtopView(
                    machine.processes().pageDirectory(user), machine.processes().walk(user, virt)));
        }
        long virt = call.arguments().virtual(address);
        return machine.locked(
                () -> new VtopView(machine.mmu().kernelTable(), machine.mmu().walk(virt)));
    }

    @Override
    String text(Call call, VtopView view) {
        Walk walk = view.walk();
        StringBuilder text = new StringBuilder("VIRTUAL   PHYSICAL\n");
        text.append(String.format(
                "%08x  %s\n\n", walk.virt(), walk.mapped() ? String.format("%x", walk.phys()) : "(not mapped)"));
        AddressLayout layout = call.machine().layout();
        text.append(String.format("PAGE DIRECTORY: %08x\n", layout.physToVirt(view.pageDirectory())));
        List<Walk.Level> levels = walk.levels();
        for (int i = 0; i < levels.size(); i++) {
            Walk.Level level = levels.get(i);
            long entry = i == 0 ? layout.physToVirt(level.entryAddress()) : level.entryAddress();
            text.append(line(level.table(), entry, level.value()));
            if (i == 0 && levels.size() > 1 && !levels.get(1).table().equals(MIDDLE)) {
                text.append(line(MIDDLE, entry, level.value()));
            }
        }
        if (walk.mapped()) {
            text.append(page(walk));
        }
        return text.toString();
    }

    private static String line(String table, long entry, long value) {
        return String.format("%5s: %8x => %x\n", table, entry, value);
    }

    /** The page, and the entry that maps it with its flags spelt out. */
    private static String page(Walk walk) {
        Walk.Level last = walk.levels().get(walk.levels().size() - 1);
        long base = walk.phys() & -walk.pageSize();
        long megabytes = walk.pageSize() >> MB_SHIFT;
        String value = String.format("%x", last.value());
        String phys = String.format("%x", base);
        return String.format("%5s: %8x%s\n\n", "PAGE", base, megabytes > 0 ? "  (" + megabytes + "MB)" : "")
                + String.format("%s  %s  FLAGS\n", centred("PTE", value), centred("PHYSICAL", phys))
                + String.format("%3s  %8s  (%s)\n", value, phys, last.flags());
    }

    /** A heading in the middle of a column, a blank more behind it than before it if it does not fit evenly. */
    private static String centred(String heading, String content) {
        int room = Math.max(content.length(), heading.length()) - heading.length();
        return " ".repeat(room / 2) + heading + " ".repeat(room - room / 2);
    }
}
