package org.kmemscope.fidelity.vector;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.capture.Capture;
import org.kmemscope.api.page.PageState;
import org.kmemscope.fidelity.vector.PageVector.Checkpoint;
import org.kmemscope.fidelity.vector.PageVector.Counters;
import org.kmemscope.fidelity.vector.PageVector.Dump;

/**
 * Reads a vector of the page allocator.
 *
 * <pre>
 *   ZONELIST 2,1,0                                  zones in the order they are tried
 *   FREEALL at=2000                                 before this operation the state "mid" was printed; "full" before the first free
 *                                                   counted without those frees that are not listed
 *   SHUF n=119038 at=119038 check=e4c704c5          from there all is freed in an order that is not listed
 *   OPS n=2066
 *   A 0 0 2800 1f28 1                               index, order, mask, pfn, zone; or "FAIL -"
 *   F 17 0 1f28 1                                   index, order, pfn, zone
 *   AR 0 n=4096 order=0 gfp=2802 zone=2 pfns=...    as many requests like it
 *   FR 17 n=3 order=0 zone=1 pfns=...
 *   Z 100 1:211796,0,125,0,0,0                      counters before operation 100
 *   OPS-END
 * </pre>
 *
 * <p>The order behind {@code SHUF} comes from the generator whose state is in the line {@code PRNG}: all pages in the order in which they
 * were allocated, shuffled from the last to the second.
 */
final class PageVectorReader {
    private static final String FORM = "A 0 0 2800 1f28 1";
    private static final String FAIL = "FAIL";
    private static final String MID = "mid";
    private static final String FULL = "full";
    private static final List<String> TAGS = List.of(PageVector.START, MID, FULL, PageVector.END);
    private static final int CHECK_FACTOR = 31;
    private static final int NEVER = -1;

    private final VectorText text;
    private final PageOperations operations = new PageOperations();
    private final List<Checkpoint> checkpoints = new ArrayList<>();
    private Optional<Line> zonelist = Optional.empty();
    private Line constants;
    private int randomState;
    private int announced = NEVER;
    private boolean ended;
    private int freeAllAt = NEVER;
    private Line shuffled;
    private int shuffledAt = NEVER;
    /** Frees that are not listed. */
    private int unlisted;

    private PageVectorReader(VectorText text) {
        this.text = text;
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException with file, line and reason, if it is malformed
     */
    static PageVector read(Capture capture, String file) {
        return new PageVectorReader(VectorText.of(capture, file)).read(capture);
    }

    private PageVector read(Capture capture) {
        text.read(this::line);
        if (constants == null || !ended) {
            throw text.cut("there are no lines 'CONST' and 'OPS'");
        }
        shuffleIfDue(true);
        int listed = operations.size() - unlisted;
        if (listed != announced) {
            throw text.cut(listed + " operations where OPS tells " + announced);
        }
        Map<String, PageState> states = new LinkedHashMap<>();
        for (String tag : TAGS) {
            capture.state(text.file(), tag).ifPresent(state -> states.put(tag, state));
        }
        if (!states.containsKey(PageVector.START)) {
            throw text.cut("there is no 'STATE start'");
        }
        return new PageVector(text, constants, zonelist, operations, checkpoints(states), states);
    }

    private List<Checkpoint> checkpoints(Map<String, PageState> states) {
        List<Checkpoint> all = new ArrayList<>(checkpoints);
        if (states.containsKey(FULL)) {
            add(all, new Dump(firstFree(), FULL));
        }
        if (states.containsKey(MID)) {
            if (freeAllAt == NEVER || freeAllAt > announced) {
                throw text.cut("'STATE mid' has no 'FREEALL at=' that tells before which operation it was");
            }
            add(all, new Dump(unlisted > 0 && freeAllAt >= shuffledAt ? freeAllAt + unlisted : freeAllAt, MID));
        }
        if (states.containsKey(PageVector.END)) {
            all.add(new Dump(operations.size(), PageVector.END));
        }
        return all;
    }

    private static void add(List<Checkpoint> all, Dump dump) {
        int index = 0;
        while (index < all.size() && all.get(index).before() < dump.before()) {
            index++;
        }
        all.add(index, dump);
    }

    private int firstFree() {
        int first = 0;
        while (first < operations.size() && !operations.isFree(first)) {
            first++;
        }
        return first;
    }

    private void line(Line line) {
        switch (line.word(0)) {
            case "VECTOR", "STATE", "NOTE" -> {
                // names it; is read by the capture; speaks to people
            }
            case "CONST" -> constants = line;
            case "ZONELIST" -> zonelist = Optional.of(line);
            case "PRNG" -> randomState = line.word32("state0");
            case "FREEALL" -> freeAllAt = line.decimal("at");
            case "SHUF" -> {
                shuffled = line;
                shuffledAt = line.decimal("at");
            }
            case "OPS" -> announced = line.decimal("n");
            case "OPS-END" -> ended = true;
            case "A" -> request(line);
            case "AR" -> requests(line);
            case "F" -> {
                expectIndex(line);
                operations.addFree(line.decimal(2), line.hex(3), line.decimal(4), line.number());
            }
            case "FR" -> {
                expectIndex(line);
                int order = line.decimal("order");
                int zone = line.decimal("zone");
                pfns(line, pfn -> operations.addFree(order, pfn, zone, line.number()));
            }
            case "Z" -> {
                // what is printed twice before the same operation has the frees that are not listed between
                boolean again = !checkpoints.isEmpty()
                        && checkpoints.get(checkpoints.size() - 1).before() == operations.size();
                shuffleIfDue(again);
                checkpoints.add(new Counters(operations.size(), line));
            }
            default -> throw line.unlike(FORM);
        }
    }

    private void expectIndex(Line line) {
        int listed = operations.size() - unlisted;
        if (line.decimal(1) != listed) {
            throw line.wrong("operation " + line.decimal(1) + " where " + listed + " is next", "copy the whole vector");
        }
    }

    private void request(Line line) {
        expectIndex(line);
        boolean failed = line.word(4).equals(FAIL);
        operations.addRequest(
                line.hex(3),
                line.decimal(2),
                failed ? PageOperations.NONE : line.hex(4),
                failed ? PageOperations.NONE : line.decimal(5),
                line.number());
    }

    private void requests(Line line) {
        expectIndex(line);
        int order = line.decimal("order");
        int gfp = line.hex("gfp");
        if (line.word(line.wordCount() - 1).equals(FAIL)) {
            for (int left = line.decimal("n"); left > 0; left--) {
                operations.addRequest(gfp, order, PageOperations.NONE, PageOperations.NONE, line.number());
            }
            return;
        }
        int zone = line.decimal("zone");
        pfns(line, pfn -> operations.addRequest(gfp, order, pfn, zone, line.number()));
    }

    private void pfns(Line line, java.util.function.IntConsumer each) {
        int before = operations.size();
        line.pfns(line.value("pfns"), each);
        if (operations.size() - before != line.decimal("n")) {
            throw line.wrong(
                    (operations.size() - before) + " pfns where n= tells " + line.decimal("n"), "copy the whole line");
        }
    }

    private void shuffleIfDue(boolean due) {
        if (due && unlisted == 0 && shuffledAt == operations.size()) {
            shuffle();
        }
    }

    private void shuffle() {
        List<Integer> live = new ArrayList<>();
        for (int i = 0; i < operations.size(); i++) {
            if (operations.isFree(i)) {
                throw shuffled.wrong("something was freed before", "only requests may stand before it");
            }
            if (operations.pfn(i) != PageOperations.NONE) {
                live.add(i);
            }
        }
        XorShift random = new XorShift(randomState);
        for (int i = live.size(); i >= 2; i--) {
            Collections.swap(live, i - 1, random.below(i));
        }
        int check = 0;
        for (int request : live) {
            check = check * CHECK_FACTOR + operations.pfn(request);
            operations.addFree(
                    operations.order(request), operations.pfn(request), operations.zone(request), shuffled.number());
        }
        unlisted = live.size();
        if (live.size() != shuffled.decimal("n") || check != shuffled.word32("check")) {
            throw shuffled.wrong(
                    String.format("%d pages with the check %x come out", live.size(), check), "copy the whole vector");
        }
    }
}
