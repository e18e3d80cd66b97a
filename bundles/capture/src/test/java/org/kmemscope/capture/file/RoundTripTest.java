package org.kmemscope.capture.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.kmemscope.api.view.CounterView;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.api.view.VmapAreaView;

/** What is printed as the kernel prints it is read back as it was. */
class RoundTripTest {
    private static final List<String> ZONES = List.of("DMA", "Normal", "HighMem", "Movable");

    @Property(tries = 200)
    void buddyinfo(@ForAll @Size(min = 1, max = 4) List<@Size(11) List<@IntRange Integer>> rows) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < rows.size(); i++) {
            text.append(String.format("Node %d, zone %8s ", 0, ZONES.get(i)));
            rows.get(i).forEach(count -> text.append(String.format("%6d ", count)));
            text.append('\n');
        }
        BuddyInfo read = BuddyInfo.read(MalformedFilesTest.file(text.toString()));
        assertThat(read.orders()).isEqualTo(11);
        for (int i = 0; i < rows.size(); i++) {
            assertThat(read.blocks().get(new ZoneKey(0, ZONES.get(i))))
                    .isEqualTo(rows.get(i).stream().map(Integer::longValue).toList());
        }
    }

    @Property(tries = 200)
    void counters(@ForAll @Size(min = 1, max = 40) List<@LongRange Long> values) {
        StringBuilder meminfo = new StringBuilder();
        StringBuilder vmstat = new StringBuilder();
        List<CounterView> expected = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            meminfo.append(String.format("%-16s%8d kB%n", "Counter" + i + ":", values.get(i)));
            vmstat.append("Counter").append(i).append(' ').append(values.get(i)).append('\n');
            expected.add(new CounterView("Counter" + i, values.get(i)));
        }
        assertThat(Counters.meminfo(MalformedFilesTest.file(meminfo.toString())))
                .isEqualTo(expected);
        assertThat(Counters.vmstat(MalformedFilesTest.file(vmstat.toString()))).isEqualTo(expected);
    }

    @Property(tries = 200)
    void slabinfo(
            @ForAll @AlphaChars @StringLength(min = 1, max = 20) String name,
            @ForAll @Size(9) List<@IntRange(max = 1_000_000) Integer> n) {
        String line = String.format(
                "%-17s %6d %6d %6d %4d %4d : tunables %4d %4d %4d : slabdata %6d %6d %6d%n",
                name, n.get(0), n.get(1), n.get(2), n.get(3), n.get(4), n.get(5), n.get(6), n.get(7), n.get(8), 1, 2);
        Map<String, Map<String, String>> attributes = Map.of(name, Map.of("align", "8"));
        assertThat(SlabInfo.read(MalformedFilesTest.file("slabinfo - version: 2.1\n" + line), attributes))
                .containsExactly(new SlabCacheView(
                        name,
                        n.get(0),
                        n.get(1),
                        n.get(2),
                        n.get(3),
                        n.get(4),
                        n.get(5),
                        n.get(6),
                        n.get(7),
                        n.get(8),
                        1,
                        2,
                        Map.of("align", "8")));
    }

    @Property(tries = 200)
    void vmallocinfo(@ForAll @IntRange(min = 1, max = 5000) int pages, @ForAll @IntRange(max = 30_000) int at) {
        long start = 0xf800_0000L + at * 4096L;
        long end = start + (pages + 1) * 4096L;
        String line = String.format(
                "0x%08x-0x%08x %7d load_module+0x1/0x2 pages=%d vmalloc%n", start, end, end - start, pages);
        VmallocInfo read = VmallocInfo.read(MalformedFilesTest.file(line));
        assertThat(read.hidden()).isFalse();
        assertThat(read.areas())
                .containsExactly(new VmapAreaView(
                        start, end, VmapAreaView.Kind.VMALLOC, pages, -1, "load_module+0x1/0x2", List.of()));
    }

    @Property(tries = 100)
    void freeLists(@ForAll @Size(min = 1, max = 50) List<@IntRange(max = 0x3fffff) Integer> pfns) {
        String text = "BUDDY zone=Normal order=0 type=Movable n=" + pfns.size() + " pfns="
                + pfns.stream().map(Integer::toHexString).collect(Collectors.joining(",")) + "\n";
        BuddyDump dump = BuddyDump.read(MalformedFilesTest.file(text));
        assertThat(dump.whole()).isTrue();
        assertThat(dump.lists()).singleElement().satisfies(list -> assertThat(list.pfns())
                .containsExactly(pfns.stream().mapToInt(Integer::intValue).toArray()));
    }

    /** Nothing but a complaint with a line comes out of a file that was changed at any place. */
    @Property(tries = 500)
    void aChangedByteIsReadOrRefused(@ForAll @IntRange(max = 200) int at, @ForAll @IntRange(max = 255) int value) {
        String row = "Node 0, zone   Normal      2      5      0      1      1      0 \n";
        byte[] bytes = (row.replace("Normal", "   DMA") + row).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        Assume.that(at < bytes.length);
        bytes[at] = (byte) value;
        Map<String, Object> result = new LinkedHashMap<>();
        try {
            result.put(
                    "read", BuddyInfo.read(TextFile.of("kit/file.txt", bytes)).blocks());
        } catch (MalformedFile e) {
            assertThat(e.getMessage()).startsWith("kit/file.txt:").doesNotContain("\n");
            return;
        }
        assertThat(result.get("read"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .isNotEmpty();
    }

    @Property(tries = 100)
    void aCutFileIsRefused(@ForAll @IntRange(min = 1, max = 64) int length) {
        String row = "Node 0, zone   Normal      2      5      0      1      1      0 ";
        TextFile cut = MalformedFilesTest.file(row.substring(0, Math.min(length, row.length())));
        assertThatThrownBy(() -> BuddyInfo.read(cut)).isInstanceOf(MalformedFile.class);
    }
}
