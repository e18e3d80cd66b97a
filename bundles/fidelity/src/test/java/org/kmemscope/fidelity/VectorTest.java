package org.kmemscope.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kmemscope.api.fidelity.FidelityReport;
import org.kmemscope.api.fidelity.FidelityReport.Family;

/**
 * Operations of real 6.1 kernels from a known state: the model answers each with the same page or address, and ends in the same state. A few
 * vectors of each kind; {@code VectorSweepTest} runs others.
 */
class VectorTest {
    static final Path FOLDER = Path.of("src/test/resources/org/kmemscope/fidelity/vectors");

    static Stream<String> machines() throws IOException {
        try (Stream<Path> folders = Files.list(FOLDER)) {
            return folders
                    .filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    static List<Family> vectors(FidelityReport report) {
        return report.families().stream()
                .filter(family -> family.name().endsWith(" vectors"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("machines")
    void everyOperationOfARealKernelHasTheSameAnswer(String machine) {
        List<Family> families = vectors(Bench.compare(FOLDER.resolve(machine)));
        assertThat(families).hasSize(6);
        for (Family family : families) {
            assertThat(family.differences()).as(family.name()).isEmpty();
            assertThat(family.notModelled()).as(family.name()).isEmpty();
            assertThat(family.score().equal())
                    .as(family.name())
                    .isEqualTo(family.score().checked());
        }
        assertThat(families.get(0).score().equal()).as("page vectors").isGreaterThan(4000);
        assertThat(families.get(1).score().equal()).as("vmalloc vectors").isGreaterThan(1200);
        assertThat(families.get(3).score().equal()).as("dma vectors").isGreaterThan(500);
    }
}
