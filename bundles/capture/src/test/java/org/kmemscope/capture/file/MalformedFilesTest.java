package org.kmemscope.capture.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A file that is not what it should be is refused in one line: file, line, what is wrong, what would be right. */
class MalformedFilesTest {
    private static final Function<TextFile, Object> SLABINFO = file -> SlabInfo.read(file, Map.of());
    private static final String ZONE = """
            Node 0, zone      DMA
              pages free     3840
                    min      190
                    low      237
                    high     284
                    spanned  4095
                    present  3998
                    protection: (0, 836)
              pagesets
                cpu: 0
                          count: 0
                          high:  237
                          batch: 1
              start_pfn:           1
            """;
    private static final String TYPES = """
            Page block order: 10
            Pages per block:  1024

            Free pages count per migrate type at order       0      1
            Node    0, zone      DMA, type    Unmovable      1      2
            Node    0, zone      DMA, type      Movable      3      4

            Number of blocks type     Unmovable      Movable
            Node 0, zone      DMA            1            3
            """;

    static TextFile file(String text) {
        return TextFile.of("kit/file.txt", text.getBytes(StandardCharsets.UTF_8));
    }

    static Stream<Arguments> malformed() {
        return Stream.concat(zoneFiles(), otherFiles());
    }

    private static Stream<Arguments> zoneFiles() {
        Function<TextFile, Object> buddyinfo = BuddyInfo::read;
        Function<TextFile, Object> zoneinfo = ZoneInfoReader::read;
        Function<TextFile, Object> types = PageTypeInfoReader::read;
        return Stream.of(
                Arguments.of(
                        buddyinfo,
                        "Node 0, zone      DMA      1      2\nNode 0, zone   Normal      1\n",
                        ":2: 1 columns after lines of 2; every zone has the same orders"),
                Arguments.of(
                        buddyinfo,
                        "Node 0, zone      DMA      1      2\nNode 0, zone      DMA      1      2\n",
                        ":2: zone DMA comes twice; each zone has one line"),
                Arguments.of(
                        buddyinfo,
                        "Node 0, zone      DMA      1      -\n",
                        ":1: 'Node 0, zone      DMA      1      -' is not understood;"
                                + " a line looks like 'Node 0, zone   Normal      2      5      0'"),
                Arguments.of(
                        buddyinfo,
                        "Node 0, zone      DMA      1      2",
                        ":1: the file ends within a line; a whole file ends with a line break after"),
                Arguments.of(buddyinfo, "\n", ": there is no zone in it; a line looks like"),
                Arguments.of(
                        buddyinfo,
                        "Node 0, zone DMA 1 99999999999999999999\n",
                        ":1: '99999999999999999999' is no number; it must be a decimal number of 64 bits"),
                Arguments.of(
                        zoneinfo,
                        ZONE.replace("        high     284\n", ""),
                        ":13: zone DMA ends without 'high'; copy the whole file"),
                Arguments.of(
                        zoneinfo, ZONE.replace("    cpu: 0\n", ""), ":10: 'count' of no CPU; 'cpu: 0' comes before it"),
                Arguments.of(
                        zoneinfo,
                        ZONE.replace("              batch: 1\n", ""),
                        ":13: the lists of cpu 0 of zone DMA are not whole; they have count, high and batch"),
                Arguments.of(zoneinfo, ZONE + ZONE, ":28: zone DMA comes twice; a zoneinfo is of one moment"),
                Arguments.of(
                        zoneinfo,
                        ZONE.replace("Node 0", "node 0"),
                        ":1: 'node 0, zone      DMA' is not understood; a line looks like 'Node 0, zone   Normal'"),
                Arguments.of(
                        types,
                        TYPES.replace("Movable\n", "Movable    Reserve\n"),
                        ":9: 2 numbers for 3 types; each type has a column of its own"),
                Arguments.of(types, TYPES.substring(TYPES.indexOf('\n') + 1), ": there is no 'Page block order' in it"),
                Arguments.of(
                        types,
                        TYPES.substring(0, TYPES.indexOf("Number")),
                        ": the table of pageblocks does not name the zones of the table before it; copy the whole file"));
    }

    private static Stream<Arguments> otherFiles() {
        Function<TextFile, Object> vmallocinfo = VmallocInfo::read;
        Function<TextFile, Object> iomem = Iomem::read;
        Function<TextFile, Object> meminfo = Counters::meminfo;
        Function<TextFile, Object> vmstat = Counters::vmstat;
        Function<TextFile, Object> tunables = Counters::tunables;
        Function<TextFile, Object> config = ConfigFile::read;
        Function<TextFile, Object> dump = BuddyDump::read;
        Function<TextFile, Object> constants = OracleConst::read;
        Function<TextFile, Object> zones = OracleZones::read;
        Function<TextFile, Object> flags = PageFlagRuns::read;
        Function<TextFile, Object> attributes = SlabSysfs::read;
        return Stream.of(
                Arguments.of(
                        SLABINFO,
                        "slabinfo - version: 2.1\nkmalloc-64   10   64   64\n",
                        ":2: 'kmalloc-64   10   64   64' is not understood; a line looks like 'kmalloc-64"),
                Arguments.of(SLABINFO, "slabinfo - version: 2.1\n", ": there is no cache in it"),
                Arguments.of(
                        vmallocinfo,
                        "0xf8008000-0xf8014000   49152 x vmalloc\nvmalloc: none\n",
                        ":2: 'vmalloc: none' is not understood; a line looks like '0xf8008000-0xf8014000"),
                Arguments.of(
                        iomem,
                        "00100000-000fffff : System RAM\n",
                        ":1: the range ends before it begins; a line looks like '00100000-3ffdffff : System RAM'"),
                Arguments.of(
                        meminfo,
                        "MemTotal:        1021724 kB\nMemFree = 5\n",
                        ":2: 'MemFree = 5' is not understood; a line looks like 'MemTotal:        1021724 kB'"),
                Arguments.of(
                        vmstat, "nr_free_pages: 5\n", ":1: 'nr_free_pages: 5' is not understood; a line looks like"),
                Arguments.of(
                        tunables,
                        "<html>\n",
                        ":1: '<html>' is not understood; a line looks like 'min_free_kbytes: 3831'"),
                Arguments.of(
                        config,
                        "CONFIG_SMP=y\nSMP\n",
                        ":2: 'SMP' is not understood; a line looks like 'CONFIG_HIGHMEM4G=y'"),
                Arguments.of(
                        dump,
                        "BUDDY zone=DMA order=10 type=Movable n=3 pfns=400,800\n",
                        ":1: it lists 2 blocks and says n=3; both agree"),
                Arguments.of(
                        constants, "CONST PAGE_OFFSET\n", ":1: 'CONST PAGE_OFFSET' is not understood; a line looks"),
                Arguments.of(
                        zones,
                        "ZONE idx=0 name=DMA start_pfn=1\n",
                        ":1: there is no 'spanned' in the line; a line looks like 'ZONE idx=0 name=DMA"),
                Arguments.of(
                        flags, "4096 x 1:0\n", ":1: '4096 x 1:0' is not understood; a line looks like '4096 1426 1:0'"),
                Arguments.of(
                        attributes,
                        "kmalloc-64 object_size 64\n",
                        ":1: 'kmalloc-64 object_size 64' is not understood; a line looks like 'kmalloc-64 object_size="));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void isRefusedInOneLine(Function<TextFile, Object> reader, String text, String message) {
        assertThatThrownBy(() -> reader.apply(file(text)))
                .isInstanceOf(MalformedFile.class)
                .message()
                .startsWith("kit/file.txt" + message)
                .doesNotContain("\n");
    }

    @Test
    void binaryDataIsNoText() {
        assertThatThrownBy(() -> TextFile.of("kit/x", new byte[] {'a', 0, 'b'}))
                .hasMessage("kit/x: a zero byte at offset 1; right would be plain text, as cat prints it");
        assertThatThrownBy(() -> TextFile.of("kit/x", new byte[] {0x1f, (byte) 0x8b, 8, 0, 1}))
                .hasMessageStartingWith("kit/x: damaged gzip data (")
                .hasMessageEndingWith("); copy it again");
    }

    @Test
    void whatIsQuotedIsShortAndPrintable() {
        assertThatThrownBy(() -> BuddyInfo.read(file("\u001b[31m" + "x".repeat(500) + "\n")))
                .message()
                .hasSizeLessThan(250)
                .contains("?[31mxxx")
                .matches("\\p{Print}+");
    }

    /** Seen in a kernel of a board's vendor. */
    @Test
    void namesOfCachesMayHaveBlanks() {
        assertThat(SlabSysfs.read(
                        file("SysMMU Lv2 Tables link=:t-0001024 object_size=1024 slabs_cpu_partial=2(1) C0=2(1)\n")))
                .isEqualTo(Map.of(
                        "SysMMU Lv2 Tables",
                        Map.of("link", ":t-0001024", "object_size", "1024", "slabs_cpu_partial", "2(1) C0=2(1)")));
    }

    @Test
    void theSmallFilesOfThisTestAreRightOtherwise() {
        assertThat(ZoneInfoReader.read(file(ZONE)).zones()).singleElement().satisfies(zone -> {
            assertThat(zone.size("present")).isEqualTo(3998);
            assertThat(zone.protection()).containsExactly(0L, 836L);
            assertThat(zone.pageSets()).hasSize(1);
        });
        PageTypeInfo types = PageTypeInfoReader.read(file(TYPES));
        assertThat(types.pageblockOrder()).isEqualTo(10);
        assertThat(types.types()).containsExactly("Unmovable", "Movable");
    }
}
