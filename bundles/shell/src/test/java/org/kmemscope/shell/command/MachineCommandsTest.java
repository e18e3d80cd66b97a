package org.kmemscope.shell.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

/** {@code machines}, {@code boot}, {@code machine}, {@code layout}, {@code tick}, {@code trace}, {@code dmesg}, {@code insmod}. */
class MachineCommandsTest {
    private final TestDesk desk = new TestDesk("i386-1g");

    @Test
    void machinesAreBootedSelectedAndCopied() {
        assertThat(desk.print("boot", "i386-32m", "--name", "small"))
                .isEqualTo("small: Linux 2.6.24, 32M of RAM, 1 CPU\n");
        desk.run("boot", "linux-6.1-686-pae,mem=512M,cpus=2");
        assertThat(desk.print("machines"))
                .contains("arm-exynos4412 ", "small ", "linux-6.1-686-pae  linux-6.1-686-pae");

        assertThat(desk.print("machine", "small")).contains("profile       i386-32m");
        desk.run("machine", "--fork", "copy");
        assertThat(desk.print("machine", "copy")).startsWith("machine       copy\n");
        assertThatThrownBy(() -> desk.run("machine", "nobody")).hasMessageContaining("no machine is called nobody");
        assertThatThrownBy(() -> desk.run("boot", "i386-2g")).hasMessageContaining("boot: no profile 'i386-2g'");
    }

    @Test
    void theLayoutIsTheBlockOfTheBootLogThenConstantsThenZones() {
        assertThat(desk.print("layout"))
                .startsWith("virtual kernel memory layout:\n    fixmap  : 0x")
                .contains("\nVMALLOC_START = 0xf8800000\n", "\nPKMAP_BASE = 0x", "\nLAST_PKMAP = 1024\n")
                .contains("\nPAGE_OFFSET = 0xc0000000\n", "\nhigh_memory = 0xf8000000\n", "\nFIXADDR_TOP = 0x")
                .containsPattern("Normal +0x1000 +0x38000 +0x01000000-0x37ffffff");
    }

    @Test
    void timePasses() {
        assertThat(desk.print("tick", "250")).isEqualTo("jiffies = 250\n");
        assertThat(desk.print("tick")).isEqualTo("jiffies = 251\n");
        assertThatThrownBy(() -> desk.run("tick", "-5")).hasMessageContaining("time does not run backwards");
    }

    @Test
    void eventsAreTracedInALoop() {
        desk.run("trace", "on", "mm_page_alloc", "-n", "2");
        desk.run("alloc_pages", "-n", "3", "GFP_KERNEL", "1");
        desk.run("trace", "off");
        desk.run("alloc_pages", "GFP_KERNEL", "1");

        String text = desk.print("trace", "show");
        assertThat(text).startsWith("# tracer: nop\n#\n#           TASK-PID");
        assertThat(text.lines().filter(line -> !line.startsWith("#")))
                .hasSize(2)
                .allMatch(line -> line.matches(
                        "       kmemscope-1     \\[000] +0\\.000000: mm_page_alloc: pfn=0x\\w+ order=1 migratetype=0"
                                + " gfp_flags=GFP_KERNEL"));
        desk.run("trace", "clear");
        assertThat(desk.print("trace", "show")).doesNotContain("mm_page_alloc");
        assertThatThrownBy(() -> desk.run("trace", "on", "kmem:kmaloc"))
                .hasMessageContaining("did you mean kmem:kmalloc?");
        assertThatThrownBy(() -> desk.run("trace", "of")).hasMessageContaining("trace: invalid value");
    }

    @Test
    void nothingIsTracedBeforeItIsAskedFor() {
        assertThatThrownBy(() -> desk.run("trace", "show")).hasMessageContaining("start with 'trace on'");
    }

    @Test
    void theLogIsPrintedWithTimesAndCanBeForgotten() {
        assertThat(desk.print("dmesg")).startsWith("[    0.000000] Linux version 2.6.24");
        desk.run("dmesg", "-c");
        assertThat(desk.print("dmesg")).isEmpty();
    }

    @Test
    void aModuleThatDoesNotLoadIsToldAsInsmodDoes() {
        assertThatThrownBy(() -> desk.run("insmod", "broken"))
                .hasMessage("insmod: could not insert module broken: Cannot allocate memory");
        assertThatThrownBy(() -> desk.run("rmmod", "broken")).hasMessageContaining("is not currently loaded");
        assertThat(desk.print("lsmod", "-a")).contains("article").contains("not loaded");
    }

    @Test
    void aTestOfADriverFailsIfItLeaks() {
        assertThat(desk.print("rmmod", "article")).isEmpty();
        assertThatThrownBy(() -> desk.run("rmmod", "--strict", "article"))
                .hasMessage("rmmod: article left 1 thing behind; dmesg has the lines");
    }

    @Test
    void ofABootNobodyAskedForOnlyWarningsAreShown() {
        TestDesk big = new TestDesk("i386-4g");
        big.run("insmod", "article");
        assertThat(big.err()).isEqualTo("""
                [    0.000000] Warning only 4GB will be used.
                [    0.000000] Use a HIGHMEM64G enabled kernel.
                """);

        big.run("machine", "--fork", "copy");
        big.run("machine", "copy");
        assertThat(big.err()).as("a copy repeats nothing").hasLineCount(2);
    }

    @Test
    void viewsAreJsonWithTheNamesOfTheirComponents() throws Exception {
        JsonNode zones =
                new ObjectMapper().readTree(desk.print("zoneinfo", "--json")).get("zones");
        assertThat(zones.get(1).get("type").asText()).isEqualTo("NORMAL");
        assertThat(zones.get(1).get("pageSets").get(0).get("lists").get(0).has("batch"))
                .isTrue();

        JsonNode page = new ObjectMapper().readTree(desk.print("page", "--json", "0xc0100000"));
        assertThat(page.get(0).get("origin").isNull()).isTrue();
    }

    @Test
    void helpListsCommandsInGroups() {
        assertThat(desk.print("help"))
                .contains("Machines\n", "\nWhat /proc shows\n", "\n  kmalloc ", "From Gogo: echo");
        assertThat(desk.print("help", "kmalloc")).startsWith("Usage: kmalloc");
        assertThatThrownBy(() -> desk.run("help", "kmaloc")).hasMessageContaining("did you mean kmalloc?");
    }
}
