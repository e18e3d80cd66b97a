package org.kmemscope.capture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.kmemscope.api.capture.FailureLog;

@EnabledIfSystemProperty(named = "kmemscope.reference", matches = ".+")
class LogSweepTest {
    @Test
    void all() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(System.getProperty("kmemscope.reference")), 6)) {
            for (Path p : files.filter(
                            f -> f.toString()
                                    .matches(
                                            ".*(oom-dmesg|frag-dmesg|dmesg-oomawk|dmesg-err-(oomlow|atomic_fail|order10_fail|kmalloc_atomic_fail|dma_fail)).txt"))
                    .sorted()
                    .toList()) {
                FailureLog log = Clones.CAPTURES.openLog(p);
                System.out.println("=== " + p);
                System.out.println(log.kind() + " line " + log.line() + " " + log.task() + " "
                        + Long.toHexString(log.gfpNumber()) + " " + log.gfp() + " order " + log.order());
                System.out.println("  " + log.failure().reason());
                log.failure().zones().forEach(z -> System.out.println("  Z " + z.text()));
                log.reasons().forEach(r -> System.out.println("  R " + r));
                log.remedies().forEach(r -> System.out.println("  M " + r));
            }
        }
    }
}
