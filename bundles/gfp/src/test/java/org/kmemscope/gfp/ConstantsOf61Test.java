package org.kmemscope.gfp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.page.MigrateType;

/** Every constant that a module compiled for a real 6.1 kernel printed. */
class ConstantsOf61Test {
    private static final Pattern FLAG = Pattern.compile("GFP (\\S+)=(\\w+)");
    private static final Pattern ZONE = Pattern.compile("GFPZONE bits=(\\w+) zone_idx=\\d+ bad=(\\d) name=(\\w+)");
    private static final Pattern TYPE = Pattern.compile("MIGRATETYPE (\\d+)=(\\w+)");

    private static GfpTable table(List<String> capture) {
        String[] options = capture.stream()
                .filter(line -> line.startsWith("CONFIG_"))
                .map(line -> line.substring("CONFIG_".length(), line.indexOf('=')))
                .toArray(String[]::new);
        return Kernels.table("6.1.176", options);
    }

    @ParameterizedTest
    @ValueSource(strings = {"const-6.1-686-pae.txt", "const-6.1-armmp.txt"})
    void everyFlagAndMaskHasItsNumber(String name) {
        List<String> capture = Kernels.capture(name);
        GfpTable table = table(capture);
        int rows = 0;
        for (String line : capture) {
            Matcher match = FLAG.matcher(line);
            if (!match.matches()) {
                continue;
            }
            rows++;
            int value = Integer.decode(match.group(2));
            switch (match.group(1)) {
                case "__GFP_BITS_SHIFT" ->
                    assertThat(Integer.bitCount(table.bitsMask())).isEqualTo(value);
                case "__GFP_BITS_MASK" -> assertThat(table.bitsMask()).isEqualTo(value);
                case "GFP_ZONEMASK" ->
                    assertThat(table.parse("__GFP_DMA|__GFP_HIGHMEM|__GFP_DMA32|__GFP_MOVABLE"))
                            .isEqualTo(value);
                default -> assertThat(table.parse(match.group(1))).as(line).isEqualTo(value);
            }
        }
        assertThat(rows).isEqualTo(44);
    }

    @ParameterizedTest
    @ValueSource(strings = {"const-6.1-686-pae.txt", "const-6.1-armmp.txt"})
    void everyCombinationOfZoneBitsTakesItsZone(String name) {
        List<String> capture = Kernels.capture(name);
        GfpTable table = table(capture);
        int rows = 0;
        for (String line : capture) {
            Matcher match = ZONE.matcher(line);
            if (match.matches()) {
                rows++;
                int mask = table.of(Gfp.GFP_KERNEL) | Integer.decode(match.group(1));
                assertThat(table.zone(mask).label()).as(line).isEqualTo(match.group(3));
                assertThat(table.isBadZone(mask))
                        .as(line)
                        .isEqualTo(match.group(2).equals("1"));
            }
        }
        assertThat(rows).isEqualTo(16);
    }

    @ParameterizedTest
    @ValueSource(strings = {"const-6.1-686-pae.txt", "const-6.1-armmp.txt"})
    void migrateTypesHaveTheirNumbers(String name) {
        List<String> capture = Kernels.capture(name);
        List<String> expected = new ArrayList<>();
        for (String line : capture) {
            Matcher match = TYPE.matcher(line);
            if (match.matches()) {
                assertThat(Integer.parseInt(match.group(1))).isEqualTo(expected.size());
                expected.add(match.group(2));
            }
        }
        assertThat(expected).hasSizeGreaterThan(4);
        assertThat(table(capture).migrateTypes().byIndex())
                .extracting(MigrateType::label)
                .isEqualTo(expected);
    }
}
