package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.slab.KmemCache;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kmem_cache_free}. */
@Command(
        name = "kmem_cache_free",
        description = "Gives objects back to their cache.",
        footerHeading = "%nExample:%n",
        footer = "  kmem_cache_free packets $o")
final class CacheFree extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "CACHE",
            description = "Its name in slabinfo.",
            completionCandidates = Candidates.CacheNames.class)
    private String name;

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "ADDRESS",
            description = "What kmem_cache_alloc answered.",
            completionCandidates = Live.Objects.class)
    private List<String> objects;

    @Override
    Object run(Call call) {
        KmemCache cache = Caches.find(call.machine(), name);
        Kernel kernel = call.kernel();
        Arguments arguments = call.arguments();
        objects.forEach(object -> kernel.kmemCacheFree(cache, arguments.virtual(object)));
        return NOTHING;
    }
}
