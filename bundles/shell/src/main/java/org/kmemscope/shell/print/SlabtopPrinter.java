package org.kmemscope.shell.print;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.kmemscope.api.view.SlabCacheView;

/** {@code slabtop} of procps: sums, then caches, the largest first by what one likes. */
public final class SlabtopPrinter {
    private static final double KB = 1024;
    private static final int PAGE_KB = 4;
    private static final int PERCENT = 100;
    private static final String HEADER = String.format(
            "%6s %6s %4s %8s %6s %8s %10s %s\n",
            "OBJS", "ACTIVE", "USE", "OBJ SIZE", "SLABS", "OBJ/SLAB", "CACHE SIZE", "NAME");

    /** What caches are sorted by, by the letter that slabtop has for it. */
    private static final Map<String, ToLongFunction<SlabCacheView>> KEYS = Map.of(
            "a", SlabCacheView::activeObjects,
            "b", SlabCacheView::objectsPerSlab,
            "c", SlabtopPrinter::pages,
            "l", SlabCacheView::slabs,
            "o", SlabCacheView::objects,
            "p", SlabCacheView::pagesPerSlab,
            "s", SlabCacheView::objectSize,
            "u", SlabtopPrinter::use,
            "v", SlabCacheView::activeSlabs);

    private static final String BY_NAME = "n";

    private SlabtopPrinter() {}

    /** Letters that can be sorted by. */
    public static List<String> keys() {
        return Stream.concat(KEYS.keySet().stream(), Stream.of(BY_NAME))
                .sorted()
                .toList();
    }

    /** Caches, sorted by one of the keys. */
    public static List<SlabCacheView> sorted(List<SlabCacheView> caches, String key) {
        Comparator<SlabCacheView> byName = Comparator.comparing(SlabCacheView::name);
        Comparator<SlabCacheView> order = key.equals(BY_NAME)
                ? byName
                : Comparator.comparingLong(KEYS.get(key)).reversed().thenComparing(byName);
        return caches.stream().sorted(order).toList();
    }

    private static long pages(SlabCacheView cache) {
        return cache.slabs() * cache.pagesPerSlab();
    }

    private static long use(SlabCacheView cache) {
        return cache.objects() == 0 ? 0 : PERCENT * cache.activeObjects() / cache.objects();
    }

    /**
     * The text.
     *
     * @param caches in the order in which they are printed
     * @param most caches that are printed at most
     */
    public static String text(List<SlabCacheView> caches, int most) {
        StringBuilder out = new StringBuilder();
        sum(out, "Objects", caches, SlabCacheView::activeObjects, SlabCacheView::objects);
        sum(out, "Slabs", caches, SlabCacheView::activeSlabs, SlabCacheView::slabs);
        sum(out, "Caches", caches, cache -> cache.objects() > 0 ? 1 : 0, cache -> 1);
        size(out, caches);
        out.append('\n').append(HEADER);
        caches.stream().limit(most).forEach(cache -> row(out, cache));
        return out.toString();
    }

    private static void sum(
            StringBuilder out,
            String what,
            List<SlabCacheView> caches,
            ToLongFunction<SlabCacheView> active,
            ToLongFunction<SlabCacheView> total) {
        long used = caches.stream().mapToLong(active).sum();
        long all = caches.stream().mapToLong(total).sum();
        line(out, "Active / Total " + what + " (% used)", used + " / " + all + percent(used, all));
    }

    private static void size(StringBuilder out, List<SlabCacheView> caches) {
        long active = caches.stream()
                .mapToLong(cache -> cache.activeObjects() * cache.objectSize())
                .sum();
        long total = caches.stream()
                .mapToLong(cache -> cache.objects() * cache.objectSize())
                .sum();
        long objects = caches.stream().mapToLong(SlabCacheView::objects).sum();
        int least = caches.stream().mapToInt(SlabCacheView::objectSize).min().orElse(0);
        int most = caches.stream().mapToInt(SlabCacheView::objectSize).max().orElse(0);
        line(out, "Active / Total Size (% used)", kb(active) + " / " + kb(total) + percent(active, total));
        line(
                out,
                "Minimum / Average / Maximum Object",
                kb(least) + " / " + kb(objects == 0 ? 0 : (double) total / objects) + " / " + kb(most));
    }

    private static void line(StringBuilder out, String what, String value) {
        out.append(String.format(" %-34s : %s\n", what, value));
    }

    private static String percent(long part, long whole) {
        return String.format(Locale.ROOT, " (%.1f%%)", whole == 0 ? 0 : (double) PERCENT * part / whole);
    }

    private static String kb(double bytes) {
        return String.format(Locale.ROOT, "%.2fK", bytes / KB);
    }

    private static void row(StringBuilder out, SlabCacheView cache) {
        out.append(String.format(
                Locale.ROOT,
                "%6d %6d %3d%% %7.2fK %6d %8d %9dK %s\n",
                cache.objects(),
                cache.activeObjects(),
                use(cache),
                cache.objectSize() / KB,
                cache.slabs(),
                cache.objectsPerSlab(),
                pages(cache) * PAGE_KB,
                cache.name()));
    }
}
