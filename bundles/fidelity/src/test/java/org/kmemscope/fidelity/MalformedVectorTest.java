package org.kmemscope.fidelity;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Damaged vectors are refused with file, line and reason. */
class MalformedVectorTest {
    private static final String PC = "i386-686-1024M-seed1";

    @TempDir
    private Path temporary;

    private void refused(String machine, String file, Consumer<List<String>> change, String message) {
        Path changed = ChangedVector.of(temporary, machine, file, change);
        assertThatThrownBy(() -> Bench.compare(changed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("(?s)" + machine + "/" + file + ":\\d+: " + message + ".*");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "vec-page-b.txt | A 17 | A 17 | A 18 | operation 18 where 17 is next; copy the whole vector",
                "vec-page-b.txt | A 17 | A 17 | B 17 | 'B 17 .*' is not understood; a line looks like 'A 0 0 2800 1f28 1'",
                "vec-page-b.txt | A 17 | A 17 | A 17 zero | 'zero' is no number; it must be decimal and fit",
                "vec-page-b.txt | OPS n= | OPS n= | OPS n=1 | \\d+ operations where OPS tells \\d+; copy the whole vector",
                "vec-page-b.txt | VECTOR-END | overflow=0 | overflow=3 | the kernel had no room for all operations; record a shorter vector",
                "vec-page-b.txt | STATE-END mid | STATE-END mid | - | 'STATE mid' has no 'STATE-END mid'",
                "vec-page-g.txt | AR 0 | n=4096 | n=4095 | 4096 pfns where n= tells 4095; copy the whole line",
                "vec-page-g.txt | AR 0 | pfns= | pfns=12+1, | '12\\+1' is no run of pfns; it looks like '1f28\\+1\\*26'",
                "vec-page-g.txt | AR 0 | order= | ordre= | 'AR 0 .*' has no 'order='; copy the whole line",
                "vec-page-b.txt | FREE zone=1 | pfns= | pfns=ffffffff, | 'ffffffff' are no frames of a machine of 32 bits",
                "vec-page-b.txt | LRU zone=2 | blocks= | blocks=36800:99999, | '36800:99999' is more than a pageblock",
                "vec-vmalloc.txt | A 5 | vmalloc | valloc | 'valloc' is no call; it is vmalloc, vmap, vm_map_ram or ioremap",
                "vec-vmalloc.txt | VT 1 | color= | color=x | 'VT 1 .*' is not understood",
                "vec-kmap.txt | K prime | addr= | addr=1 | the address is in none of the 1024 slots of this kernel",
                "vec-kmap.txt | PAGES | n=1500 | n=1500 pfns=ffff x= | there is no page \\d+; PAGES tells 1",
                "vec-dma-24.txt | F 3 | virt=c | virt=d | nothing was allocated there; what is freed was allocated before",
                "vec-slub-700.txt | SLUB vec_700 mid | SLUB vec_700 | SLUB vec_70 | there is no 'CACHE vec_70' before it",
                "vec-slub-700.txt | SLUB vec_700 start | cpu=- | cpu=12:1 | 'SLUB .*' is not understood",
                "vec-slub-700.txt | RSEQ | , | ,x, | 'x' is no number; it must be decimal and fit"
            })
    void aDamagedLineIsTold(String file, String start, String from, String to, String message) {
        refused(
                PC,
                file,
                ChangedVector.line(start, line -> line.replaceFirst(java.util.regex.Pattern.quote(from), to)),
                message);
    }

    @Test
    void aVectorThatWasCutIsTold() {
        refused(
                PC,
                "vec-kmap.txt",
                lines -> lines.subList(500, lines.size()).clear(),
                "there is no 'VECTOR-END'; copy the whole");
    }

    @Test
    void pagesThatWereFreedInAnotherOrderAreTold() {
        refused(
                "i386-686-pae-512M-seed1",
                "vec-page-d2.txt",
                ChangedVector.line("SHUF ", line -> line.replaceFirst("check=.", "check=")),
                "119035 pages with the check [0-9a-f]+ come out");
    }
}
