package org.kmemscope.shell.command;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kmem_cache_create}. */
@Command(
        name = "kmem_cache_create",
        description = "Makes a cache for objects of one size.",
        footerHeading = "%nExample:%n",
        footer = {
            "  kmem_cache_create packets 200 --flags SLAB_HWCACHE_ALIGN+SLAB_POISON",
            "  kmem_cache_alloc packets GFP_KERNEL"
        })
final class CacheCreate extends KmemCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "Its name in slabinfo.")
    private String name;

    @Parameters(index = "1", paramLabel = "SIZE", description = "Bytes of an object.")
    private String size;

    @Option(names = "--align", paramLabel = "BYTES", description = "Alignment of the objects.")
    private String align = "0";

    @Option(
            names = "--flags",
            paramLabel = "FLAGS",
            description = "SLAB_HWCACHE_ALIGN and its like, joined by +.",
            completionCandidates = Candidates.SlabFlags.class)
    private String flags = "";

    @Override
    Object run(Call call) {
        if (!name.matches("\\S+")) {
            throw new Failure("'" + name + "' is no name for a cache: no blanks, at least one letter");
        }
        CacheSpec spec = new CacheSpec(
                name,
                Math.toIntExact(Arguments.size(size)),
                Math.toIntExact(Arguments.size(align)),
                bits(flags),
                ObjectConstructor.NONE);
        KmemCache cache = call.kernel().kmemCacheCreate(spec);
        if (cache.equals(KmemCache.NONE)) {
            throw new Failure("NULL: no cache '" + name + "' of " + spec.size() + " bytes can be made");
        }
        return cache.name();
    }

    private static int bits(String text) {
        List<String> known =
                Arrays.stream(SlabFlag.values()).map(SlabFlag::name).toList();
        int bits = 0;
        for (String word : text.split("[+|]")) {
            if (!word.isBlank()) {
                String flag = word.trim().toUpperCase(Locale.ROOT);
                if (!known.contains(flag)) {
                    throw new Failure("no flag of caches is called " + word + Nearest.hint(word, known));
                }
                bits |= SlabFlag.valueOf(flag).bit();
            }
        }
        return bits;
    }
}
