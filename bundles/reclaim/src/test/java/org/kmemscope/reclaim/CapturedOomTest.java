package org.kmemscope.reclaim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kmemscope.api.capture.FailureLog;
import org.kmemscope.api.error.TaskKilled;
import org.kmemscope.api.reclaim.UserTasks;
import org.kmemscope.api.view.ZoneView;

/**
 * Machines resumed from captures and driven out of memory as the captured ones were: how many pages each zone has left, and what the kernel
 * says.
 *
 * <p>A zone can stand below the point at which the watermark fails by what is taken between two looks at it: the batch of a per-CPU list less
 * one, and what the CPUs have not added to the counter. Where in that range it stands depends on all that happened before; a uniprocessor
 * kernel with batches of one page leaves no choice.
 */
class CapturedOomTest {
    private static final long MORE_THAN_ALL = 300_000;

    @TempDir
    Path temp;

    private static Rig touchUntilKilled(String name) {
        Rig rig = Samples.resume(name);
        int pid = rig.spawn("init");
        rig.call(() -> {
            rig.tasks().setOomAdjust(pid, rig.tasks().oomAdjustRange().get(1));
            return null;
        });
        rig.sysctl("overcommit_memory", "1");
        UserTasks.Touched touched = rig.touch(pid, MORE_THAN_ALL);
        assertThat(touched.outcome()).isEqualTo(UserTasks.Outcome.KILLED);
        assertThat(rig.tasks().tasks()).isEmpty();
        return rig;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2.6.24.3-atv-slab-64M-oom",
                "2.6.29-goldfish-slub-64M-oom",
                "2.6.38.5-mlinux-slab-1024M-oom",
                "3.8.13-odroidx-smdkc210-1024M-oom",
                "i386-686-pae-256M-1cpu-oomawk"
            })
    void anonymousMemoryEndsWhereItEnded(String name) {
        Rig rig = touchUntilKilled(name);

        compare(name, rig);
        assertThat(rig.counter("oom_kill")).isEqualTo(1);
        rig.verify();
    }

    @Test
    void kernelMemoryEndsWhereItEnded() {
        String name = "i386-686-pae-1024M-1cpu-oomlow";
        Rig rig = Samples.resume(name);

        assertThatThrownBy(() -> {
                    while (rig.alloc("GFP_KERNEL", 0) >= 0) {
                        // all there is
                    }
                })
                .isInstanceOf(TaskKilled.class);

        compare(name, rig);
        // nothing can be reclaimed: one look was enough, and kswapd gave up
        assertThat(rig.counter("allocstall_normal")).isEqualTo(1);
        assertThat(rig.counter("compact_stall")).isZero();
        assertThat(rig.machine.reclaim().kswapd().failures()).isEqualTo(NodeKswapd.MOST_FAILURES);
        rig.verify();
    }

    private void compare(String name, Rig rig) {
        List<String> report = rig.lastReport();
        assertThat(Layout.of(report)).containsExactlyElementsOf(Layout.of(Samples.logLines(name)));
        FailureLog captured = Samples.CAPTURES.openLog(Samples.log(name));
        FailureLog modelled = Samples.CAPTURES.openLog(write(report));
        assertThat(modelled.kind()).isEqualTo("oom");
        assertThat(modelled.gfpNumber()).isEqualTo(captured.gfpNumber());
        assertThat(modelled.order()).isEqualTo(captured.order());
        for (ZoneView there : captured.target().zones()) {
            if (!there.populated()) {
                continue;
            }
            String label = there.type().label();
            ZoneView zone = zone(modelled, label);
            ZoneView now = rig.zone(label);
            long batch = now.pageSets().get(0).lists().get(0).batch();
            assertThat(zone.free())
                    .as(name + " " + label)
                    .isCloseTo(there.free(), within(batch - 1 + now.statThreshold() + moved(there, zone)));
            if (batch == 1 && now.statThreshold() == 0) {
                assertThat(zone.freeBlocks()).as(name + " " + label).isEqualTo(there.freeBlocks());
            }
        }
    }

    /** By how much the two machines differ in where the watermark fails, if one was captured without all of its zones. */
    private static long moved(ZoneView one, ZoneView other) {
        return Math.abs(limit(one) - limit(other));
    }

    private static long limit(ZoneView zone) {
        return zone.min()
                + zone.protection().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    private static ZoneView zone(FailureLog log, String label) {
        return log.target().zones().stream()
                .filter(zone -> zone.type().label().equals(label))
                .findFirst()
                .orElseThrow();
    }

    private Path write(List<String> lines) {
        try {
            return Files.write(temp.resolve("dmesg.txt"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
