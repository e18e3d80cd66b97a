package org.kmemscope.slab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.kernel.Kernel;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.SlabCacheView;

/**
 * 100 messages held and freed on real kernels. How many objects of the cache lay in the CPU's array and which slabs were partial is
 * not in the captures; it is searched for. From there on every column must come out as it did there, step by step.
 */
class HeldMessagesTest {
    private static final int MESSAGES = 100;
    private static final int MOST_TURNS = 2;
    private static final int MOST_FREED = 12;
    private static final String NOT_TOLD = "-";

    /**
     * What others did.
     *
     * @param held objects they took before
     * @param freed how many of them they gave back
     * @param stride which: with 1 the newest, with more every so-manieth from the newest on
     * @param turns how often the reaper came by then
     * @param between objects they took between two rounds of messages
     */
    private record Others(int held, int freed, int stride, int turns, int between) {}

    private record Capture(String machine, String cache, List<String> states, String name) {
        static Capture parse(String line) {
            List<String> words = Arrays.asList(line.split(" \\| "));
            int last = words.size() - 1;
            return new Capture(words.get(0), words.get(1), words.subList(2, last), words.get(last));
        }

        int objectsBefore() {
            return Integer.parseInt(states.get(0).split("[/ ]")[1]);
        }

        @Override
        public String toString() {
            return name + " " + cache;
        }
    }

    static Stream<Capture> captures() {
        return TestResources.lines("held-messages.txt").stream().map(Capture::parse);
    }

    @ParameterizedTest
    @MethodSource("captures")
    void heldAndFreedMessagesMoveTheSameObjectsAndSlabs(Capture capture) {
        Machine machine = TestMachines.boot(capture.machine());
        SlabCacheView general = TestMachines.cache(machine, capture.cache());
        boolean explained = pasts(capture, general).anyMatch(others -> replay(machine, capture, general, others));
        assertThat(explained).as(capture.states().toString()).isTrue();
        assertThat(machine.verify().problems()).isEmpty();
    }

    /** What others may have done, the least first. */
    private static Stream<Others> pasts(Capture capture, SlabCacheView general) {
        int most = capture.objectsBefore() + MOST_FREED;
        int least = Math.max(0, capture.objectsBefore() - general.limit() - general.objectsPerSlab());
        List<Others> habits = new ArrayList<>();
        for (int freed = 0; freed <= MOST_FREED; freed++) {
            for (int turns = 0; turns <= MOST_TURNS; turns++) {
                habits.add(new Others(0, freed, 1, turns, 0));
                habits.add(new Others(0, freed, 1, turns, 1));
                habits.add(new Others(0, freed, 2, turns, 0));
            }
        }
        return habits.stream().flatMap(habit -> IntStream.rangeClosed(least, most)
                .mapToObj(held -> new Others(
                        held, Math.min(habit.freed(), held), habit.stride(), habit.turns(), habit.between())));
    }

    private static boolean replay(Machine machine, Capture capture, SlabCacheView general, Others others) {
        Kernel kernel = TestMachines.kernel(machine);
        KmemCache cache = kernel.kmemCacheCreate(new CacheSpec(
                "twin", general.objectSize(), 0, SlabFlag.SLAB_HWCACHE_ALIGN.bit(), ObjectConstructor.NONE));
        List<Long> theirs = new ArrayList<>();
        for (int i = 0; i < others.held(); i++) {
            theirs.add(kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL));
        }
        int at = theirs.size() - 1;
        for (int i = 0; i < others.freed() && at >= 0; i++) {
            kernel.kmemCacheFree(cache, theirs.remove(at));
            at -= others.stride();
        }
        machine.tick((long) others.turns() * 2 * machine.clock().hz());
        boolean same = statesFollow(machine, cache, capture.states(), others.between(), theirs);
        theirs.forEach(object -> kernel.kmemCacheFree(cache, object));
        assertThat(kernel.kmemCacheDestroy(cache)).isTrue();
        return same;
    }

    private static boolean statesFollow(
            Machine machine, KmemCache cache, List<String> expected, int between, List<Long> theirs) {
        Kernel kernel = TestMachines.kernel(machine);
        boolean same = isIn(machine, cache, expected.get(0));
        for (int step = 1; same && step < expected.size(); step += 2) {
            for (int i = 0; step > 1 && i < between; i++) {
                theirs.add(kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL));
            }
            Deque<Long> messages = new ArrayDeque<>();
            for (int i = 0; i < MESSAGES; i++) {
                messages.add(kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL));
            }
            same = isIn(machine, cache, expected.get(step));
            // a queue is destroyed from its oldest message on
            messages.forEach(message -> kernel.kmemCacheFree(cache, message));
            same &= isIn(machine, cache, expected.get(step + 1));
        }
        return same;
    }

    private static boolean isIn(Machine machine, KmemCache cache, String state) {
        if (state.equals(NOT_TOLD)) {
            return true;
        }
        SlabCacheView view = TestMachines.cache(machine, cache.name());
        return state.equals(
                view.activeObjects() + "/" + view.objects() + " " + view.activeSlabs() + "/" + view.slabs());
    }
}
