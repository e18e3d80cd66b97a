package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kmem_cache_destroy}. */
@Command(
        name = "kmem_cache_destroy",
        description = "Removes a cache; fails if it has live objects.",
        footerHeading = "%nExample:%n",
        footer = "  kmem_cache_destroy packets")
final class CacheDestroy extends KmemCommand {
    @Parameters(
            paramLabel = "CACHE",
            description = "Its name in slabinfo.",
            completionCandidates = Candidates.CacheNames.class)
    private String name;

    @Override
    Object run(Call call) {
        if (!call.kernel().kmemCacheDestroy(Caches.find(call.machine(), name))) {
            throw new Failure("cache " + name + " still has objects");
        }
        return NOTHING;
    }
}
