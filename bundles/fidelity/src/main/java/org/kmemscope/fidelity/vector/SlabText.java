package org.kmemscope.fidelity.vector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.kmemscope.api.slab.SlabState.CacheState;
import org.kmemscope.api.slab.SlabState.CpuState;
import org.kmemscope.api.slab.SlabState.Slab;

/**
 * The state of a cache in a line, as vectors print it.
 *
 * <pre>
 *   SLUB vec_256 start nr_slabs=2 total_objects=32 nr_partial=0 cpu=2c26:16/16:o0:f1[] cpu_free=2[6,3] cpu_partial=3b07:0/16:o0:f1[4,1,...]:s1 ...
 *                                                               pfn:inuse/objects:oORDER:fFROZEN[free objects]:sSLABS-FROM-HERE
 * </pre>
 *
 * <p>Between operations ("at") the numbers of free objects are left out.
 */
final class SlabText {
    private static final String FORM =
            "SLUB vec_256 start nr_slabs=0 total_objects=0 nr_partial=0 cpu=- cpu_partial= node_partial=";
    private static final Pattern SLAB = Pattern.compile(
            "([0-9a-f]{1,8}):(\\d{1,9})/(\\d{1,9}):o(\\d{1,2}):f([01])\\[([\\d,]*)\\](?::s(\\d{1,9}))?");
    private static final Pattern COUNTED = Pattern.compile("(\\d{1,9})\\[([\\d,]*)\\]");
    private static final int HEX = 16;
    /** Of a cache that is not there. */
    static final CpuState NO_CPU = new CpuState(Optional.empty(), new int[0], List.of());

    private SlabText() {}

    /** Reads a state that tells all. */
    static CacheState read(Line line, int random, int[] sequence) {
        List<Slab> cpu = slabs(line, line.value("cpu"));
        return new CacheState(
                line.word(1),
                random,
                sequence,
                line.decimal("nr_slabs"),
                line.decimal("total_objects"),
                List.of(new CpuState(
                        cpu.stream().findFirst(),
                        cpu.isEmpty() ? new int[0] : counted(line),
                        slabs(line, line.value("cpu_partial")))),
                slabs(line, line.value("node_partial")));
    }

    private static int[] counted(Line line) {
        Matcher counted = COUNTED.matcher(line.value("cpu_free"));
        if (!counted.matches()) {
            throw line.unlike(FORM);
        }
        return numbers(line, counted.group(2));
    }

    /** Numbers with commas between them. */
    static int[] numbers(Line line, String text) {
        return text.isEmpty()
                ? new int[0]
                : Arrays.stream(text.split(","))
                        .mapToInt(number -> line.number(number, 10))
                        .toArray();
    }

    private static List<Slab> slabs(Line line, String text) {
        List<Slab> slabs = new ArrayList<>();
        if (text.isEmpty() || text.equals("-")) {
            return slabs;
        }
        Matcher slab = SLAB.matcher(text);
        int end = 0;
        while (slab.find(end)) {
            if (slab.start() != end) {
                break;
            }
            slabs.add(new Slab(
                    line.number(slab.group(1), HEX),
                    line.number(slab.group(4), 10),
                    line.number(slab.group(3), 10),
                    line.number(slab.group(2), 10),
                    slab.group(5).equals("1"),
                    Optional.ofNullable(slab.group(7)).map(Integer::valueOf).orElse(0),
                    numbers(line, slab.group(6))));
            if (slab.end() == text.length()) {
                return slabs;
            }
            // a comma
            end = slab.end() + 1;
        }
        throw line.unlike(FORM);
    }

    /** Whether a line tells the numbers of the free objects. */
    static boolean tellsAll(Line line) {
        return !line.word(2).equals("at");
    }

    /** Prints a state as a line with that tag does. */
    static String text(CacheState state, String tag, boolean all) {
        CpuState cpu = state.cpus().isEmpty() ? NO_CPU : state.cpus().get(0);
        String free = cpu.slab().isEmpty()
                ? ""
                : " cpu_free=" + cpu.free().length + (all ? "[" + numbers(cpu.free()) + "]" : "");
        return String.format(
                "SLUB %s %s nr_slabs=%d total_objects=%d nr_partial=%d cpu=%s%s cpu_partial=%s node_partial=%s",
                state.name(),
                tag,
                state.slabs(),
                state.objects(),
                state.partial().size(),
                cpu.slab().map(slab -> text(slab, all)).orElse("-"),
                free,
                text(cpu.partial(), all),
                text(state.partial(), all));
    }

    private static String text(List<Slab> slabs, boolean all) {
        return slabs.stream().map(slab -> text(slab, all)).collect(Collectors.joining(","));
    }

    private static String text(Slab slab, boolean all) {
        return String.format(
                "%x:%d/%d:o%d:f%d%s%s",
                slab.pfn(),
                slab.inUse(),
                slab.objects(),
                slab.order(),
                slab.frozen() ? 1 : 0,
                all ? "[" + numbers(slab.free()) + "]" : "",
                slab.ahead() > 0 ? ":s" + slab.ahead() : "");
    }

    /** As they are printed. */
    static String numbers(int[] numbers) {
        return Arrays.stream(numbers).mapToObj(Integer::toString).collect(Collectors.joining(","));
    }
}
