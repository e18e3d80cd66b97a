package org.kmemscope.fidelity.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LineTest {
    private static Line line(String text) {
        return new Line(VectorText.of("board", "vec-x.txt", List.of(text)), 0, text);
    }

    private static int[] pfns(String list) {
        List<Integer> pfns = new ArrayList<>();
        line("x").pfns(list, pfns::add);
        return pfns.stream().mapToInt(Integer::intValue).toArray();
    }

    @Test
    void runsGoUpAndDown() {
        assertThat(pfns("1f28,1f30+8*3,1f80-1*2")).containsExactly(0x1f28, 0x1f30, 0x1f38, 0x1f40, 0x1f80, 0x1f7f);
        assertThat(pfns("")).isEmpty();
    }

    @Test
    void aNameIsNotTakenForTheEndOfAnother() {
        Line line = line("ZONE nr_free_diff=-3 nr_free=7");
        assertThat(line.decimal("nr_free")).isEqualTo(7);
        assertThat(line.value("nr_free_diff")).isEqualTo("-3");
        assertThat(line.has("free")).isFalse();
    }

    @Test
    void whatIsMissingIsTold() {
        assertThatThrownBy(() -> line("A 1").word(2))
                .hasMessage("board/vec-x.txt:1: the line has only 2 words; there should be more");
        assertThatThrownBy(() -> line("A 1").decimal("size"))
                .hasMessage("board/vec-x.txt:1: 'A 1' has no 'size='; copy the whole line");
        assertThatThrownBy(() -> pfns("1+1*0"))
                .hasMessage("board/vec-x.txt:1: '1+1*0' has 0 pfns; a run has at least one");
    }

    /** What is printed for people can be read again, as far as it is not cut. */
    @Property(tries = 200)
    void printedListsCanBeRead(@ForAll @Size(max = 6) int[] starts, @ForAll @IntRange(min = 3, max = 9) int length) {
        int[] pfns = Arrays.stream(starts)
                .map(start -> start & 0xfffff)
                .flatMap(start -> IntStream.range(start, start + length))
                .toArray();
        String text = Pfns.text(pfns);
        assertThat(text).startsWith("n=" + pfns.length + " ");
        if (!text.endsWith("...")) {
            assertThat(pfns(text.substring(text.indexOf(' ') + 1))).isEqualTo(pfns);
        }
    }
}
