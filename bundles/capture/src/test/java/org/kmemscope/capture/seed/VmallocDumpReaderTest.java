package org.kmemscope.capture.seed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.capture.VmallocDump;
import org.kmemscope.api.view.VmapAreaView.Kind;
import org.kmemscope.api.vmalloc.VmallocState.FreeRange;
import org.kmemscope.capture.file.TextFile;

class VmallocDumpReaderTest {
    private static final List<String> VECTOR = List.of(
            "VECTOR vmalloc seed=1",
            "VMALLOCINFO start",
            "0xf77fe000-0xf7800000    8192 acpi_os_map_iomem+0x211/0x240 phys=0x3ffe1000 ioremap",
            "0xf7b60000-0xf8161000 6295552 load_module+0x1/0x2 pages=1536 vmalloc vpages",
            "0xf8161000-0xf8163000    8192 unpurged vm_area",
            "VMALLOCINFO-END start",
            "VTREE ",
            "VT 0 path= start=f7800000 end=f7b60000 color=b max=360000",
            "VT 1 path=L start=1 end=f77fe000 color=r max=f77fdfff",
            "VTREE-END",
            "A 0 vmalloc size=1 addr=f7800000 area=2000",
            "VMALLOCINFO end",
            "VMALLOCINFO-END end");

    private static List<VmallocDump> read(List<String> lines) {
        return VmallocDumpReader.read(TextFile.of("board/vec-vmalloc.txt", lines));
    }

    @Test
    void areasAndTheTreeOfOneMomentAreOneState() {
        List<VmallocDump> dumps = read(VECTOR);
        assertThat(dumps).extracting(VmallocDump::tag).containsExactly("start", "end");
        assertThat(dumps).extracting(VmallocDump::line).containsExactly(2, 12);
        assertThat(dumps.get(0).state().areas())
                .extracting(area -> area.kind())
                .containsExactly(Kind.IOREMAP, Kind.VMALLOC, Kind.UNPURGED);
        assertThat(dumps.get(0).state().areas().get(1).vpages()).isTrue();
        assertThat(dumps.get(0).state().freeTree())
                .containsExactly(
                        new FreeRange("", 0xf780_0000L, 0xf7b6_0000L, false),
                        new FreeRange("L", 1, 0xf77f_e000L, true));
        assertThat(dumps.get(1).state().areas()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2 | 0xf77fe000 | :3: '0xf77fe000' is not understood",
                "5 | VTREE | :2: 'VMALLOCINFO' has no 'VMALLOCINFO-END'",
                "8 | VT 1 path=X start=1 end=2 color=r | :9: 'VT 1 path=X start=1 end=2 color=r' is not understood",
                "8 | VT 1 path=LL start=1 end=2 color=r | :9: node 'LL' comes before its parent",
                "8 | VT 1 path= start=1 end=2 color=r | :9: node '' comes twice",
                "8 | VT 1 path=L start=2 end=2 color=r | :9: the range ends before it begins",
                "9 | A 0 | :7: 'VTREE' has no 'VTREE-END'"
            })
    void aDamagedOneIsToldWithItsLine(int index, String line, String complaint) {
        List<String> lines = new java.util.ArrayList<>(VECTOR);
        lines.set(index, line);
        lines.removeIf(other -> index == 5 && other.startsWith("VMALLOCINFO-END"));
        assertThatThrownBy(() -> read(lines))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("board/vec-vmalloc.txt" + complaint);
    }
}
