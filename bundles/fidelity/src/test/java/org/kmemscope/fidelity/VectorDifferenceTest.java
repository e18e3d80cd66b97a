package org.kmemscope.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.fidelity.FidelityReport.Difference;
import org.kmemscope.api.fidelity.FidelityReport.Family;

/** What is told when model and kernel differ: vectors in which an answer was changed. */
class VectorDifferenceTest {
    private static final String PC = "i386-686-1024M-seed1";
    private static final String PAE = "i386-686-pae-512M-seed1";
    private static final String ARM = "armhf-armmp-1024M-seed1";

    @TempDir
    private Path temporary;

    private int folders;

    private Family compare(String machine, String file, String start, String from, String to) {
        Path changed = ChangedVector.of(
                temporary.resolve(Integer.toString(folders++)),
                machine,
                file,
                ChangedVector.line(start, line -> line.replace(from, to)));
        String name = file.replaceAll("vec-(\\w+).*", "$1") + " vectors";
        return Bench.compare(changed).families().stream()
                .filter(family -> family.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aPageThatDiffersIsShownWithTheListsAroundIt() {
        // operations 0 to 3035, after 3000 of them the state "mid"
        Family family = compare(PC, "vec-page-b.txt", "A 900 ", "A", "A");
        long all = family.score().equal();
        assertThat(family.differences()).isEmpty();
        family = compare(PC, "vec-page-b.txt", "A 900 0 2a20 ", "2a20 ", "2a20 4");
        Difference difference = family.differences().get(0);
        assertThat(difference.fact()).isEqualTo("vec-page-b: operation 900");
        assertThat(difference.where()).startsWith("vec-page-b.txt:");
        assertThat(difference.captured()).startsWith("pfn 4").endsWith(" in zone 1");
        assertThat(difference.context())
                .contains("before:", "after, in the model:")
                .anyMatch(line ->
                        line.startsWith("request of order 0, GFP_ATOMIC|__GFP_NOWARN (2a20): zone Normal, Unmovable"))
                .anyMatch(line -> line.startsWith("  zone Normal: nr_free "))
                .anyMatch(line -> line.contains("list 0 of CPU 0 (order 0 Unmovable) n="))
                .anyMatch(line -> line.startsWith("  the model's page "))
                .anyMatch(line -> line.startsWith("  before: Z 900 "));
        assertThat(family.score().different()).isGreaterThan(2100);
        assertThat(family.score().checked()).as("no fact is lost").isEqualTo(all);
    }

    /** The operations behind lists that differ can still be compared. */
    @Test
    void aListThatDiffersEndsNothing() {
        Family family = compare(PC, "vec-page-c.txt", "Z 100 ", "Z 100 0:", "Z 100 0:1");
        assertThat(family.score().different()).isEqualTo(1);
        assertThat(family.differences()).singleElement().satisfies(difference -> {
            assertThat(difference.fact()).isEqualTo("vec-page-c: counters before operation 100");
            assertThat(difference.captured()).isEqualTo(difference.modelled().replaceFirst("0:", "0:1"));
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "i386-686-1024M-seed1 | vec-vmalloc-mix.txt | A 57 | addr=f8 | addr=e8 | free, ",
                "i386-686-1024M-seed1 | vec-kmap.txt | K 900 | fecc4 | fecc6 | the last search ended at slot ",
                "i386-686-1024M-seed1 | vec-dma-32.txt | A 20 | dma= | dma=1 | DmaMappingView",
                "armhf-armmp-1024M-seed1 | vec-dma-24.txt | A 20 | dma= | dma=1 | DmaMappingView",
                "i386-686-pae-512M-seed1 | vec-slub-1024.txt | a 91 | c2 | c3 | SLUB vec_1024 now nr_slabs=",
                "i386-686-pae-512M-seed1 | vec-kmalloc.txt | a 91 | c2 | c3 | SLUB kmalloc-"
            })
    void anAnswerThatDiffersIsShownWithTheStatesAroundIt(
            String machine, String file, String start, String from, String to, String shown) {
        Family family = compare(machine, file, start + " ", from, to);
        long facts = family.score().checked();
        assertThat(family.differences()).singleElement().satisfies(difference -> {
            assertThat(difference.fact()).endsWith(": operation " + start.substring(2));
            assertThat(difference.captured()).isNotEqualTo(difference.modelled());
            assertThat(difference.context())
                    .contains("before:", "after, in the model:")
                    .anyMatch(line -> line.strip().contains(shown.strip()));
            long following = family.score().different() - 1;
            assertThat(difference.context())
                    .last()
                    .isEqualTo(following + " facts after it were not compared and count as different");
        });
        assertThat(family.score().equal()).isPositive().isLessThan(facts);
    }

    /** Boot decides where the pool is mapped; the vector itself cannot tell. */
    @Test
    void theAtomicPoolIsComparedOnceWhereverItsPiecesLie() {
        Path changed = ChangedVector.of(
                temporary,
                ARM,
                "vec-dma-24.txt",
                lines -> lines.replaceAll(
                        line -> line.matches("[AF] .*") ? line.replace("virt=f08", "virt=f09") : line));
        List<Difference> differences =
                VectorTest.vectors(Bench.compare(changed)).get(3).differences();
        assertThat(differences).singleElement().satisfies(difference -> {
            assertThat(difference.fact()).isEqualTo("start of the atomic pool");
            assertThat(difference.captured()).isEqualTo("f0983000");
            assertThat(difference.modelled()).isEqualTo("f0883000");
        });
    }

    @Test
    void aStateThatNoMachineHasIsNotModelled() {
        Family family = compare(PAE, "vec-page-d1.txt", "ZONE idx=1", "spanned=126944", "spanned=126943");
        assertThat(family.score().checked()).isZero();
        assertThat(family.score().notModelled()).isGreaterThan(100_000);
        assertThat(family.notModelled())
                .singleElement()
                .asString()
                .startsWith("vec-page-d1: no machine has this start state: zone Normal starts at pfn 0x1000");
    }
}
