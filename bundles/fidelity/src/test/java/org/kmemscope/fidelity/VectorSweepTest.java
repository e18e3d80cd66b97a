package org.kmemscope.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kmemscope.api.fidelity.FidelityReport.Family;

/** All vectors of a folder, named by the system property {@code kmemscope.reference}; not run by default. */
@EnabledIfSystemProperty(named = "kmemscope.reference", matches = ".+")
class VectorSweepTest {
    private static final int DEPTH = 6;

    static Stream<Path> machines() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(System.getProperty("kmemscope.reference")), DEPTH)) {
            return files
                    .filter(file -> file.getFileName().toString().startsWith("vec-"))
                    .map(Path::getParent)
                    .distinct()
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("machines")
    void everyOperationHasTheSameAnswer(Path folder) {
        for (Family family : VectorTest.vectors(Bench.compare(folder))) {
            System.out.printf("%s: %s: %s%n", folder.getFileName(), family.name(), family.score());
            assertThat(family.differences()).as(family.name()).isEmpty();
            assertThat(family.notModelled()).as(family.name()).isEmpty();
        }
    }
}
