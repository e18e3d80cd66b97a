package org.kmemscope.gfp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.page.MigrateType;

/** What real kernels print of masks, word for word. */
class PrintedMasksTest {
    private static final Pattern WORD = Pattern.compile("\\{([^{}\"]*), \"(\\w+)\"\\}");
    private static final Pattern ZERO = Pattern.compile("\\) : \"(\\w+)\"$");

    /**
     * The format of an event has the kernel's whole list, in order, with numbers. Each prefix of the list, taken as a mask, must come
     * out as the kernel's own way of printing makes it.
     */
    @ParameterizedTest
    @CsvSource({"2.6.32, GFP_NOWAIT", "3.2, GFP_NOWAIT", "3.4, GFP_NOWAIT", "6.1, none"})
    void wordsAndTheirOrderAreThoseOfTheEventFormat(String release, String zero) {
        String format = Kernels.capture("format-" + release + ".txt").get(0);
        GfpTable table = Kernels.i386(release);
        List<String> words = new ArrayList<>();
        List<Integer> masks = new ArrayList<>();
        Matcher match = WORD.matcher(format);
        while (match.find()) {
            words.add(match.group(2));
            masks.add(new CExpression(match.group(1)).value());
        }
        assertThat(words).hasSizeGreaterThan(20);
        for (int i = 0; i < words.size(); i++) {
            assertThat(table.parse(words.get(i))).as(words.get(i)).isEqualTo(masks.get(i));
            for (int j = 0; j < words.size(); j++) {
                int mask = masks.get(i) | masks.get(j) | 0x4000_0000;
                assertThat(table.format(mask)).isEqualTo(print(mask, words, masks));
            }
        }
        Matcher nothing = ZERO.matcher(format);
        assertThat(nothing.find()).isTrue();
        assertThat(table.format(0)).isEqualTo(nothing.group(1)).isEqualTo(zero);
        assertThat(table.parse(zero))
                .isEqualTo(table.parse("0x0") | (zero.equals("none") ? 0 : table.parse("GFP_NOWAIT")));
    }

    /** {@code __print_flags()}, over the captured list. */
    private static String print(int mask, List<String> words, List<Integer> masks) {
        List<String> parts = new ArrayList<>();
        int left = mask;
        for (int i = 0; i < words.size() && left != 0; i++) {
            if ((left & masks.get(i)) == masks.get(i)) {
                parts.add(words.get(i));
                left -= left & masks.get(i);
            }
        }
        if (left != 0) {
            parts.add("0x" + Integer.toHexString(left));
        }
        return String.join("|", parts);
    }

    @Test
    void masksOfEventsAreReadAndPrintedUnchanged() {
        int lines = 0;
        for (String line : Kernels.capture("masks.txt")) {
            String[] fields = line.split(" ");
            if (fields[0].equals("event")) {
                lines++;
                GfpTable table = Kernels.i386(fields[1]);
                assertThat(table.format(table.parse(fields[2]))).as(line).isEqualTo(fields[2]);
            }
        }
        assertThat(lines).isEqualTo(44);
    }

    @Test
    void masksOfReportsHaveTheNamesTheKernelGaveThem() {
        int named = 0;
        for (String line : Kernels.capture("masks.txt")) {
            String[] fields = line.split(" ");
            if (fields[0].equals("report")) {
                GfpTable table = Kernels.i386(fields[1]);
                int mask = table.parse(fields[2]);
                assertThat(mask & ~table.bitsMask()).as(line).isZero();
                assertThat(table.parts(mask))
                        .as(line)
                        .extracting(GfpTable.Part::flag)
                        .doesNotContain("unknown");
                if (fields.length > 3) {
                    named++;
                    assertThat(table.format(mask)).as(line).isEqualTo(fields[3]);
                }
            }
        }
        assertThat(named).isEqualTo(6);
    }

    @Test
    void anOomReportOfUserMemoryIsTheSameRequestInEveryEra() {
        // anonymous memory: the numbers of the reports of 2.6.24 and 2.6.29, 2.6.38, and 6.1 (which adds __GFP_COMP)
        assertThat(Kernels.i386("2.6.24").format(0x1280d2)).isEqualTo("GFP_HIGHUSER_MOVABLE|GFP_ZERO");
        assertThat(Kernels.i386("2.6.38").format(0x280da)).isEqualTo("GFP_HIGHUSER_MOVABLE|GFP_ZERO");
        assertThat(Kernels.i386("6.1").format(0x140dca)).isEqualTo("GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO");
    }

    @Test
    void migrateTypesAreThoseOfPagetypeinfo() {
        int lines = 0;
        for (String line : Kernels.capture("pagetypeinfo.txt")) {
            String[] fields = line.split(" ", 3);
            // 2.6.24 has no name for its fifth type, and prints a null pointer; the type is Isolate
            String expected = fields[2].replace("<NULL>", "Isolate");
            assertThat(Kernels.table(fields[0], fields[1]).migrateTypes().byIndex())
                    .as(line)
                    .extracting(MigrateType::label)
                    .containsExactly(expected.split(" "));
            lines++;
        }
        assertThat(lines).isEqualTo(11);
    }
}
