package org.kmemscope.shell.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code ps}, {@code spawn}, {@code touch} and the others for tasks; {@code pagecache}, {@code swapon}, {@code kswapd}, {@code sysctl}. */
class ReclaimCommandsTest {
    private final TestDesk desk = new TestDesk("i386-32m");

    private long vmstat(String name) {
        return desk.machine().views().vmstat().stream()
                .filter(counter -> counter.name().equals(name))
                .findFirst()
                .orElseThrow()
                .value();
    }

    @Test
    void aTaskIsStartedTouchesMemoryAndEnds() {
        String pid = desk.run("spawn", "hog", "--uid", "1000").toString();

        assertThat(desk.print("touch", pid, "1M")).isEqualTo("hog (" + pid + ") touched 256 pages\n");
        assertThat(desk.print("ps"))
                .startsWith("PID  UID   VSZ   ANON")
                .containsPattern(pid + " +1000 +1024 +1024 +0 +0 +4 +0 +0 +hog\n");
        assertThat(desk.print("meminfo")).containsPattern("AnonPages: +1024 kB");
        desk.run("choom", pid, "15");
        desk.run("mlockall", pid);
        assertThat(desk.print("ps")).containsPattern("1024 +15 +hog\n");
        desk.run("munlockall", pid);
        desk.run("madvise", pid, "512k");
        assertThat(desk.print("touch", pid)).contains("touched 128 pages");
        assertThat(desk.print("ps", "--json")).contains("\"anonRss\" : 128", "\"oomAdjust\" : 15");

        desk.run("kill", pid);
        assertThat(desk.print("ps").lines()).hasSize(1);
        assertThatThrownBy(() -> desk.run("touch", pid, "4k"))
                .hasMessage("touch: no task has pid " + pid + "; spawn one");
        assertThat(desk.print("verify")).contains("no contradiction");
    }

    @Test
    void theKillerTakesATaskAndSaysSo() {
        String pid = desk.run("spawn", "hog").toString();
        desk.run("sysctl", "vm.overcommit_memory=1");

        assertThatThrownBy(() -> desk.run("touch", pid, "64M"))
                .isInstanceOf(Failure.class)
                .hasMessageMatching("touch: hog \\(" + pid + "\\) was killed after \\d+ pages: .*");
        assertThat(desk.err())
                .contains("hog invoked oom-killer: gfp_mask=0x1280d2, order=0, oomkilladj=0")
                .contains("Out of memory: kill process " + pid + " (hog) score ")
                .doesNotContain("Mem-info");
        assertThat(desk.print("dmesg")).contains("Mem-info:");
        assertThat(desk.print("verify")).contains("no contradiction");
    }

    @Test
    void whatOvercommitRefusesIsToldAsTheSystemCallDoes() {
        String pid = desk.run("spawn", "hog").toString();
        desk.run("sysctl", "vm.overcommit_memory=2");

        assertThatThrownBy(() -> desk.run("touch", pid, "64M"))
                .hasMessage("touch: mmap: Cannot allocate memory: more than vm.overcommit_memory allows");
    }

    @Test
    void filesAreReadWrittenAndDropped() {
        assertThat(desk.print("pagecache", "read", "data", "1M")).isEqualTo("read data: 256 pages\n");
        assertThat(desk.print("pagecache", "write", "log", "4k", "--at", "8k")).isEqualTo("write log: 1 pages\n");
        assertThat(desk.print("pagecache"))
                .startsWith("PAGES  ACTIVE  DIRTY  WRITEBACK  MLOCKED  FILE\n")
                .containsPattern("256 +0 +0 +0 +0 +data\n")
                .containsPattern("1 +0 +1 +0 +0 +log\n");
        assertThat(desk.print("kswapd")).contains("kswapd0 (", " sleeping, order 0", "dirty 1, writeback 0");
        assertThat(desk.print("pagecache", "mlock", "data")).isEqualTo("mlock data: 256 pages\n");
        assertThat(desk.print("pagecache", "drop", "data")).isEqualTo("drop data: 0 pages\n");
        desk.run("pagecache", "munlock", "data");
        assertThat(desk.print("pagecache", "sync", "log")).isEqualTo("sync log: 1 pages\n");
        desk.run("sysctl", "vm.drop_caches=1");
        assertThat(desk.print("pagecache")).containsPattern("(?m)^0 .*data\n0 .*log$");
        assertThat(desk.print("pagecache", "delete", "log")).isEqualTo("delete log: 0 pages\n");
        assertThat(vmstat("pgpgin")).isEqualTo(256 * 4);
        assertThat(desk.print("verify")).contains("no contradiction");
    }

    @Test
    void wrongWordsForFilesGetOneLine() {
        assertThatThrownBy(() -> desk.run("pagecache", "read", "data"))
                .hasMessage("pagecache: read what? pagecache read FILE SIZE");
        assertThatThrownBy(() -> desk.run("pagecache", "drop", "data")).hasMessageStartingWith("pagecache: no file");
        assertThatThrownBy(() -> desk.run("pagecache", "write", "data", "4k", "--at", "8G"))
                .hasMessageStartingWith("pagecache: a file has pages 0 to ");
    }

    @Test
    void swapComesAndGoes() {
        desk.run("swapon", "8M");
        assertThat(desk.print("meminfo")).containsPattern("SwapTotal: +8192 kB");
        String pid = desk.run("spawn", "hog").toString();

        desk.run("touch", pid, "28M");

        assertThat(vmstat("pswpout")).isPositive();
        assertThatThrownBy(() -> desk.run("swapoff")).hasMessageMatching("swapoff: \\d+ pages are in swap; .*");
        desk.run("kill", pid);
        desk.run("swapoff");
        assertThat(desk.print("meminfo")).containsPattern("SwapTotal: +0 kB");
    }

    @Test
    void tunablesOfReclaimStandBesideThoseOfTheAllocator() {
        List<String> all = desk.print("sysctl", "-a").lines().toList();

        assertThat(all).isSorted().contains("vm.swappiness = 60", "vm.min_free_kbytes = 721");
        assertThat(desk.print("sysctl", "vm.swappiness=10")).isEqualTo("vm.swappiness = 10\n");
        assertThatThrownBy(() -> desk.run("sysctl", "vm.swappiness=101"))
                .hasMessage("sysctl: vm.swappiness takes 0 to 100, not 101");
        assertThatThrownBy(() -> desk.run("sysctl", "vm.swapiness"))
                .hasMessageContaining("did you mean vm.swappiness?");
    }

    @Test
    void tasksFilesAndTunablesAreCompleted() {
        String pid = desk.run("spawn", "hog").toString();
        desk.run("pagecache", "read", "data", "4k");
        Completion completion = new Completion(desk.desk(), List::of);

        assertThat(completion.words(List.of("touch"), "")).containsExactly(pid);
        assertThat(completion.words(List.of("kill"), "")).containsExactly(pid);
        assertThat(completion.words(List.of("pagecache", "drop"), "da")).containsExactly("data");
        assertThat(completion.words(List.of("pagecache"), "mu")).containsExactly("munlock");
        assertThat(completion.words(List.of("sysctl"), "vm.drop")).containsExactly("vm.drop_caches");
    }
}
