package org.kmemscope.itests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kmemscope.itests.Kmemscope.Outcome;

/** Options of the process, and commands given with {@code -c}. */
class CommandLineIT {
    private static final String ESCAPE = "\u001b";

    @Test
    void commandsRunOnTheDefaultMachineAndPrintInLinuxLayouts() {
        Outcome outcome = Kmemscope.run("-c", "buddyinfo; meminfo");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out().lines()).anyMatch(line -> line.matches("Node 0, zone      DMA (  *\\d+){11} "));
        assertThat(outcome.out()).containsPattern("MemTotal:  +\\d+ kB\n").doesNotContain(ESCAPE);
    }

    @Test
    void aMachineIsChosenWithItsOptions() {
        Outcome outcome = Kmemscope.run("-m", "linux-6.1-686-pae,mem=512M,cpus=2,vmalloc=256M", "-c", "machine");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.out()).contains("2 online", "vmalloc=256M", "page tables pae");
    }

    @Test
    void helpAndVersionArePlainText() {
        Outcome help = Kmemscope.run("--help");
        assertThat(help.status()).isZero();
        assertThat(help.out())
                .contains("Usage: kmemscope", "demo", "run", "--json")
                .doesNotContain(ESCAPE);

        Outcome version = Kmemscope.run("--version");
        assertThat(version.status()).isZero();
        assertThat(version.out()).matches("kmemscope \\d+\\.\\d+\\.\\d+.*\n");
    }

    @Test
    void anUnknownOptionIsAUsageErrorOfOneLine() {
        Outcome outcome = Kmemscope.run("--jason");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).hasLineCount(1).contains("--jason", "--help");
    }

    @Test
    void anUnknownProfileIsAUsageErrorThatNamesThoseThereAre() {
        Outcome outcome = Kmemscope.run("-m", "i386-2g", "-c", "buddyinfo");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).hasLineCount(1).contains("i386-1g");
        assertThat(outcome.out()).isEmpty();
    }

    @Test
    void anUnknownCommandGetsTheNearestOne() {
        Outcome outcome = Kmemscope.run("-c", "budyinfo");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .isEqualTo("-c:1: no command is called budyinfo; did you mean buddyinfo?; help lists them all\n");
    }

    @Test
    void wrongArgumentsGetTheUsage() {
        Outcome outcome = Kmemscope.run("-c", "alloc_pages GFP_KERNEL");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .hasLineCount(1)
                .startsWith("-c:1: alloc_pages: missing required parameter: 'ORDER'")
                .contains("usage: alloc_pages");
    }

    @Test
    void aMisspeltFlagGetsTheNearestOne() {
        Outcome outcome = Kmemscope.run("-c", "alloc_pages GFP_KERNL 0");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).hasLineCount(1).contains("GFP_KERNEL");
    }

    @Test
    void theFirstFailureEndsTheRun() {
        Outcome outcome = Kmemscope.run("-c", "tick 1; free_pages pfn:ffffff; tick 1");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.out()).isEqualTo("jiffies = 1\n");
    }

    @Test
    void aFailureInAPipeIsAFailure() {
        Outcome outcome = Kmemscope.run("-c", "whatis nonsense | grep x");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).hasLineCount(1).startsWith("-c:1: whatis: 'nonsense' is no address");
    }

    @Test
    void grepDoesNotColourWithoutATerminal() {
        Outcome outcome = Kmemscope.run("-c", "buddyinfo | grep Normal");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.out())
                .hasLineCount(1)
                .startsWith("Node 0, zone   Normal")
                .doesNotContain(ESCAPE);
    }

    @Test
    void aStackTraceComesOnlyWhenAskedFor() {
        assertThat(Kmemscope.run("-c", "whatis nonsense").err()).hasLineCount(1);
        assertThat(Kmemscope.run("--debug", "-c", "whatis nonsense").err()).contains("\tat org.kmemscope.shell");
    }

    @Test
    void kernelWarningsGoToStandardErrorAsOnASerialConsole() {
        Outcome outcome = Kmemscope.run("-c", "context hardirq; alloc_pages GFP_KERNEL 0");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .contains("[    0.000000] BUG: sleeping function called from invalid context")
                .contains("-c:1: BUG: sleeping function called from invalid context");
    }

    @Test
    void exhaustionTellsZoneAndWatermark() {
        Outcome outcome = Kmemscope.run(
                "-m", "i386-4g", "-c", "d = (alloc_pages --all GFP_DMA 0); buddyinfo; free_pages $d; verify");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.err())
                .containsPattern(
                        "alloc_pages: after \\d+ blocks: NULL: order 0, .*zone DMA: \\d+ pages that count as free <= min watermark"
                                + " \\d+ \\+ lowmem_reserve 0, \\d+ pages? too few");
        assertThat(outcome.out()).contains("checks, no contradiction");
    }

    @Test
    void everyViewIsJson() throws Exception {
        List<String> views = List.of(
                "machines",
                "machine",
                "allocators",
                "context",
                "verify",
                "layout",
                "iomem",
                "meminfo",
                "buddyinfo",
                "zoneinfo",
                "pagetypeinfo",
                "slabinfo",
                "vmallocinfo",
                "vmstat",
                "kmaps",
                "dma_mappings",
                "dmesg",
                "sysctl -a",
                "whatis 0xc0100000",
                "page 0xc0100000",
                "vtop 0xc0100000",
                "gfp GFP_KERNEL",
                "tlb",
                "lsmod",
                "trace on; trace show",
                "p = (alloc_pages GFP_KERNEL 0); explain");

        Outcome outcome = Kmemscope.run("--json", "-c", String.join("\n", views));

        assertThat(outcome.status()).as("%s", outcome).isZero();
        ObjectMapper mapper = new ObjectMapper();
        List<JsonNode> documents = mapper.readerFor(JsonNode.class)
                .<JsonNode>readValues(outcome.out())
                .readAll();
        assertThat(documents).hasSameSizeAs(views).allMatch(JsonNode::isContainerNode);
    }

    @Test
    void jsonHasTheNamesOfTheViews() throws Exception {
        JsonNode zones = new ObjectMapper()
                .readTree(Kmemscope.run("-c", "zoneinfo --json").out())
                .get("zones");

        assertThat(zones).hasSize(4);
        assertThat(zones.get(0).get("type").asText()).isEqualTo("DMA");
        assertThat(zones.get(0).get("freeBlocks")).hasSize(11);
        assertThat(zones.get(1).get("protection")).hasSize(4);
    }

    @Test
    void nothingIsLeftBehind() {
        Kmemscope.scratch();
        Outcome outcome = Kmemscope.shell("cd itests/target/scratch && rm -rf nobody && mkdir nobody && "
                + "KMEMSCOPE_HOME=nobody/home KMEMSCOPE_JAVA_OPTS=-Djava.io.tmpdir=nobody ../../../kmemscope -c tick");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(Kmemscope.scratch().resolve("nobody")).isEmptyDirectory();
    }
}
