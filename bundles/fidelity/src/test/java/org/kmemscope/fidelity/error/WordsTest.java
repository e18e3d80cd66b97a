package org.kmemscope.fidelity.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.kmemscope.fidelity.FindingsOfTests;

class WordsTest {
    @Test
    void whoRanAndWhereIsLeftOut() {
        assertThat(Words.of(List.of(
                        "[   12.5] ------------[ cut here ]------------",
                        "[   12.5] Trying to vfree() bad address (f780d001)",
                        "[   12.5] WARNING: CPU: 0 PID: 169 at mm/vmalloc.c:2695 __vunmap+0x29d/0x2d0",
                        "[   12.5] Modules linked in: oracle(OE)",
                        "[   12.5]  ? cmd_err+0xff0/0xff0 [oracle]",
                        "[   12.5] EAX: 00000030 EBX: fefbe000",
                        "[   12.5]  cmd_err from o_write+0x1659/0x1687 [oracle]",
                        "[   12.5] ---[ end trace 0000000000000000 ]---")))
                .containsExactly("Trying to vfree() bad address (ADDR)", "WARNING: at mm/vmalloc.c __vunmap");
    }

    @Test
    void bothFormsOfAWarningAreTheSame() {
        assertThat(Words.of(
                        List.of("WARNING: CPU: 0 PID: 141 at mm/page_alloc.c __alloc_pages: order 11 is too large")))
                .isEqualTo(
                        Words.of(List.of("WARNING: CPU: 1 PID: 99 at mm/page_alloc.c:5634 __alloc_pages+0x21e/0xf40")));
    }

    @Test
    void watermarksAreToldWithoutTheirBoost() {
        assertThat(Words.of(List.of("DMA free:1020kB boost:2048kB min:2808kB low:2996kB present:15992kB mlocked:0kB")))
                .containsExactly("DMA free:NkB boost:NkB min:760kB low:948kB present:15992kB mlocked:NkB");
    }

    @Test
    void freeBlocksAreToldOnlyIfTheyAreGiven() {
        List<String> line = List.of("DMA: 1*4kB (U) 0*8kB 2*16kB (UM) = 36kB");
        assertThat(Words.of(line)).containsExactly("DMA: N*4kB N*8kB N*16kB = NkB");
        assertThat(Words.of(line, true)).containsExactly("DMA: 1*4kB 0*8kB 2*16kB = 36kB");
    }

    @Test
    void anotherLineAndAMissingOneAreDifferent() {
        FindingsOfTests found = new FindingsOfTests();
        Sequences.compare("x", List.of("a", "b", "c", "d"), List.of("a", "B", "c"), "log", found.findings());
        assertThat(found.score().equal()).isEqualTo(2);
        assertThat(found.findings().differences())
                .extracting(difference -> difference.captured() + "/" + difference.modelled())
                .containsExactly("b/B", "d/nothing");
    }
}
