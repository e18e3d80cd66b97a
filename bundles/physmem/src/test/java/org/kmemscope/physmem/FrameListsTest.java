package org.kmemscope.physmem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.phys.FrameLists;
import org.kmemscope.api.state.CopiedState;

/** Lists linked through frames do what lists of the host do. */
class FrameListsTest {
    private static final int FIRST = 0x40000;
    private static final int FRAMES = 24;
    private static final int LISTS = 3;

    private final FrameColumns frames = new FrameColumns(FIRST, FIRST + FRAMES, 1);
    private final FrameLists lists = new FrameLists(frames, LISTS);
    private final List<List<Integer>> model = new ArrayList<>();

    FrameListsTest() {
        for (int list = 0; list < LISTS; list++) {
            model.add(new ArrayList<>());
        }
    }

    @Property(tries = 50)
    void theyHoldWhatListsOfTheHostHold(@ForAll long seed) {
        Random random = new Random(seed);
        model.forEach(List::clear);
        lists.clear();
        for (int step = 0; step < 200; step++) {
            step(FIRST + random.nextInt(FRAMES), random.nextInt(LISTS), random.nextBoolean());
            for (int list = 0; list < LISTS; list++) {
                check(list);
            }
        }
    }

    /** Takes a frame off its list, or puts it on one. */
    private void step(int pfn, int list, boolean first) {
        for (int on = 0; on < LISTS; on++) {
            if (model.get(on).remove((Integer) pfn)) {
                lists.remove(on, pfn);
                return;
            }
        }
        if (first) {
            model.get(list).add(0, pfn);
            lists.addFirst(list, pfn);
        } else {
            model.get(list).add(pfn);
            lists.addLast(list, pfn);
        }
    }

    private void check(int list) {
        List<Integer> expected = model.get(list);
        assertThat(lists.pfns(list)).containsExactly(expected.toArray(Integer[]::new));
        assertThat(lists.length(list)).isEqualTo(expected.size());
        assertThat(lists.isEmpty(list)).isEqualTo(expected.isEmpty());
        List<Integer> backwards = new ArrayList<>();
        for (int pfn = lists.last(list); pfn != FrameLists.NONE; pfn = lists.prev(pfn)) {
            backwards.add(0, pfn);
        }
        assertThat(backwards).isEqualTo(expected);
    }

    @Test
    void aCopyGoesItsOwnWay() {
        lists.addLast(1, FIRST);
        CopiedState state = new CopiedState();
        lists.save(state);
        lists.remove(1, FIRST);
        FrameLists copy = new FrameLists(frames, LISTS);

        copy.restore(state.reader());

        assertThat(copy.pfns(1)).containsExactly(FIRST);
        assertThat(lists.isEmpty(1)).isTrue();
    }
}
