package org.kmemscope.shell.command;

import java.util.Arrays;
import org.kmemscope.api.slab.KmemCache;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kmem_cache_alloc_bulk}. */
@Command(
        name = "kmem_cache_alloc_bulk",
        description = "Takes several objects from a cache, all or none.",
        footerHeading = "%nExample:%n",
        footer = {"  o = (kmem_cache_alloc_bulk packets 16 GFP_KERNEL)", "  each $o { kmem_cache_free packets $it }"})
final class CacheAllocBulk extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "CACHE",
            description = "Its name in slabinfo.",
            completionCandidates = Candidates.CacheNames.class)
    private String name;

    @Parameters(index = "1", paramLabel = "COUNT", description = "How many.")
    private int count;

    @Parameters(
            index = "2",
            paramLabel = "GFP",
            description = "Flags, joined by + (| is a pipe), or a number.",
            completionCandidates = Candidates.GfpFlags.class)
    private String flags;

    @Override
    Object run(Call call) {
        KmemCache cache = Caches.find(call.machine(), name);
        int gfp = call.arguments().gfp(flags);
        if (count < 1) {
            throw new Failure("at least 1 object can be taken, not " + count);
        }
        long[] objects = new long[count];
        if (call.kernel().kmemCacheAllocBulk(cache, gfp, count, objects) == 0) {
            int size = call.machine().locked(() -> call.machine().objects().objectSize(cache));
            throw new Failure(Shortage.ofObject(call.machine(), size, gfp));
        }
        return Arrays.stream(objects).mapToObj(Address::new).toList();
    }
}
