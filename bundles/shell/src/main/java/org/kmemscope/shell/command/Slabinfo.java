package org.kmemscope.shell.command;

import java.util.List;
import java.util.Map;
import org.kmemscope.api.view.ObjectView.State;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.api.view.SlabObjectView;
import org.kmemscope.api.view.Views;
import org.kmemscope.shell.print.SlabinfoPrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code slabinfo}. */
@Command(
        name = "slabinfo",
        description =
                "Caches of the object allocator, as /proc/slabinfo; or the objects of one cache, with who has each, or its attributes.",
        footerHeading = "%nExample:%n",
        footer = {
            "  slabinfo | grep kmalloc",
            "  slabinfo size-64",
            "  slabinfo size-64 --live",
            "  slabinfo size-64 --attributes"
        })
final class Slabinfo extends ViewCommand<Slabinfo.Content> {
    @Parameters(
            arity = "0..1",
            paramLabel = "CACHE",
            description = "Show its objects.",
            completionCandidates = Candidates.CacheNames.class)
    private String cache;

    @Option(names = "--live", description = "Only objects that somebody has.")
    private boolean live;

    @Option(
            names = {"-a", "--attributes"},
            description =
                    "What the allocator knows of the cache, one attribute a line, as the files of /sys/kernel/slab/CACHE.")
    private boolean attributes;

    /** All caches, or the objects or the attributes of one. */
    sealed interface Content {}

    /** All caches. */
    record Overview(List<SlabCacheView> caches) implements Content {}

    /** Attributes of one cache. */
    record Attributes(Map<String, String> attributes) implements Content {}

    /** One cache. */
    record OneCache(SlabCacheView cache, List<SlabObjectView> objects) implements Content {}

    @Override
    Content view(Call call) {
        Views views = call.views();
        List<SlabCacheView> caches = views.slabCaches();
        if (cache == null) {
            if (attributes) {
                throw new Failure("whose attributes? Name a cache");
            }
            return new Overview(caches);
        }
        SlabCacheView one = caches.stream()
                .filter(view -> view.name().equals(cache))
                .findFirst()
                .orElseThrow(() -> new Failure("no cache is called " + cache
                        + Nearest.hint(
                                cache, caches.stream().map(SlabCacheView::name).toList())));
        if (attributes) {
            return new Attributes(one.attributes());
        }
        return new OneCache(
                one,
                views.slabObjects(cache).stream()
                        .filter(view -> !live || isLive(view))
                        .toList());
    }

    private static boolean isLive(SlabObjectView view) {
        return view.object().state() == State.ALLOCATED || view.object().state() == State.LARGE;
    }

    @Override
    Object json(Content view) {
        if (view instanceof Attributes of) {
            return of.attributes();
        }
        return view instanceof Overview overview ? overview.caches() : view;
    }

    @Override
    String text(Call call, Content view) {
        if (view instanceof Attributes of) {
            Table table = new Table("ATTRIBUTE", "VALUE");
            of.attributes().forEach(table::row);
            return table.toString();
        }
        return view instanceof OneCache one
                ? SlabinfoPrinter.text(List.of(one.cache())) + objects(one)
                : SlabinfoPrinter.text(((Overview) view).caches());
    }

    private static String objects(OneCache view) {
        Table table = new Table("SLAB", "OBJECT", "ADDRESS", "STATE", "ASKED FOR", "OWNER");
        for (SlabObjectView each : view.objects()) {
            table.row(
                    String.format("0x%08x", each.object().slab()),
                    each.object().index(),
                    String.format("0x%08x", each.object().address()),
                    words(each.object().state()),
                    each.requested() == 0 ? "" : each.requested(),
                    each.owner());
        }
        return table.toString();
    }

    private static String words(State state) {
        return switch (state) {
            case ALLOCATED -> "allocated";
            case LARGE -> "allocated, large";
            case CPU_CACHED -> "free, cached";
            case FREE -> "free";
        };
    }
}
