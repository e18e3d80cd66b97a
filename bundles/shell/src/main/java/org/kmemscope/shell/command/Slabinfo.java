package org.kmemscope.shell.command;

import java.util.List;
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
                "Caches of the object allocator, as /proc/slabinfo; or the objects of one cache, with who has each.",
        footerHeading = "%nExample:%n",
        footer = {"  slabinfo | grep kmalloc", "  slabinfo size-64", "  slabinfo size-64 --live"})
final class Slabinfo extends ViewCommand<Slabinfo.Content> {
    @Parameters(
            arity = "0..1",
            paramLabel = "CACHE",
            description = "Show its objects.",
            completionCandidates = Candidates.CacheNames.class)
    private String cache;

    @Option(names = "--live", description = "Only objects that somebody has.")
    private boolean live;

    /** All caches, or the objects of one. */
    sealed interface Content {}

    /** All caches. */
    record Overview(List<SlabCacheView> caches) implements Content {}

    /** One cache. */
    record OneCache(SlabCacheView cache, List<SlabObjectView> objects) implements Content {}

    @Override
    Content view(Call call) {
        Views views = call.views();
        List<SlabCacheView> caches = views.slabCaches();
        if (cache == null) {
            return new Overview(caches);
        }
        SlabCacheView one = caches.stream()
                .filter(view -> view.name().equals(cache))
                .findFirst()
                .orElseThrow(() -> new Failure("no cache is called " + cache
                        + Nearest.hint(
                                cache, caches.stream().map(SlabCacheView::name).toList())));
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
        return view instanceof Overview overview ? overview.caches() : view;
    }

    @Override
    String text(Call call, Content view) {
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
