package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Provenance.Origin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code free_pages}. */
@Command(
        name = "free_pages",
        description = "Gives blocks of pages back.",
        footerHeading = "%nExample:%n",
        footer = {"  free_pages $p", "  free_pages -o 2 pfn:0x1234"})
final class FreePages extends KmemCommand {
    private static final int CHECK_EVERY = 1024;

    @Parameters(
            paramLabel = "PAGE",
            arity = "1..*",
            description = "First pages of blocks: pfn:0x1234, 1234, or an address of the linear mapping.",
            completionCandidates = Live.Pages.class)
    private List<String> pages;

    @Option(
            names = {"-o", "--order"},
            paramLabel = "ORDER",
            description = "log2 of the number of pages in a block; the order they were taken with if nothing is said.")
    private Integer order;

    @Override
    Object run(Call call) {
        Machine machine = call.machine();
        Kernel kernel = call.kernel();
        Arguments arguments = call.arguments();
        int done = 0;
        for (String page : pages) {
            if (done++ % CHECK_EVERY == 0) {
                call.checkInterrupt();
            }
            int pfn = arguments.page(page);
            kernel.freePages(pfn, order == null ? takenWith(machine, pfn) : order);
        }
        return NOTHING;
    }

    private static int takenWith(Machine machine, int pfn) {
        return machine.locked(() ->
                machine.provenance().page(pfn).map(Origin::requested).orElse(0L).intValue());
    }
}
