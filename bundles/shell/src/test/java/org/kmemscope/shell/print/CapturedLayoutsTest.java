package org.kmemscope.shell.print;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kmemscope.api.view.CounterView;
import org.kmemscope.api.view.ResourceView;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.api.view.VmapAreaView;

/** The printers give back, byte for byte, what kernels of 2.6.24 to 6.1 printed, from the numbers in it. */
class CapturedLayoutsTest {
    private static final Pattern AREA = Pattern.compile(
            "0x(\\S+)-0x(\\S+) +(\\d+)(?: (\\S+\\+0x\\S+))?(?: pages=(\\d+))?(?: phys=(\\S+))? ([\\w -]+)");
    private static final Pattern POINTERS = Pattern.compile("0x[0-9a-f]{8}-0x[0-9a-f]{8}");

    static Stream<CapturedFiles> captures() {
        return CapturedFiles.all();
    }

    @ParameterizedTest
    @MethodSource("captures")
    void zoneinfo(CapturedFiles capture) {
        String text = capture.text("zoneinfo");
        ZoneinfoReader read = new ZoneinfoReader(text);

        assertThat(ZoneinfoPrinter.text(capture.version(), read.zones, read.node))
                .isEqualTo(text);
    }

    @ParameterizedTest
    @MethodSource("captures")
    void buddyinfoAndPagetypeinfo(CapturedFiles capture) {
        String buddyinfo = capture.text("buddyinfo");
        String pagetypeinfo = capture.text("pagetypeinfo");
        PagetypeinfoReader read = new PagetypeinfoReader(buddyinfo, pagetypeinfo);

        assertThat(BuddyinfoPrinter.text(read.zones)).isEqualTo(buddyinfo);
        assertThat(PagetypeinfoPrinter.text(capture.version(), read.zones, read.types))
                .isEqualTo(pagetypeinfo);
    }

    @ParameterizedTest
    @MethodSource("captures")
    void slabinfo(CapturedFiles capture) {
        String text = capture.text("slabinfo");
        List<SlabCacheView> caches = new ArrayList<>();
        text.lines().skip(2).map(line -> line.split("[ :a-z]*:[ :a-z]*| +")).forEach(word -> {
            int[] number = new int[word.length];
            for (int i = 1; i < word.length; i++) {
                number[i] = Integer.parseInt(word[i]);
            }
            caches.add(new SlabCacheView(
                    word[0],
                    number[1],
                    number[2],
                    number[3],
                    number[4],
                    number[5],
                    number[6],
                    number[7],
                    number[8],
                    number[9],
                    number[10],
                    number[11],
                    Map.of()));
        });

        assertThat(caches).hasSizeGreaterThan(50);
        assertThat(SlabinfoPrinter.text(caches)).isEqualTo(text);
    }

    @ParameterizedTest
    @MethodSource("captures")
    void vmallocinfo(CapturedFiles capture) {
        assumeTrue(capture.has("vmallocinfo"), "2.6.24 has no such file");
        String text = capture.text("vmallocinfo");
        List<VmapAreaView> areas = new ArrayList<>();
        boolean wide = false;
        long at = 0xf000_0000L;
        for (String line : text.lines().toList()) {
            Matcher match = AREA.matcher(line);
            assertThat(match.matches()).as(line).isTrue();
            long size = Long.parseLong(match.group(3));
            // 6.1 hides addresses; any will do
            boolean hidden = capture.version().isAtLeast(4, 15);
            long start = hidden ? at : Long.parseLong(match.group(1), 16);
            at = start + size;
            String phys = match.group(6);
            wide |= phys != null && phys.length() == 18;
            areas.add(new VmapAreaView(
                    start,
                    start + size,
                    kind(match.group(7)),
                    match.group(5) == null ? 0 : Integer.parseInt(match.group(5)),
                    phys == null ? -1 : Long.parseLong(phys.replace("0x", ""), 16),
                    match.group(4) == null ? "" : match.group(4),
                    List.of()));
        }

        String printed = VmallocinfoPrinter.text(capture.version(), areas, wide);
        assertThat(withoutPointers(capture, printed)).isEqualTo(withoutPointers(capture, text));
    }

    private static VmapAreaView.Kind kind(String label) {
        for (VmapAreaView.Kind kind : VmapAreaView.Kind.values()) {
            if (kind.label().equals(label)) {
                return kind;
            }
        }
        throw new IllegalArgumentException(label);
    }

    private static String withoutPointers(CapturedFiles capture, String text) {
        return capture.version().isAtLeast(4, 15)
                ? POINTERS.matcher(text.replace("0x(ptrval)", "0x00000000")).replaceAll("AREA")
                : text;
    }

    @ParameterizedTest
    @MethodSource("captures")
    void meminfo(CapturedFiles capture) {
        String text = capture.text("meminfo");
        List<CounterView> counters = text.lines()
                .map(line -> line.replace(" kB", "").split(": +"))
                .map(word -> new CounterView(word[0], Long.parseLong(word[1])))
                .toList();

        assertThat(MeminfoPrinter.text(capture.version(), counters)).isEqualTo(text);
    }

    @ParameterizedTest
    @MethodSource("captures")
    void vmstat(CapturedFiles capture) {
        String text = capture.text("vmstat");
        List<CounterView> counters = text.lines()
                .map(line -> line.split(" "))
                .map(word -> new CounterView(word[0], Long.parseLong(word[1])))
                .toList();

        assertThat(VmstatPrinter.text(counters)).isEqualTo(text);
    }

    @ParameterizedTest
    @MethodSource("captures")
    void iomem(CapturedFiles capture) {
        String text = capture.text("iomem");
        List<ResourceView> resources = text.lines()
                .map(line -> {
                    String[] word = line.trim().split(" : |-", 3);
                    int depth = (line.length() - line.stripLeading().length()) / 2;
                    return new ResourceView(Long.parseLong(word[0], 16), Long.parseLong(word[1], 16), depth, word[2]);
                })
                .toList();

        assertThat(IomemPrinter.text(resources)).isEqualTo(text);
    }
}
