package org.kmemscope.shell.command;

import org.kmemscope.api.kernel.Mempool;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code mempool_destroy}. */
@Command(
        name = "mempool_destroy",
        description = "Frees a pool and what it keeps back.",
        footerHeading = "%nExample:%n",
        footer = "  mempool_destroy $pool")
final class MempoolDestroy extends KmemCommand {
    @Parameters(index = "0", paramLabel = "POOL", description = "What mempool_create answered.")
    private int pool;

    @Override
    Object run(Call call) {
        call.kernel().mempoolDestroy(new Mempool(pool));
        return NOTHING;
    }
}
