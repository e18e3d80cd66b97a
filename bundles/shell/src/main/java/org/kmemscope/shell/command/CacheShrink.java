package org.kmemscope.shell.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kmem_cache_shrink}. */
@Command(
        name = "kmem_cache_shrink",
        description = "Gives the empty slabs of a cache back to the page allocator.",
        footerHeading = "%nExample:%n",
        footer = "  kmem_cache_shrink packets")
final class CacheShrink extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "CACHE",
            description = "Its name in slabinfo.",
            completionCandidates = Candidates.CacheNames.class)
    private String name;

    @Override
    Object run(Call call) {
        int pages = call.kernel().kmemCacheShrink(Caches.find(call.machine(), name));
        call.line("%d %s freed", pages, pages == 1 ? "page" : "pages");
        return NOTHING;
    }
}
