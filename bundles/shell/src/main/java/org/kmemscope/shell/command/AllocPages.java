package org.kmemscope.shell.command;

import java.util.Optional;
import java.util.function.IntSupplier;
import org.kmemscope.api.error.TaskKilled;
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
        String reason = take(call, blocks, wanted, () -> kernel.allocPages(gfp, order))
                .orElseGet(() -> Shortage.ofPages(machine, gfp, order));
        if (blocks.isEmpty()) {
            throw new Failure(reason);
        }
        if (blocks.size() < wanted) {
            call.note("alloc_pages: after " + blocks.size() + (blocks.size() == 1 ? " block: " : " blocks: ") + reason);
        }
        return blocks;
    }

    /**
     * Takes blocks until there are enough, or no more. When the OOM killer takes the one who asks, that is an end, too: the pages
     * are the kernel's and stay taken, so they must not be forgotten.
     *
     * @return what the OOM killer said, if it did
     */
    private static Optional<String> take(Call call, PageBlocks blocks, int wanted, IntSupplier next) {
        try {
            while (blocks.size() < wanted) {
                if (blocks.size() % CHECK_EVERY == 0) {
                    call.checkInterrupt();
                }
                int pfn = next.getAsInt();
                if (pfn < 0) {
                    break;
                }
                blocks.append(pfn);
            }
            return Optional.empty();
        } catch (TaskKilled e) {
            return Optional.of(e.getMessage());
        }
    }
}
