package org.kmemscope.fidelity.vector;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.slab.SlabState;
import org.kmemscope.api.slab.SlabState.CacheState;

/**
 * A vector of SLUB or kmalloc, read.
 *
 * <pre>
 *   CACHE vec_256 flags=0 object_size=256 size=256 ... random=12c2ebee     parameters of a cache
 *   RSEQ vec_256 12,11,7,8,...                                             its shuffled order of objects
 *   CAP 480 nops=5600 gfp=2800                                             mask of the requests
 *   SLUB vec_256 start ...                                                 state of a cache
 *   a 0 c3ae6300          a 0 size=2130 c2100000 kmalloc-4k
 *   N 0 cache=vec_256 pfn=3ae6 order=0 objs=16 freelist=3,15,1,...         the operation made a slab: its objects in the order they come
 *   f 1 c3ae6300
 *   D 98 cache=vec_256 pfn=3ae6                                            the operation gave a slab back
 * </pre>
 *
 * <p>Where in the shuffled order a new slab begins was drawn at random: the first number of each {@code freelist} is taken over, all others
 * are compared.
 */
final class SlabVector {
    private static final String FORM = "a 0 c3ae6300";
    private static final String START = "start";
    /** Parameters that are compared, by their name in a vector and among the attributes of a cache here. */
    static final Map<String, String> PARAMETERS = parameters();

    private final Optional<PageState> end;
    private final Map<String, Line> caches = new LinkedHashMap<>();
    private final Map<String, int[]> sequences = new LinkedHashMap<>();
    private final List<CacheState> start = new ArrayList<>();
    private final Map<String, List<Integer>> draws = new LinkedHashMap<>();
    private final List<Step> steps = new ArrayList<>();
    private int gfp;

    private SlabVector(Optional<PageState> end) {
        this.end = end;
    }

    /** Reads one. */
    static SlabVector read(VectorText text, Optional<PageState> end) {
        SlabVector vector = new SlabVector(end);
        text.read(vector::line);
        if (vector.caches.isEmpty() || vector.start.isEmpty()) {
            throw text.cut("there are no lines 'CACHE' and 'SLUB ... start'");
        }
        return vector;
    }

    private static Map<String, String> parameters() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("object_size", "object_size");
        names.put("size", "slab_size");
        names.put("align", "align");
        names.put("inuse", "inuse");
        names.put("offset", "offset");
        names.put("oo_order", "order");
        names.put("oo_objs", "objs_per_slab");
        names.put("min_order", "min_order");
        names.put("min_objs", "min_objects");
        names.put("min_partial", "min_partial");
        names.put("cpu_partial", "cpu_partial");
        names.put("cpu_partial_slabs", "cpu_partial_slabs");
        names.put("red_left", "red_left_pad");
        return names;
    }

    private void line(Line line) {
        switch (line.word(0)) {
            case "VECTOR", "PRNG", "NOTE" -> {
                // names it; made it; speaks to people
            }
            case "CACHE" -> {
                caches.put(line.word(1), line);
                steps.add(Step.check(
                        line, PARAMETERS.keySet().stream().filter(line::has).count()));
            }
            case "RSEQ" -> sequences.put(line.word(1), SlabText.numbers(line, line.word(2)));
            case "CAP" -> gfp = line.hex("gfp");
            case "STATE" -> {
                if (line.word(1).equals(PageVector.END) && end.isPresent()) {
                    steps.add(Step.check(line, PageStateFacts.count(end.get())));
                }
            }
            case "SLUB" -> state(line);
            case "a", "f" -> steps.add(Step.operation(line));
            case "N" -> {
                int[] objects = SlabText.numbers(line, line.value("freelist"));
                if (objects.length == 0) {
                    throw line.wrong("the slab has no objects", "copy the whole line");
                }
                draws.computeIfAbsent(line.value("cache"), some -> new ArrayList<>())
                        .add(objects[0]);
                steps.add(Step.check(line, 1));
            }
            case "D" -> steps.add(Step.check(line, 1));
            default -> throw line.unlike(FORM);
        }
    }

    private void state(Line line) {
        Line cache = caches.get(line.word(1));
        if (cache == null) {
            throw line.wrong("there is no 'CACHE " + line.word(1) + "' before it", "copy the whole vector");
        }
        if (line.word(2).equals(START)) {
            int random = cache.has("random") ? cache.word32("random") : 0;
            start.add(SlabText.read(line, random, sequences.getOrDefault(line.word(1), new int[0])));
        } else {
            steps.add(Step.check(line, 1));
        }
    }

    /** The state of the caches at the start. */
    SlabState start() {
        return new SlabState(start);
    }

    /** The lines {@code CACHE} by name. */
    Map<String, Line> caches() {
        return caches;
    }

    /** By cache: the first object of each slab that it makes. */
    Map<String, List<Integer>> draws() {
        return draws;
    }

    /** What is played. */
    List<Step> steps() {
        return steps;
    }

    /** Mask of the requests. */
    int gfp() {
        return gfp;
    }

    /** The end state of the page allocator. */
    Optional<PageState> end() {
        return end;
    }
}
