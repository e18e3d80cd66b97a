package org.kmemscope.shell.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.kmemscope.api.view.ZoneView;

/** {@code alloc_pages}, {@code free_pages}, {@code page}, {@code gfp}, {@code sysctl}, {@code verify}. */
class PageCommandsTest {
    private final TestDesk desk = new TestDesk("i386-1g");

    @Test
    void aBlockIsTakenLookedAtAndGivenBack() {
        String before = desk.print("buddyinfo");

        Object block = desk.run("alloc_pages", "GFP_KERNEL", "3");

        assertThat(block).isInstanceOf(PageBlock.class);
        assertThat(desk.print("buddyinfo")).isNotEqualTo(before);
        assertThat(desk.print("page", block.toString()))
                .contains("zone    Normal", "count   1", "order 3, by kmemscope (pid 1) at test:1");

        desk.run("free_pages", block.toString());
        assertThat(desk.print("buddyinfo")).isEqualTo(before);
        assertThat(desk.print("verify")).contains("no contradiction");
    }

    @Test
    void exhaustingAZoneTellsTheWatermarkAndGivesAllBlocks() {
        PageBlocks blocks = (PageBlocks) desk.run("alloc_pages", "--all", "GFP_DMA", "0");

        // who cannot sleep may go a quarter below the watermark; the lowmem reserve is not against requests for DMA
        ZoneView dma = desk.machine().views().zones().get(0);
        long min = dma.min() - dma.min() / 4;
        assertThat(dma.free()).isEqualTo(min);
        assertThat(desk.err())
                .contains("alloc_pages: after " + blocks.size() + " blocks: NULL: order 0")
                .contains("zone DMA: ")
                .contains("min watermark " + min + " + lowmem_reserve 0")
                .contains("too few");
        assertThat(blocks.display())
                .startsWith(blocks.size() + " blocks of order 0: pfn:0x")
                .endsWith(" ...");
        assertThatThrownBy(() -> desk.run("alloc_pages", "GFP_DMA", "0"))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("alloc_pages: NULL: order 0")
                .hasMessageContaining("zone DMA");

        blocks.forEach(block -> desk.run("free_pages", "-o", "0", block.toString()));
        assertThat(desk.print("verify")).contains("no contradiction");
    }

    @Test
    void pagesAreNotForgottenWhenTheOomKillerComes() {
        TestDesk small = new TestDesk("i386-32m");

        PageBlocks blocks = (PageBlocks) small.run("alloc_pages", "--all", "GFP_KERNEL", "0");

        assertThat(small.err())
                .contains(
                        "alloc_pages: after " + blocks.size() + " blocks: Out of memory: Killed process 1 (kmemscope)");
        blocks.forEach(block -> small.run("free_pages", block.toString()));
        assertThat(small.print("verify")).contains("no contradiction");
    }

    @Test
    void theKernelReportComesBeforeTheReason() {
        desk.run("alloc_pages", "--all", "GFP_DMA", "0");

        List<String> lines = desk.err().lines().toList();
        assertThat(lines.get(lines.size() - 2)).contains("page allocation failure");
        assertThat(lines.get(lines.size() - 1)).startsWith("alloc_pages: after");
    }

    @Test
    void aCountThatCannotBeHadGivesWhatThereIs() {
        PageBlocks blocks = (PageBlocks) desk.run("alloc_pages", "-n", "1000000", "GFP_DMA", "4");

        assertThat(blocks).hasSizeBetween(1, 256);
        assertThat(desk.err()).contains("alloc_pages: after " + blocks.size() + " blocks");
        assertThat((PageBlocks) desk.run("alloc_pages", "-n", "2", "GFP_KERNEL", "0"))
                .hasSize(2);
    }

    @Test
    void anOrderThatIsTooLargeIsToldSo() {
        assertThatThrownBy(() -> desk.run("alloc_pages", "GFP_KERNEL", "11"))
                .hasMessageContaining("above the largest order of this kernel, 10");
        assertThatThrownBy(() -> desk.run("gfp", "-o", "11", "GFP_KERNEL"))
                .hasMessage("gfp: order 11: the blocks of this kernel have orders 0 to 10");
    }

    @Test
    void numbersThatAreNoneAreToldInWordsOfThePerson() {
        String usage = "; usage: alloc_pages [-h] [-n=COUNT | --all] GFP ORDER";
        assertThatThrownBy(() -> desk.run("alloc_pages", "GFP_KERNEL", "x"))
                .hasMessage("alloc_pages: invalid value for ORDER: 'x' is no whole number" + usage);
        assertThatThrownBy(() -> desk.run("alloc_pages", "GFP_KERNEL", "99999999999999999999"))
                .hasMessage("alloc_pages: invalid value for ORDER: '99999999999999999999' is too large" + usage);
        assertThatThrownBy(() -> desk.run("alloc_pages", "GFP_KERNEL", "4294967296"))
                .hasMessageContaining("'4294967296' is too large");
        assertThatThrownBy(() -> desk.run("alloc_pages", "GFP_KERNEL", "1", "2"))
                .hasMessage("alloc_pages: too many arguments: '2'" + usage);
        assertThatThrownBy(() -> desk.run("alloc_pages", "GFP_KERNEL", "-1"))
                .hasMessage("alloc_pages: order -1: at least 0");
        assertThatThrownBy(() -> desk.run("alloc_pages", "-n", "0", "GFP_KERNEL", "1"))
                .hasMessage("alloc_pages: count 0: at least 1");
        assertThatThrownBy(() -> desk.run("kmem_cache_create", "", "100"))
                .hasMessage("kmem_cache_create: '' is no name for a cache: no blanks, at least one letter");
    }

    @Test
    void wrongWordsGetTheUsage() {
        assertThatThrownBy(() -> desk.run("alloc_pages", "GFP_KERNEL"))
                .isInstanceOf(Failure.class)
                .hasMessage("alloc_pages: missing required parameter: 'ORDER';"
                        + " usage: alloc_pages [-h] [-n=COUNT | --all] GFP ORDER");
        assertThatThrownBy(() -> desk.run("alloc_pages", "-n", "2", "--all", "GFP_KERNEL", "0"))
                .hasMessageContaining("mutually exclusive");
        assertThatThrownBy(() -> desk.run("alloc_pages", "--most", "GFP_KERNEL", "0"))
                .hasMessageContaining("'--most'");
        assertThatThrownBy(() -> desk.run("alloc_pages", "GFP_KERNL", "0")).hasMessageContaining("GFP_KERNEL");
    }

    @Test
    void aMaskIsExplained() {
        assertThat(desk.print("gfp", "GFP_KERNEL+__GFP_NOWARN"))
                .startsWith("0x2d0 = ")
                .contains("__GFP_WAIT", "may sleep", "zone Normal", "zone DMA");
        assertThat(desk.print("gfp", "GFP_ATOMIC")).contains("never sleeps");
        assertThat(desk.print("gfp", "0xd1")).startsWith("0xd1 = GFP_KERNEL|__GFP_DMA (Linux 2.6.24)\n");
        assertThat(desk.print("gfp", "0xcc0"))
                .startsWith("0xcc0 = __GFP_IO|__GFP_REPEAT|__GFP_NOFAIL|__GFP_FS (Linux 2.6.24)\n");
        assertThat(desk.print("gfp", "0x3")).contains("the zone flags contradict each other");
        assertThat(desk.print("gfp")).contains("GFP_HIGHUSER_MOVABLE");
    }

    @Test
    void tunablesAreReadAndWritten() {
        assertThat(desk.print("sysctl", "vm.min_free_kbytes=8192")).isEqualTo("vm.min_free_kbytes = 8192\n");
        assertThat(desk.print("sysctl", "-a")).contains("vm.min_free_kbytes = 8192\n", "vm.lowmem_reserve_ratio");
        assertThatThrownBy(() -> desk.run("sysctl", "vm.min_fre_kbytes"))
                .hasMessageContaining("did you mean vm.min_free_kbytes?");
        assertThatThrownBy(() -> desk.run("sysctl")).hasMessageContaining("-a");
    }

    @Test
    void aTunableThatIsNotThereLeavesAllAsItWas() {
        assertThatThrownBy(() -> desk.run("sysctl", "vm.min_free_kbytes=8192", "vm.nothing=1"))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("cannot stat /proc/sys/vm/nothing: No such file or directory");
        assertThat(desk.print("sysctl", "vm.min_free_kbytes")).doesNotContain("8192");
    }

    @Test
    void oneLineIsEnoughForThousandsOfArgumentsTooMany() {
        assertThatThrownBy(() -> desk.run("vtop", "0", "1", "2", "3", "4", "5"))
                .hasMessageContaining("too many arguments: '1', '2', '3' and more; usage: vtop");
    }

    @Test
    void nothingRunsInACaptureThatIsOpen() {
        String name = desk.machine().name();
        desk.desk().machines().open(desk.machine().views(), "board-1");

        assertThat(desk.print("buddyinfo")).contains("Normal");
        assertThat(desk.desk().currentName()).contains("board-1");
        assertThatThrownBy(() -> desk.run("alloc_pages", "GFP_KERNEL", "0"))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("nothing runs in board-1, which is open; 'boot --from CAPTURE'");

        desk.run("machine", name);
        assertThat(desk.run("alloc_pages", "GFP_KERNEL", "0")).isInstanceOf(PageBlock.class);
    }

    @Test
    void sleepingWhereItIsForbiddenIsTheKernelsBug() {
        desk.run("context", "softirq");

        assertThatThrownBy(() -> desk.run("alloc_pages", "GFP_KERNEL", "0"))
                .isInstanceOf(Failure.class)
                .hasMessageStartingWith("BUG: sleeping function called from invalid context");
        assertThat(desk.run("alloc_pages", "GFP_ATOMIC", "0")).isInstanceOf(PageBlock.class);
        assertThat(desk.print("context", "process")).contains("may sleep");
    }

    @Test
    void aMissingPartIsNamed() {
        assertThatThrownBy(() -> desk.run("kmalloc", "40", "GFP_KERNEL"))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("object allocator");
    }

    @Test
    void extfragTellsWhatFreeMemoryIsOfNoUseToALargeRequest() {
        TestDesk small = new TestDesk("i386-32m");
        small.run("alloc_pages", "--all", "GFP_ATOMIC", "0");
        String pages = small.print("buddyinfo").lines().findFirst().orElseThrow();
        assertThat(pages).contains("zone      DMA");

        // all of a zone lies in its smallest blocks, or nothing is free: no block of the largest order
        assertThat(small.print("extfrag").lines())
                .allSatisfy(line -> assertThat(line).startsWith("Node 0, zone ").matches(".* 1\\.000 "));
        assertThat(small.print("extfrag", "--index").lines())
                .allSatisfy(line -> assertThat(line).matches("Node 0, zone +\\w+ (-?\\d\\.\\d{3} ){11}"));
        assertThat(new TestDesk("i386-32m").print("extfrag", "--index")).contains(" -1.000 ");
        assertThat(small.print("extfrag", "--json")).contains("\"unusable\" : [");
    }
}
