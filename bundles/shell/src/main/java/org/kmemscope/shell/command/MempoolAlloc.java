package org.kmemscope.shell.command;

import org.kmemscope.api.kernel.Mempool;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code mempool_alloc}. */
@Command(
        name = "mempool_alloc",
        description = "Takes an object from a pool: a new one, or one that was kept back.",
        footerHeading = "%nExample:%n",
        footer = "  p = (mempool_alloc $pool GFP_NOIO)")
final class MempoolAlloc extends KmemCommand {
    @Parameters(index = "0", paramLabel = "POOL", description = "What mempool_create answered.")
    private int pool;

    @Parameters(
            index = "1",
            paramLabel = "GFP",
            description = "Flags, joined by + (| is a pipe), or a number.",
            completionCandidates = Candidates.GfpFlags.class)
    private String flags;

    @Override
    Object run(Call call) {
        int gfp = call.arguments().gfp(flags);
        long object = call.kernel().mempoolAlloc(new Mempool(pool), gfp);
        if (object == 0) {
            throw new Failure("NULL: there is no memory for "
                    + call.machine().gfp().names(gfp) + ", and the pool keeps nothing back any more");
        }
        return new Address(object);
    }
}
