package org.kmemscope.highmem;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kmemscope.api.highmem.Highmem;
import org.kmemscope.api.machine.Machine;

/** 6,000 kmap and kunmap and hundreds of kmap_local of real kernels of 6.1, with the address each was answered with. */
class KmapVectorTest {
    @ParameterizedTest
    @CsvSource({
        "linux-6.1-686-pae, i386-686-pae-1024M-seed1-vec-kmap",
        "linux-6.1-686, i386-686-1024M-seed1-vec-kmap",
        "linux-6.1-armmp, armhf-armmp-1024M-seed1-vec-kmap"
    })
    void everyCallGetsTheRealKernelsAddress(String profile, String vector) throws IOException {
        Machine machine = TestMachines.boot(profile);
        Replay replay = new Replay(machine);
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(KmapVectorTest.class.getResourceAsStream("vectors/" + vector + ".txt.gz")),
                StandardCharsets.UTF_8))) {
            in.lines().forEach(replay::run);
        }
        assertThat(replay.calls).isGreaterThan(6600);
        assertThat(machine.verify().problems()).isEmpty();
    }

    private static final class Replay {
        private final Machine machine;
        private final Highmem highmem;
        private int[] pages = {};
        private int calls;

        Replay(Machine machine) {
            this.machine = machine;
            highmem = machine.highmem();
        }

        void run(String line) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "CONST" -> checkConstants(fields(line));
                case "PAGES" -> pages = pfns(fields(line).get("pfns"));
                case "PKMAP" -> assertThat(slots()).as(words[1]).isEqualTo(words.length > 2 ? words[2] : "");
                case "K" -> map(words, line);
                case "U" -> {
                    calls++;
                    highmem.kunmap(pages[Integer.parseInt(words[2])]);
                }
                case "PA" -> checkAddresses(words);
                case "L" -> mapLocal(fields(line), line);
                case "l" -> {
                    calls++;
                    highmem.kunmapLocal(Long.parseLong(fields(line).get("addr"), 16));
                }
                default -> assertThat(words[0]).isIn("VECTOR", "PRNG", "KMAPLOCAL", "VECTOR-END");
            }
        }

        private void checkConstants(Map<String, String> constants) {
            assertThat(Long.toHexString(machine.layout().pkmapBase())).isEqualTo(constants.get("pkmap_base"));
            assertThat(machine.layout().lastPkmap()).isEqualTo(Integer.parseInt(constants.get("last_pkmap")));
            assertThat(machine.layout().kmapSlotsPerCpu()).isEqualTo(Integer.parseInt(constants.get("km_max_idx")));
            assertThat(Long.toHexString(machine.layout().kmapFixmap())).isEqualTo(constants.get("fix_kmap_begin"));
        }

        private void map(String[] words, String line) {
            calls++;
            boolean prime = words[1].equals("prime");
            int page = Integer.parseInt(prime ? fields(line).get("page") : words[2]);
            String expected = prime ? fields(line).get("addr") : words[3];
            assertThat(Long.toHexString(highmem.kmap(pages[page]))).as(line).isEqualTo(expected);
            if (prime) {
                // it only tells where the search stands
                highmem.kunmap(pages[page]);
            }
        }

        private void mapLocal(Map<String, String> fields, String line) {
            calls++;
            long address = highmem.kmapLocal(Integer.parseInt(fields.get("pfn"), 16));
            assertThat(Long.toHexString(address)).as(line).isEqualTo(fields.get("addr"));
        }

        private void checkAddresses(String[] words) {
            for (int i = 2; i < words.length; i++) {
                String[] pair = words[i].split(":");
                assertThat(Long.toHexString(highmem.pageAddress(pages[Integer.parseInt(pair[0])])))
                        .as(words[1] + " page " + pair[0])
                        .isEqualTo(pair[1]);
            }
        }

        private String slots() {
            return highmem.windows().stream()
                    .filter(window -> window.kind().equals("pkmap"))
                    .map(window -> window.slot() + ":" + Integer.toHexString(window.pfn()))
                    .collect(Collectors.joining(","));
        }

        private static Map<String, String> fields(String line) {
            Map<String, String> fields = new HashMap<>();
            for (String word : line.split(" ")) {
                int equals = word.indexOf('=');
                if (equals > 0) {
                    fields.put(word.substring(0, equals), word.substring(equals + 1));
                }
            }
            return fields;
        }

        /** {@code A}, or {@code A+S*N} and {@code A-S*N} for N pfns with distance S. */
        private static int[] pfns(String text) {
            return List.of(text.split(",")).stream()
                    .flatMapToInt(part -> {
                        if (!part.contains("*")) {
                            return java.util.stream.IntStream.of(Integer.parseInt(part, 16));
                        }
                        int sign = Math.max(part.indexOf('+'), part.indexOf('-'));
                        int star = part.indexOf('*');
                        int first = Integer.parseInt(part.substring(0, sign), 16);
                        int step = Integer.parseInt(part.substring(sign + 1, star), 16)
                                * (part.charAt(sign) == '-' ? -1 : 1);
                        return java.util.stream.IntStream.range(0, Integer.parseInt(part.substring(star + 1)))
                                .map(i -> first + i * step);
                    })
                    .toArray();
        }
    }
}
