package org.kmemscope.shell.command;

import org.kmemscope.api.slab.KmemCache;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kmem_cache_alloc}. */
@Command(
        name = "kmem_cache_alloc",
        description = "Takes an object from a cache.",
        footerHeading = "%nExample:%n",
        footer = "  o = (kmem_cache_alloc packets GFP_ATOMIC)")
final class CacheAlloc extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "CACHE",
            description = "Its name in slabinfo.",
            completionCandidates = Candidates.CacheNames.class)
    private String name;

    @Parameters(
            index = "1",
            paramLabel = "GFP",
            description = "Flags, joined by + (| is a pipe), or a number.",
            completionCandidates = Candidates.GfpFlags.class)
    private String flags;

    @Override
    Object run(Call call) {
        KmemCache cache = Caches.find(call.machine(), name);
        int gfp = call.arguments().gfp(flags);
        long object = call.kernel().kmemCacheAlloc(cache, gfp);
        if (object == 0) {
            int size = call.machine().locked(() -> call.machine().objects().objectSize(cache));
            throw new Failure(Shortage.ofObject(call.machine(), size, gfp));
        }
        return new Address(object);
    }
}
