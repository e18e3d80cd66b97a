package org.kmemscope.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.itests.Kmemscope.Outcome;

/** Commands that need the upper floors: objects, the vmalloc area, high memory, DMA, modules. */
class AllPartsIT {
    private static Outcome script(String machine, String text) throws IOException {
        Path file = Kmemscope.scratch().resolve("parts.gosh");
        Files.writeString(file, text);
        return Kmemscope.run("-m", machine, "run", file.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-1g", "arm-exynos4412", "linux-6.1-686-pae,mem=1G"})
    void whateverIsTakenIsKnownAndGivenBack(String machine) throws IOException {
        Outcome outcome = script(machine, """
                p = (kmalloc 40 GFP_KERNEL)
                whatis $p
                ksize $p
                wr -s $p 'written through the page tables'
                rd -s $p
                kfree $p
                c = (kmem_cache_create packets 200 --flags SLAB_HWCACHE_ALIGN)
                o = (kmem_cache_alloc packets GFP_ATOMIC)
                slabinfo | grep packets
                kmem_cache_free packets $o
                kmem_cache_destroy $c
                v = (vmalloc 3p)
                vmalloc_to_pfn $v
                vmallocinfo | grep parts.gosh:13
                page $v
                vtop $v
                vfree $v
                high = (alloc_pages GFP_HIGHUSER 0)
                w = (kmap $high)
                kmaps
                whatis $w
                kunmap $high
                a = (kmap_atomic $high)
                kunmap_atomic $a
                free_pages $high
                b = (dma_alloc_coherent dma0 1k GFP_KERNEL)
                dma_mappings
                dma_free_coherent $b
                buffer = (kmalloc 512 GFP_KERNEL)
                h = (dma_map_single dma0 $buffer 512 DMA_TO_DEVICE)
                dma_mappings
                dma_unmap_single $h
                kfree $buffer
                verify
                """);

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.out())
                .contains("parts.gosh:1", "\"written through the page tables\"")
                .contains("coherent", "single", "DMA_TO_DEVICE")
                .contains("checks, no contradiction");
    }

    @Test
    void mistakesAreTheKernels() throws IOException {
        assertThat(script("i386-1g", "kfree 0xc1234567\n").status()).isEqualTo(1);
        assertThat(script("i386-1g", "kmalloc 200k GFP_KERNEL\n").err()).contains("more than kmalloc serves here");
        assertThat(script("i386-1g", "context hardirq\nvmalloc 8k\n").err()).contains("parts.gosh:2: ");
        assertThat(script("i386-1g", "dma_alloc_coherent dma7 1k GFP_KERNEL\n").err())
                .contains("did you mean dma0?");
        assertThat(script("i386-1g", "kmem_cache_alloc size-4O GFP_KERNEL\n").err())
                .contains("no cache is called size-4O");
    }

    @Test
    void theDemoShowsTheDriverAndWhatTheMachineKnows() {
        Outcome outcome = Kmemscope.run("demo", "--exit");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.out())
                .contains("> boot arm-exynos4412", "> insmod article", "> rmmod article", "no contradiction")
                .contains("bytes from kmalloc", "bytes from vmalloc", "bytes from dma_alloc_coherent")
                .contains("ArticleModule.init");
        assertThat(outcome.err())
                .contains("kmalloc: virt=0x", "vmalloc: virt=0x", "dma: virt=0x")
                .doesNotContain("leaked");
    }

    @Test
    void theDemoLeavesTheUserAtThePrompt() {
        Outcome outcome = Kmemscope.runWithInput("machine | grep profile\n", "demo");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.out())
                .endsWith("profile       arm-exynos4412: Exynos 4412 board (Tiny4412) with 1 GiB at 0x40000000"
                        + " (Linux 3.5)\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386-1g", "arm-exynos4412", "linux-6.1-686-pae,mem=1G"})
    void aCopyOfAMachineInMidWorkAnswersTheSame(String machine) throws IOException {
        Outcome outcome = script(machine, """
                kept = (kmalloc 40 GFP_KERNEL)
                area = (vmalloc 20000)
                window = (alloc_pages GFP_HIGHUSER 1)
                kmap $window
                buffer = (dma_alloc_coherent dma0 3000 GFP_KERNEL)
                wr -s $kept 'from before the copy'
                work = {
                  object = (kmalloc 100 GFP_ATOMIC)
                  pages = (alloc_pages -n 50 GFP_KERNEL 2)
                  other = (vmalloc 9000)
                  echo $object $other $pages
                  rd -s $kept
                  whatis $object; whatis $area; whatis $buffer
                  kunmap $window
                  dma_free_coherent $buffer
                  vfree $area
                  kfree $kept
                  tick 10
                  again = (vmalloc 500)
                  echo $again
                  buddyinfo; pagetypeinfo; zoneinfo; slabinfo; vmallocinfo; vmstat; kmaps; dma_mappings; tlb
                  free_pages $pages
                  verify
                  echo '=== end'
                }
                machine --fork copy
                work
                machine copy | wc -l
                work
                """);

        assertThat(outcome.status()).as("%s", outcome).isZero();
        String[] parts = outcome.out().split("=== end\n");
        assertThat(parts).hasSize(2);
        String first = parts[0].substring(parts[0].indexOf('\n') + 1);
        String second = parts[1].substring(parts[1].indexOf('\n') + 1);
        assertThat(first).contains("\"from before the copy\"", "no contradiction");
        assertThat(second).isEqualTo(first);
    }

    @Test
    void aModuleThatLeaksIsToldWithThePlace() {
        Outcome outcome = Kmemscope.run(
                "-m", "arm-exynos4412", "-c", "wr -s -p 0x50003000 x; insmod article leak=1; lsmod -v; rmmod article");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.out()).contains("article", "kmalloc at ArticleModule.init:");
        assertThat(outcome.err()).contains("article: leaked kmalloc 0x");
    }
}
