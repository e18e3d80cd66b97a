package org.kmemscope.reclaim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.capture.FailureLog;
import org.kmemscope.api.error.TaskKilled;

/**
 * Reports of failed requests have the words and the layout of the machine's kernel, line by line as captured, and can be read as those of
 * real kernels can. The numbers are the machine's.
 */
class FailureReportTest {
    private static final int MORE_THAN_ALL = 1_000_000;

    @TempDir
    Path temp;

    private FailureLog read(List<String> report) throws IOException {
        return Samples.CAPTURES.openLog(Files.write(temp.resolve("dmesg.txt"), report));
    }

    private static void takeAll(Rig rig, String gfp, int order) {
        for (int i = 0; i < MORE_THAN_ALL && rig.alloc(gfp, order) >= 0; i++) {
            assertThat(i).isLessThan(MORE_THAN_ALL - 1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "2.6.32-642.el6.i686-pae-slab-128M-frag;  linux-2.6.32-el6-pae,mem=128M; GFP_KERNEL|__GFP_REPEAT; 9",
                "2.6.38.5-mlinux-slab-64M-frag;           linux-2.6.38-mlinux,mem=64M;   GFP_KERNEL|__GFP_REPEAT; 9",
                "i386-686-pae-1024M-1cpu-err-atomic_fail; linux-6.1-686-pae,mem=64M;     GFP_ATOMIC;              0",
                "i386-686-pae-1024M-1cpu-err-dma_fail;    linux-6.1-686-pae,mem=64M;     GFP_NOWAIT|GFP_DMA;      0",
                "i386-686-pae-1024M-1cpu-err-order10_fail; linux-6.1-686-pae,mem=64M;    GFP_KERNEL|__GFP_NORETRY; 10",
                "armhf-armmp-1024M-1cpu-err-atomic_fail;  linux-6.1-armmp,mem=256M;      GFP_ATOMIC;              0",
                "armhf-armmp-1024M-1cpu-err-order10_fail; linux-6.1-armmp,mem=256M;      GFP_KERNEL|__GFP_NORETRY; 10",
            })
    void aFailedRequestIsReportedAsCaptured(String log, String machine, String gfp, int order) throws IOException {
        Rig rig = Rig.boot(machine);

        takeAll(rig, gfp, order);

        List<String> report = rig.lastReport();
        assertThat(Layout.of(report)).containsExactlyElementsOf(Layout.of(Samples.logLines(log)));
        FailureLog read = read(report);
        assertThat(read.kind()).isEqualTo("page allocation failure");
        assertThat(read.gfpNumber()).isEqualTo(rig.machine.gfp().parse(gfp));
        assertThat(read.order()).isEqualTo(order);
        assertThat(read.failure().zones()).isNotEmpty();
        rig.verify();
    }

    @Test
    void theTaskThatAskedIsReportedAsCapturedOnArm() throws IOException {
        Rig rig = Rig.boot("linux-6.1-armmp,mem=256M");

        assertThatThrownBy(() -> takeAll(rig, "GFP_KERNEL", 0)).isInstanceOf(TaskKilled.class);

        List<String> report = rig.lastReport();
        assertThat(Layout.of(report))
                .containsExactlyElementsOf(Layout.of(Samples.logLines("armhf-armmp-1024M-1cpu-oomlow")));
        assertThat(read(report).kind()).isEqualTo("oom");
        rig.verify();
    }

    @Test
    void whoAsksNotToBeWarnedGetsNoReport() {
        Rig rig = Rig.boot("linux-6.1-686-pae,mem=64M");
        int lines = rig.log().size();

        takeAll(rig, "GFP_ATOMIC|__GFP_NOWARN", 0);

        assertThat(rig.log()).hasSize(lines);
    }

    @Test
    void reportsAreLimitedAndTheOthersCounted() {
        Rig rig = Rig.boot("linux-6.1-686-pae,mem=64M");
        takeAll(rig, "GFP_ATOMIC", 0);
        int lines = rig.log().size();

        rig.alloc("GFP_ATOMIC", 0);
        rig.alloc("GFP_ATOMIC", 0);
        assertThat(rig.log()).hasSize(lines);

        rig.machine.tick(11L * rig.machine.clock().hz());
        rig.alloc("GFP_ATOMIC", 0);
        assertThat(rig.log().subList(lines, rig.log().size()))
                .first()
                .asString()
                .isEqualTo("warn_alloc: 2 callbacks suppressed");
    }
}
