package org.kmemscope.shell.command;

import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.kernel.Mempool;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code mempool_create}. */
@Command(
        name = "mempool_create",
        description = "Makes a pool that keeps some objects back; its number is how others name it.",
        footerHeading = "%nExample:%n",
        footer = {
            "  pool = (mempool_create 4 packets)",
            "  pool = (mempool_create 4 512)",
            "  p = (mempool_alloc $pool GFP_NOIO)"
        })
final class MempoolCreate extends KmemCommand {
    @Parameters(index = "0", paramLabel = "MINIMUM", description = "Objects that are kept back.")
    private int minimum;

    @Parameters(
            index = "1",
            paramLabel = "CACHE|SIZE",
            description = "The cache they are from, or bytes of an object from kmalloc.",
            completionCandidates = Candidates.CacheNames.class)
    private String source;

    @Override
    Object run(Call call) {
        Kernel kernel = call.kernel();
        Mempool pool = Character.isDigit(source.charAt(0))
                ? kernel.mempoolCreateKmalloc(minimum, Arguments.size(source))
                : kernel.mempoolCreate(minimum, Caches.find(call.machine(), source));
        if (pool.id() == 0) {
            throw new Failure("NULL: there is no memory for a pool of " + minimum + " objects");
        }
        return pool.id();
    }
}
