package org.kmemscope.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kmemscope.api.capture.FailureLog;
import org.kmemscope.api.capture.NotCaptured;
import org.kmemscope.api.view.AllocFailure;
import org.kmemscope.api.view.ZoneView;

/**
 * Reports of real kernels, cut out of the logs of machines booted in QEMU; call traces are left out. Each failure is explained by the
 * rule of its own kernel: the numbers were checked by hand against {@code __zone_watermark_ok()} of that version.
 */
class FailureLogsTest {
    private static final String SWAP =
            "swap, or less memory in use: the list of tasks in the log shows who has how much";
    private static final String CANNOT_WAIT_REMEDY =
            "GFP_KERNEL from a context that may sleep (a workqueue, a threaded interrupt): it could have waited";
    private static final String HIGHMEM_REMEDY =
            "__GFP_HIGHMEM, with kmap() where the kernel touches the page: high memory is free";
    private static final String COSTLY =
            "orders above 3 are costly: the kernel gives up soon, and kills nobody for them";
    private static final String VMALLOC =
            "vmalloc(), or kvmalloc() from 4.12 on, if the memory need not be contiguous: it takes single pages";

    @TempDir
    Path temp;

    private static FailureLog log(String name) {
        return Clones.CAPTURES.openLog(Samples.FOLDER.resolve("logs").resolve(name + ".txt"));
    }

    private static void header(FailureLog log, String kind, String task, long number, String gfp, int order) {
        assertThat(log.kind()).isEqualTo(kind);
        assertThat(log.task()).isEqualTo(task);
        assertThat(log.gfpNumber()).isEqualTo(number);
        assertThat(log.gfp()).isEqualTo(gfp);
        assertThat(log.order()).isEqualTo(order);
        assertThat(log.failure().reason()).isEqualTo(log.reasons().get(0));
    }

    private static List<String> rules(FailureLog log) {
        return log.failure().zones().stream()
                .map(AllocFailure.ZoneVerdict::text)
                .toList();
    }

    @Test
    void outOfMemoryIn2_6_24() {
        FailureLog log = log("2.6.24.3-oom");
        header(log, "oom", "init", 0x1280d2, "GFP_HIGHUSER_MOVABLE|GFP_ZERO", 0);
        assertThat(rules(log))
                .containsExactly(
                        "zone Normal: 190 free pages that count <= min watermark 190 + lowmem_reserve 0",
                        "zone DMA: 110 free pages that count <= min watermark 63 + lowmem_reserve 47");
        assertThat(log.reasons())
                .containsExactly(
                        "Normal is 4 kB short: 760 kB count as free, more than 760 kB (its min watermark) must be",
                        "DMA has 440 kB free, but keeps 188 kB (lowmem_reserve) from requests that could have used"
                                + " Normal; 4 kB too few are left",
                        "there is no swap, so 57536 kB of anonymous memory cannot go anywhere; 0 kB of files are cached");
        assertThat(log.remedies()).containsExactly(SWAP);
    }

    @Test
    void outOfMemoryIn2_6_38WithHighMemory() {
        FailureLog log = log("2.6.38.5-oom");
        header(log, "oom", "init", 0x280da, "GFP_HIGHUSER_MOVABLE|GFP_ZERO", 0);
        assertThat(rules(log))
                .containsExactly(
                        "zone HighMem: 29 free pages that count <= min watermark 33 + lowmem_reserve 0",
                        "zone Normal: 1982 free pages that count <= min watermark 932 + lowmem_reserve 1078",
                        "zone DMA: 1015 free pages that count <= min watermark 16 + lowmem_reserve 1000");
        assertThat(log.reasons())
                .startsWith(
                        "HighMem is 20 kB short: 116 kB count as free, more than 132 kB (its min watermark) must be",
                        "Normal has 7936 kB free, but keeps 4312 kB (lowmem_reserve) from requests that could have used"
                                + " HighMem; 116 kB too few are left");
        assertThat(log.remedies()).containsExactly(SWAP);
    }

    @Test
    void outOfMemoryOnArm() {
        FailureLog log = log("3.8.13-odroidx-oom");
        header(log, "oom", "init", 0x200da, "GFP_HIGHUSER_MOVABLE", 0);
        assertThat(rules(log))
                .containsExactly(
                        "zone HighMem: 65 free pages that count <= min watermark 65 + lowmem_reserve 0",
                        "zone Normal: 2972 free pages that count <= min watermark 878 + lowmem_reserve 2095");
        assertThat(log.remedies()).containsExactly(SWAP);
    }

    @Test
    void fragmentedIn2_6_32AndIn2_6_38() {
        FailureLog el6 = log("2.6.32-el6-frag");
        header(el6, "page allocation failure", "init", 0x4d0, "GFP_KERNEL|GFP_REPEAT", 9);
        assertThat(el6.reasons())
                .containsExactly(
                        "Normal is fragmented: 46756 kB are free, but no block of order 9 (2048 kB) can be taken;"
                                + " the most it could give is order 3 (32 kB)",
                        "DMA is fragmented: 5640 kB are free, but no block of order 9 (2048 kB) can be taken;"
                                + " the most it could give is order 8 (1024 kB)",
                        COSTLY);
        FailureLog mlinux = log("2.6.38.5-frag");
        assertThat(mlinux.reasons().get(0))
                .isEqualTo("Normal is fragmented: 19588 kB are free, but no block of order 9 (2048 kB) can be taken;"
                        + " the most it could give is order 5 (128 kB)");
        for (FailureLog log : List.of(el6, mlinux)) {
            assertThat(log.remedies())
                    .containsExactly("a smaller order: order 8 (1024 kB) would have come from DMA", VMALLOC);
        }
    }

    @Test
    void lowMemoryExhaustedWhileHighMemoryIsFree() {
        FailureLog log = log("6.1-686-pae-oomlow");
        header(log, "oom", "init", 0xcc0, "GFP_KERNEL", 0);
        assertThat(log.reasons())
                .containsExactly(
                        "low memory is exhausted while high memory has 142404 kB free, which GFP_KERNEL may not use",
                        "Normal is 12 kB short: 42560 kB count as free, more than 42568 kB (its min watermark) must be",
                        "DMA has 4104 kB free, but keeps 3352 kB (lowmem_reserve) from requests that could have used"
                                + " Normal; 12 kB too few are left",
                        "814840 kB are neither free nor cached, anonymous or slab: pages that the kernel or a driver"
                                + " took for itself");
        assertThat(log.remedies()).containsExactly(HIGHMEM_REMEDY, SWAP);
    }

    @Test
    void anAtomicRequestGoesDeeperButNotToTheGround() {
        FailureLog log = log("6.1-armmp-atomic");
        header(log, "page allocation failure", "init", 0xa20, "GFP_ATOMIC", 0);
        // 6.1: half of min is taken off for __GFP_HIGH, a quarter of the rest for those who cannot wait
        assertThat(rules(log))
                .containsExactly("zone DMA: 303 free pages that count <= min watermark 1094"
                        + " (of 2916, reduced for this request) + lowmem_reserve 0");
        assertThat(log.reasons())
                .contains("it could not wait for memory to be freed (GFP_ATOMIC): what is free at that moment must do");
        assertThat(log.remedies())
                .containsExactly(
                        HIGHMEM_REMEDY,
                        CANNOT_WAIT_REMEDY,
                        "vm.min_free_kbytes higher by 3168 kB or more, so that DMA had kept that much free for such a"
                                + " moment");
    }

    @Test
    void aRequestForDmaMemoryIsConfinedToItsZone() {
        FailureLog log = log("6.1-686-dma");
        header(log, "page allocation failure", "init", 0x801, "GFP_NOWAIT|GFP_DMA", 0);
        assertThat(log.reasons())
                .startsWith("the mask confines the request to zone DMA; the zones above it have 944472 kB free");
        assertThat(log.remedies())
                .contains(
                        "GFP_ATOMIC may go deeper into the reserves: DMA would have served it",
                        "without GFP_DMA, if the device reaches further: the zones above have memory");
    }

    @Test
    void aLargeBlockThatWouldBreakTheWatermark() {
        FailureLog log = log("6.1-686-order10");
        header(log, "page allocation failure", "init", 0x10cc0, "GFP_KERNEL|__GFP_NORETRY", 10);
        assertThat(rules(log))
                .containsExactly(
                        "zone Normal: 9079 free pages that count <= min watermark 10593 + lowmem_reserve 0",
                        "zone DMA: 769 free pages that count <= min watermark 190 + lowmem_reserve 832");
        assertThat(log.remedies()).startsWith("a smaller order: order 9 (2048 kB) would have come from DMA", VMALLOC);
    }

    @Test
    void theReportIsATarget() {
        FailureLog log = log("6.1-686-pae-oomawk");
        assertThat(log.target().version()).hasToString("6.1");
        List<ZoneView> zones = log.target().zones();
        assertThat(zones).extracting(zone -> zone.type().label()).startsWith("DMA", "Normal");
        ZoneView normal = zones.get(1);
        assertThat(normal.free()).isEqualTo(450);
        assertThat(normal.min()).isEqualTo(459);
        long listed = 0;
        for (int order = 0; order < normal.freeBlocks().size(); order++) {
            listed += normal.freeBlocks().get(order) << order;
        }
        assertThat(listed)
                .as("pages on the free lists, beside those of the counter")
                .isBetween(440L, 500L);
        assertThat(log.target().dmesg()).hasSize(28);
        assertThatThrownBy(() -> log.target().slabCaches())
                .isInstanceOf(NotCaptured.class)
                .hasMessage("a failure report in a log does not tell caches of objects");
    }

    @Test
    void aLogOfADaemonAmongOtherLinesAndGzipedReadsTheSame() throws IOException {
        FailureLog bare = log("2.6.38.5-frag");
        StringBuilder text = new StringBuilder("Nov 24 02:00:00 board sshd[12]: session opened\n");
        for (String line : Files.readAllLines(Samples.FOLDER.resolve("logs/2.6.38.5-frag.txt"))) {
            text.append("Nov 24 02:00:01 board kernel: ")
                    .append(line.replaceFirst("^<\\d>", "[   42.000000] "))
                    .append("\n");
        }
        Path file = temp.resolve("messages.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(text.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        FailureLog log = Clones.CAPTURES.openLog(file);
        assertThat(log.line()).isEqualTo(bare.line() + 1);
        assertThat(log.reasons()).isEqualTo(bare.reasons());
        assertThat(log.remedies()).isEqualTo(bare.remedies());
        assertThat(log.target().zones()).isEqualTo(bare.target().zones());
    }

    @Test
    void aLogWithoutAReportIsRefusedInOneLine() throws IOException {
        Path quiet = Files.writeString(temp.resolve("quiet.txt"), "[    0.000000] Linux version 6.1.0 ...\n");
        refused(
                quiet,
                "quiet.txt: no report of a failed allocation in it; one starts with"
                        + " 'init: page allocation failure: order:0, mode:0x20' or"
                        + " 'init invoked oom-killer: gfp_mask=0xd0, order=0'");
        refused(temp.resolve("none.txt"), "none.txt: no such file");
    }

    @Test
    void aReportThatIsCutIsRefusedWithItsLine() throws IOException {
        List<String> lines = Files.readAllLines(Samples.FOLDER.resolve("logs/2.6.38.5-frag.txt"));
        Path cut = Files.write(temp.resolve("cut.txt"), lines.subList(0, 5));
        refused(cut, "cut.txt:1: no zones follow this header");
    }

    private static void refused(Path path, String message) {
        assertThatThrownBy(() -> Clones.CAPTURES.openLog(path))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .message()
                .doesNotContain("\n");
    }
}
