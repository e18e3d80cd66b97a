package org.kmemscope.shell.command;

import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code alloc_pages}. */
@Command(
        name = "alloc_pages",
        description =
                "Takes blocks of 2^ORDER pages. If there are none, tells which zone is below which watermark, by how much.",
        footerHeading = "%nExample:%n",
        footer = {"  p = (alloc_pages GFP_KERNEL 2)", "  free_pages $p", "  dma = (alloc_pages --all GFP_DMA 0)"})
final class AllocPages extends KmemCommand {
    private static final int CHECK_EVERY = 1024;

    @ArgGroup
    private Count count = new Count();

    /** How many. */
    static final class Count {
        @Option(
                names = {"-n", "--count"},
                paramLabel = "COUNT",
                description = "How many blocks; fewer if there are no more.")
        private Integer number;

        @Option(names = "--all", description = "Until there are no more.")
        private boolean all;
    }

    @Parameters(
            index = "0",
            paramLabel = "GFP",
            description = "Flags, joined by + (| is a pipe), or a number.",
            completionCandidates = Candidates.GfpFlags.class)
    private String flags;

    @Parameters(index = "1", paramLabel = "ORDER", description = "log2 of the number of pages in a block.")
    private int order;

    @Override
    Object run(Call call) {
        Machine machine = call.machine();
        Kernel kernel = call.kernel();
        int gfp = call.arguments().gfp(flags);
        if (order < 0) {
            throw new Failure("order " + order + ": at least 0");
        }
        if (count == null || count.number == null && !count.all) {
            int pfn = kernel.allocPages(gfp, order);
            if (pfn < 0) {
                throw new Failure(Shortage.ofPages(machine, gfp, order));
            }
            return new PageBlock(pfn, order);
        }
        int wanted = count.all ? Integer.MAX_VALUE : count.number;
        if (wanted < 1) {
            throw new Failure("count " + wanted + ": at least 1");
        }
        PageBlocks blocks = new PageBlocks(order);
        while (blocks.size() < wanted) {
            if (blocks.size() % CHECK_EVERY == 0) {
                call.checkInterrupt();
            }
            int pfn = kernel.allocPages(gfp, order);
            if (pfn < 0) {
                break;
            }
            blocks.append(pfn);
        }
        if (blocks.size() < wanted) {
            String reason = Shortage.ofPages(machine, gfp, order);
            if (blocks.isEmpty()) {
                throw new Failure(reason);
            }
            call.note("alloc_pages: after " + blocks.size() + (blocks.size() == 1 ? " block: " : " blocks: ") + reason);
        }
        return blocks;
    }
}
