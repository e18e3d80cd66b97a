package org.kmemscope.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.kmemscope.itests.Kmemscope.Outcome;

/** The scripts of docs/dma-mistakes.md: each makes its mistake, and one line names it with the place in the driver. */
class DmaMistakesIT {
    private static final Path SCRIPTS = Kmemscope.ROOT.resolve("docs/examples/dma-mistakes");
    private static final String PLACE = "\\w+\\.\\w+:\\d+ \\[netcard\\]";

    /** What names each mistake. */
    private static Map<String, String> lines() {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("null-device", "WARNING: dma_alloc_coherent\\(\\) with a NULL device: .*, at " + PLACE);
        lines.put("wrong-variable", "wrong variable at " + PLACE + ": it prints 0x\\w+ beside bus address 0x");
        lines.put("vmalloc-buffer", "maps memory from vmalloc area .*\\[at " + PLACE);
        lines.put("out-of-reach", "is beyond its 28 address lines: memory out of its reach was mapped at " + PLACE);
        lines.put("unchecked-mapping", "failed to check map error.*\\[mapped at " + PLACE);
        lines.put("missing-sync-for-cpu", "dma_sync_single_for_cpu\\(\\) is missing before " + PLACE);
        lines.put("late-write", "dma_sync_single_for_device\\(\\) is missing after " + PLACE);
        lines.put("wrong-direction", "wrong direction at " + PLACE + ".*it has to be DMA_FROM_DEVICE");
        lines.put("shared-line", "shares cache line 0x\\w+ with what " + PLACE + " wrote");
        lines.put("early-free", "dma_unmap_single\\(\\) is missing before " + PLACE);
        return lines;
    }

    /** One process for all: each script boots a machine of its own. */
    @Test
    void eachScriptIsToldWhatItDoesWrong() throws IOException {
        StringBuilder all = new StringBuilder();
        for (String script : lines().keySet()) {
            all.append("echo \"== ").append(script).append("\"\n");
            all.append(Files.readString(SCRIPTS.resolve(script + ".gosh")));
        }
        Path file = Kmemscope.scratch().resolve("all-mistakes.gosh");
        Files.writeString(file, all);

        Outcome outcome = Kmemscope.run("run", file.toString());

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.out().split("no contradiction", -1)).hasSize(lines().size() + 1);
        assertThat(outcome.err().lines()).noneMatch(line -> line.contains("panic"));
        String told = outcome.err();
        int from = 0;
        for (Map.Entry<String, String> expected : lines().entrySet()) {
            assertThat(told.substring(from)).as(expected.getKey()).containsPattern(expected.getValue());
            java.util.regex.Matcher line =
                    java.util.regex.Pattern.compile(expected.getValue()).matcher(told);
            assertThat(line.find(from)).isTrue();
            from = line.end();
        }
    }

    @Test
    void everyScriptIsInTheDocument() throws IOException {
        String document = Files.readString(Kmemscope.ROOT.resolve("docs/dma-mistakes.md"));
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            List<String> names =
                    files.map(file -> file.getFileName().toString()).sorted().toList();
            assertThat(names).hasSize(lines().size()).allSatisfy(name -> assertThat(document)
                    .contains("`" + name + "`"));
            assertThat(lines().keySet().stream().map(name -> name + ".gosh").sorted())
                    .isEqualTo(names);
        }
    }
}
