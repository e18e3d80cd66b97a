package org.kmemscope.shell.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code spawn}, {@code fork}, {@code mmap} and what else processes do, {@code maps} and {@code smaps}. */
class ProcessCommandsTest {
    private final TestDesk desk = TestDesk.withProcesses("linux-6.1-686-pae,mem=64M");
    private final String pid = desk.run("spawn", "sh").toString();

    @AfterEach
    void allAgrees() {
        assertThat(desk.machine().verify().problems()).isEmpty();
    }

    private String word(String name, String... words) {
        return desk.run(name, words).toString();
    }

    @Test
    void memoryOfAProcessIsMappedWrittenAndRead() {
        String area = word("mmap", pid, "3p");
        assertThat(area).isEqualTo("0xb7ffd000");
        desk.run("wr", "-u", pid, "-s", area, "hello");

        assertThat(desk.print("rd", "-u", pid, "-s", area)).isEqualTo("b7ffd000:  \"hello\"\n");
        assertThat(desk.print("rd", "-u", pid, area)).startsWith("b7ffd000:  6c6c6568");
        assertThat(desk.print("vtop", "-u", pid, area))
                .contains("PAGE DIRECTORY: ")
                .containsPattern("\\(PRESENT\\|RW\\|USER\\|ACCESSED\\|DIRTY\\|NX\\)");
        String child = word("fork", pid);
        assertThat(desk.print("vtop", "-u", child, area)).containsPattern("\\(PRESENT\\|USER\\|DIRTY\\|NX\\)");
        int pfn = (int) (desk.machine().locked(() -> desk.machine()
                        .processes()
                        .walk(Integer.parseInt(pid), 0xb7ff_d000L)
                        .phys())
                >>> 12);
        assertThat(desk.print("page", String.format("pfn:0x%x", pfn)))
                .contains("0xb7ffd000 of sh (pid " + pid + ")", "0xb7ffd000 of sh (pid " + child + ")");
        desk.run("munmap", pid, area, "3p");
        assertThatThrownBy(() -> desk.run("rd", "-u", pid, area))
                .hasMessage("rd: " + area + " is in no area of sh (pid " + pid + "): Bad address");
        assertThatThrownBy(() -> desk.run("rd", "-p", "-u", pid, area)).hasMessage("rd: -p and -u exclude each other");
        desk.run("exit", child);
        assertThat(desk.print("ps").lines()).hasSize(2);
    }

    @Test
    void mapsIsThatOfProc() {
        desk.run("malloc", pid, "100");
        desk.run("mmap", pid, "1M", "--read-only");

        assertThat(desk.print("maps", pid)).isEqualTo("""
                0804a000-0806b000 rw-p 00000000 00:00 0          [heap]
                b7f00000-b8000000 r--p 00000000 00:00 0\s
                bffdf000-c0000000 rw-p 00000000 00:00 0          [stack]
                """);
        assertThat(desk.print("maps", pid, "--json")).contains("\"name\" : \"[heap]\"");
    }

    @Test
    void smapsHasTheFieldsOfItsKernel() {
        String area = word("mmap", pid, "8p");
        desk.run("wr", "-u", pid, area, "1");
        word("fork", pid);

        assertThat(desk.print("smaps", pid)).startsWith("""
                b7ff8000-b8000000 rw-p 00000000 00:00 0\s
                Size:                 32 kB
                KernelPageSize:        4 kB
                MMUPageSize:           4 kB
                Rss:                   4 kB
                Pss:                   2 kB
                Pss_Dirty:             2 kB
                Shared_Clean:          0 kB
                Shared_Dirty:          4 kB
                Private_Clean:         0 kB
                Private_Dirty:         0 kB
                Referenced:            4 kB
                Anonymous:             4 kB
                LazyFree:              0 kB
                AnonHugePages:         0 kB
                ShmemPmdMapped:        0 kB
                FilePmdMapped:         0 kB
                Shared_Hugetlb:        0 kB
                Private_Hugetlb:       0 kB
                Swap:                  0 kB
                SwapPss:               0 kB
                Locked:                0 kB
                THPeligible:    0
                VmFlags: rd wr mr mw me ac\s
                bffdf000-""");
        TestDesk old = TestDesk.withProcesses("i386-32m");
        String other = old.run("spawn", "sh").toString();
        assertThat(old.print("smaps", other)).isEqualTo("""
                bffdf000-c0000000 rw-p bffdf000 00:00 0          [stack]
                Size:                132 kB
                Rss:                   0 kB
                Shared_Clean:          0 kB
                Shared_Dirty:          0 kB
                Private_Clean:         0 kB
                Private_Dirty:         0 kB
                Referenced:            0 kB
                """);
    }

    @Test
    void theHeapIsMovedAndMallocUsesIt() {
        assertThat(word("brk", pid)).isEqualTo("0x0804a000");
        assertThat(word("brk", pid, "+8k")).isEqualTo("0x0804c000");
        assertThatThrownBy(() -> desk.run("brk", pid, "0xd0000000")).hasMessage("brk: Cannot allocate memory");
        String object = word("malloc", pid, "1000");
        desk.run("free", pid, object);
        assertThat(word("malloc", pid, "1000")).isEqualTo(object);
        assertThatThrownBy(() -> desk.run("malloc", pid, "3G")).hasMessage("malloc: NULL: Cannot allocate memory");
    }

    @Test
    void whatTasksDoIsDoneByProcesses() {
        assertThat(desk.print("touch", pid, "1M")).isEqualTo("sh (" + pid + ") touched 256 pages\n");
        assertThat(desk.print("ps")).containsPattern(pid + " +0 +1156 +1024 +0 +0 +\\d+ +0 +0 +sh\n");
        desk.run("madvise", pid, "512k");
        assertThat(desk.print("touch", pid)).contains("touched 128 pages");
        desk.run("kill", pid);
        assertThat(desk.print("ps").lines()).hasSize(1);
    }
}
