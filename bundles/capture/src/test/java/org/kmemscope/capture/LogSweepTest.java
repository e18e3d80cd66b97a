package org.kmemscope.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.kmemscope.api.capture.FailureLog;

/** All failure reports of a folder, named by the system property {@code kmemscope.reference}; not run by default. */
@EnabledIfSystemProperty(named = "kmemscope.reference", matches = ".+")
class LogSweepTest {
    private static final List<String> STARTS = List.of(" invoked oom-killer: ", ": page allocation failure");

    /** The console's copy of a log is cut where the machine was stopped. */
    private static List<Path> logs() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(System.getProperty("kmemscope.reference")), 6)) {
            return files.filter(file -> file.getFileName().toString().matches(".*dmesg.*\\.txt"))
                    .filter(LogSweepTest::hasReport)
                    .sorted()
                    .toList();
        }
    }

    private static boolean hasReport(Path file) {
        return Clones.BARE.open(file.getParent()).lines(file.getFileName().toString()).orElseThrow().stream()
                .anyMatch(line -> STARTS.stream().anyMatch(line::contains));
    }

    @Test
    void everyReportIsExplainedByAZoneThatRefused() throws IOException {
        List<Path> logs = logs();
        assertThat(logs).isNotEmpty();
        for (Path file : logs) {
            FailureLog log = Clones.CAPTURES.openLog(file);
            String name = file.toString();
            assertThat(log.failure().zones()).as(name).isNotEmpty().noneMatch(zone -> zone.fits());
            assertThat(log.reasons()).as(name).isNotEmpty();
            assertThat(log.remedies()).as(name).isNotEmpty();
            assertThat(log.target().zones()).as(name).isNotEmpty();
            System.out.println(name + ":" + log.line() + " " + log.task() + " " + log.gfp() + " order " + log.order());
            log.failure().zones().forEach(zone -> System.out.println("  zone    " + zone.text()));
            log.reasons().forEach(reason -> System.out.println("  why     " + reason));
            log.remedies().forEach(remedy -> System.out.println("  instead " + remedy));
        }
    }
}
