package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.kernel.Mempool;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code mempool_free}. */
@Command(
        name = "mempool_free",
        description = "Gives objects back to their pool.",
        footerHeading = "%nExample:%n",
        footer = "  mempool_free $pool $p")
final class MempoolFree extends KmemCommand {
    @Parameters(index = "0", paramLabel = "POOL", description = "What mempool_create answered.")
    private int pool;

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "ADDRESS",
            description = "What mempool_alloc answered.",
            completionCandidates = Live.Objects.class)
    private List<String> objects;

    @Override
    Object run(Call call) {
        Kernel kernel = call.kernel();
        Arguments arguments = call.arguments();
        objects.forEach(object -> kernel.mempoolFree(new Mempool(pool), arguments.virtual(object)));
        return NOTHING;
    }
}
