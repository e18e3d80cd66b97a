package org.kmemscope.highmem;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.highmem.Highmem;
import org.kmemscope.api.machine.Machine;

/**
 * What a module inside six real kernels of 6.1 was told about kmap, kmap_atomic and kmap_local: every line it wrote down, with its
 * addresses. The same calls are made here in the same order. What depends on the pages it happened to get (pfn, zone) is left out, and
 * what is not answered by the windows: {@code virt_addr_valid}, {@code in_atomic}.
 */
class KmapCaptureTest {
    @ParameterizedTest
    @CsvSource({
        "linux-6.1-686-pae, i386-686-pae-1024M-1cpu",
        "'linux-6.1-686-pae,cpus=2', i386-686-pae-1024M-2cpu",
        "linux-6.1-686, i386-686-1024M-1cpu",
        "linux-6.1-armmp, armhf-armmp-1024M-1cpu",
        "linux-6.1-armmp-lpae, armhf-armmp-lpae-1024M-1cpu"
    })
    void windowsAreTheRealKernels(String profile, String capture) throws IOException {
        Machine machine = TestMachines.boot(profile);
        Script script = new Script(machine);
        script.run();
        assertThat(script.lines).isEqualTo(told(capture));
        assertThat(machine.verify().problems()).isEmpty();
    }

    /** 512 MB have no high memory: every page has its linear address. */
    @ParameterizedTest
    @CsvSource("'linux-6.1-686-pae,mem=512M', i386-686-pae-512M-1cpu")
    void withoutHighMemoryThereAreNoWindows(String profile, String capture) throws IOException {
        Machine machine = TestMachines.boot(profile);
        Highmem highmem = machine.highmem();
        int mask = machine.gfp().parse("GFP_HIGHUSER");
        for (Map<String, String> line : read(capture)) {
            if (!line.containsKey("kmap") || !line.containsKey("pfn")) {
                continue;
            }
            int pfn = Integer.decode(line.get("pfn"));
            assertThat(address(highmem.kmap(pfn))).isEqualTo(line.get("kmap"));
            assertThat(address(highmem.pageAddress(pfn))).isEqualTo(line.get("page_address"));
            assertThat(address(highmem.kmapLocal(pfn))).isEqualTo(line.get("kmap"));
            long atomic = highmem.kmapAtomic(pfn, "");
            assertThat(address(atomic)).isEqualTo(line.get("kmap"));
            highmem.kunmapAtomic(atomic);
            assertThat(machine.layout().isLowmem(machine.pages().allocPages(mask, 0)))
                    .isTrue();
        }
        assertThat(highmem.windows()).isEmpty();
    }

    private static String address(long value) {
        return "0x" + Long.toHexString(value);
    }

    /** A line by its words; "" leads to the first, the experiment. */
    private static List<Map<String, String>> read(String capture) throws IOException {
        List<Map<String, String>> lines = new ArrayList<>();
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                KmapCaptureTest.class.getResourceAsStream("captures/" + capture + ".txt"), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("EXP ")) {
                    Map<String, String> fields = new HashMap<>();
                    String[] words = line.split(" ");
                    fields.put("", words[1]);
                    for (int i = 2; i < words.length; i++) {
                        int equals = words[i].indexOf('=');
                        fields.put(words[i].substring(0, equals), words[i].substring(equals + 1));
                    }
                    lines.add(fields);
                }
            }
        }
        return lines;
    }

    private static List<String> told(String capture) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Map<String, String> fields : read(capture)) {
            String name = fields.get("");
            fields.keySet().removeAll(List.of("", "pfn", "zone", "virt_addr_valid", "in_atomic", "cpu"));
            if (name.equals("kmap_atomic")) {
                // kernels without CONFIG_PREEMPT_COUNT have none; the model always counts
                fields.remove("preempt_count");
            }
            if (!fields.isEmpty() && !name.endsWith("lowmem")) {
                lines.add(line(name, fields));
            }
        }
        assertThat(lines).hasSizeGreaterThan(35);
        return lines;
    }

    private static String line(String name, Map<String, String> fields) {
        return name + " " + new TreeMap<>(fields);
    }

    /** The module's calls. */
    private static final class Script {
        private final Machine machine;
        private final Highmem highmem;
        private final List<String> lines = new ArrayList<>();

        Script(Machine machine) {
            this.machine = machine;
            highmem = machine.highmem();
        }

        private void tell(String name, Object... fields) {
            Map<String, String> map = new HashMap<>();
            for (int i = 0; i < fields.length; i += 2) {
                Object value = fields[i + 1];
                map.put((String) fields[i], value instanceof Long address ? address(address) : String.valueOf(value));
            }
            lines.add(line(name, map));
        }

        void run() {
            int slots = machine.layout().lastPkmap();
            int[] pages = TestMachines.highPages(machine, 12);
            firstTen(pages);
            sameAgain(pages);
            walk(TestMachines.highPages(machine, slots + 128));
            threeDeep(pages);
            freshPage(TestMachines.highPages(machine, 1)[0]);
            fullDepth(pages);
        }

        private void firstTen(int[] pages) {
            for (int i = 0; i < 10; i++) {
                long before = highmem.pageAddress(pages[i]);
                long address = highmem.kmap(pages[i]);
                long slot = (address - machine.layout().pkmapBase()) / Profile.PAGE_SIZE;
                tell(
                        "kmap",
                        "n",
                        i,
                        "before",
                        before,
                        "kmap",
                        address,
                        "page_address",
                        highmem.pageAddress(pages[i]),
                        "slot",
                        Math.toIntExact(slot));
            }
            tell("kmap_twice", "kmap", highmem.kmap(pages[0]));
            highmem.kunmap(pages[0]);
            for (int i = 0; i < 10; i++) {
                highmem.kunmap(pages[i]);
            }
            for (int i = 0; i < 3; i++) {
                tell("kunmapped", "n", i, "page_address", highmem.pageAddress(pages[i]));
            }
        }

        private void sameAgain(int[] pages) {
            for (int i = 9; i >= 0; i--) {
                tell("kmap_again", "n", i, "kmap", highmem.kmap(pages[i]));
                highmem.kunmap(pages[i]);
            }
            for (int i = 0; i < 4; i++) {
                tell("kmap_same_page_cycle", "n", i, "kmap", highmem.kmap(pages[10]));
                highmem.kunmap(pages[10]);
            }
        }

        private void walk(int[] many) {
            Map<String, String> walked = new HashMap<>();
            walked.put("pages", String.valueOf(many.length));
            long before = 0;
            for (int i = 0; i < many.length; i++) {
                long address = highmem.kmap(many[i]);
                highmem.kunmap(many[i]);
                if (i == 0) {
                    walked.put("start", address(address));
                } else if (Math.abs(address - before) != Profile.PAGE_SIZE) {
                    walked.put("jump_at_" + i, address(before) + "->" + address(address));
                }
                before = address;
            }
            walked.put("end", address(before));
            lines.add(line("kmap_walk", walked));
            tell(
                    "kmap_walk_after",
                    "first_page_address",
                    highmem.pageAddress(many[0]),
                    "mid",
                    highmem.pageAddress(many[many.length / 2]),
                    "last",
                    highmem.pageAddress(many[many.length - 1]));
            int held = machine.layout().lastPkmap() - 8;
            for (int i = 0; i < held; i++) {
                long address = highmem.kmap(many[i]);
                if (i < 3 || i > held - 3) {
                    tell("kmap_hold", "n", i, "kmap", address);
                }
            }
            for (int i = 0; i < held; i++) {
                highmem.kunmap(many[i]);
            }
        }

        private void threeDeep(int[] pages) {
            long[] atomic = new long[3];
            for (int i = 0; i < 3; i++) {
                atomic[i] = highmem.kmapAtomic(pages[i], "");
            }
            assertThat(machine.context().preemptCount()).isEqualTo(3);
            tell(
                    "kmap_atomic",
                    "a",
                    atomic[0],
                    "b",
                    atomic[1],
                    "c",
                    atomic[2],
                    "page_address_a",
                    highmem.pageAddress(pages[0]));
            for (int i = 2; i >= 0; i--) {
                highmem.kunmapAtomic(atomic[i]);
            }
            long[] local = new long[3];
            for (int i = 0; i < 3; i++) {
                local[i] = highmem.kmapLocal(pages[i]);
            }
            tell(
                    "kmap_local",
                    "a",
                    local[0],
                    "b",
                    local[1],
                    "c",
                    local[2],
                    "idx",
                    localWindows(),
                    "preempt_count",
                    (long) machine.context().preemptCount());
            for (int i = 2; i >= 0; i--) {
                highmem.kunmapLocal(local[i]);
            }
            long again = highmem.kmapLocal(pages[0]);
            tell("kmap_local_again", "a", again);
            highmem.kunmapLocal(again);
        }

        private int localWindows() {
            return Math.toIntExact(highmem.windows().stream()
                    .filter(window -> window.kind().equals("kmap_local"))
                    .count());
        }

        private void freshPage(int fresh) {
            long alone = highmem.kmapLocal(fresh);
            tell("kmap_local_fresh", "a", alone, "page_address", highmem.pageAddress(fresh));
            highmem.kunmapLocal(alone);
            long persistent = highmem.kmap(fresh);
            long local = highmem.kmapLocal(fresh);
            tell("kmap_then_local", "kmap", persistent, "local", local);
            highmem.kunmapLocal(local);
            highmem.kunmap(fresh);
        }

        private void fullDepth(int[] pages) {
            long[] windows = new long[15];
            for (int i = 0; i < windows.length; i++) {
                windows[i] = highmem.kmapLocal(pages[i % 12]);
            }
            tell(
                    "kmap_local_depth",
                    "n",
                    windows.length,
                    "first",
                    windows[0],
                    "last",
                    windows[14],
                    "idx",
                    localWindows());
            for (int i = 14; i >= 0; i--) {
                highmem.kunmapLocal(windows[i]);
            }
        }
    }
}
