package org.kmemscope.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.fidelity.FidelityReport;
import org.kmemscope.fidelity.mapping.DmaFamily;
import org.kmemscope.fidelity.mapping.KmapFamily;
import org.kmemscope.fidelity.mapping.VmallocFamily;

/** What real kernels mapped and where: the model answers each question alike, as far as a capture tells what it started from. */
class MappingFamiliesTest {
    private static final Path FOLDER = Bench.CAPTURES_FOLDER.resolve("mappings");
    private static final Path PAE = Bench.CAPTURES_FOLDER.resolve("i386-686-pae-1024M-2cpu.tar.gz");

    @TempDir
    private Path temporary;

    private static void allEqual(Path capture, Family family, long atLeast) {
        FidelityReport.Family found = Bench.compare(capture, family);
        assertThat(found.differences()).isEmpty();
        assertThat(found.score().equal()).isEqualTo(found.score().checked()).isGreaterThanOrEqualTo(atLeast);
    }

    private static Path capture(String name) {
        return FOLDER.resolve(name + ".tar.gz");
    }

    @ParameterizedTest
    @CsvSource({
        "armhf-armmp-lpae-1024M-1cpu, 147",
        "6.1.0-50-armmp-smdkc210-1024M, 150",
        "i386-686-pae-512M-1cpu, 160",
        "2.6.38.5-mlinux-slab-512M, 45",
        "3.8.13-odroidx-smdkc210-1024M, 45"
    })
    void areasLieWhereTheKernelPutThem(String name, long facts) {
        allEqual(capture(name), new VmallocFamily(), facts);
    }

    @ParameterizedTest
    @CsvSource({"armhf-armmp-lpae-1024M-1cpu, 116", "6.1.0-50-armmp-smdkc210-1024M, 116", "i386-686-pae-512M-1cpu, 105"
    })
    void windowsAreTheKernels(String name, long facts) {
        allEqual(capture(name), new KmapFamily(), facts);
    }

    @ParameterizedTest
    @CsvSource({"armhf-armmp-lpae-1024M-1cpu, 314", "6.1.0-50-armmp-smdkc210-1024M, 316", "i386-686-pae-512M-1cpu, 312"
    })
    void devicesGetTheKernelsMemory(String name, long facts) {
        allEqual(capture(name), new DmaFamily(), facts);
    }

    @Test
    void aMachineWithTwoProcessorsIsNoException() {
        allEqual(PAE, new VmallocFamily(), 143);
        allEqual(PAE, new KmapFamily(), 116);
        allEqual(PAE, new DmaFamily(), 300);
    }

    /** What is learnt from an answer is no fact, and cannot hide that another answer is wrong. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "oracle-vmalloc.txt | vmalloc_after_vfree b_again=0xe0890000 | vmalloc_after_vfree b_again=0xe088c000",
                "oracle-vmalloc.txt | ptr=0xe07f9000 area_addr=0xe07f9000 | ptr=0xe07f5000 area_addr=0xe07f5000",
                "oracle-vmalloc.txt | pfns=2f5d,2d22 | pfns=2d22,2f5d",
                "oracle-vmalloc.txt | area_size=0x9000 area_flags=0x4 | area_size=0x8000 area_flags=0x4",
                "oracle-vmalloc.txt | vmap_1M n=2 ptr=0xe0d44000 | vmap_1M n=2 ptr=0xe0d43000"
            })
    void aWrongAnswerIsFound(String file, String from, String to) throws IOException {
        Path changed = changed("i386-686-pae-512M-1cpu", file, text -> {
            assertThat(text).contains(from);
            return text.replace(from, to);
        });
        assertThat(Bench.compare(changed, new VmallocFamily()).differences()).isNotEmpty();
    }

    @Test
    void aSetOfSemaphoresThatLiesElsewhereIsFound() throws IOException {
        Path changed = changed("2.6.38.5-mlinux-slab-512M", "vm-after-alloc-proc-vmallocinfo.txt", text -> {
            assertThat(text).contains("0xe0804000-0xe0808000");
            return text.replace("0xe0804000-0xe0808000", "0xe0f04000-0xe0f08000");
        });
        assertThat(Bench.compare(changed, new VmallocFamily()).differences()).isNotEmpty();
    }

    private Path changed(String name, String file, UnaryOperator<String> change) throws IOException {
        Path folder = Bench.unpack(capture(name), temporary);
        Path changed = folder.resolve(file);
        Files.writeString(changed, change.apply(Files.readString(changed, StandardCharsets.UTF_8)));
        return folder;
    }
}
