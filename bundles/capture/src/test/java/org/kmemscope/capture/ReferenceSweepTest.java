package org.kmemscope.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.kmemscope.api.capture.Capture;
import org.kmemscope.api.capture.Captures;
import org.kmemscope.api.capture.MachineSeed;

/** All captures of a folder, named by the system property {@code kmemscope.reference}; not run by default. */
@EnabledIfSystemProperty(named = "kmemscope.reference", matches = ".+")
class ReferenceSweepTest {
    static List<Path> captures() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(System.getProperty("kmemscope.reference")), 6)) {
            return files.filter(file -> file.getFileName().toString().matches("dmesg-boot.txt"))
                    .map(Path::getParent)
                    .sorted()
                    .toList();
        }
    }

    private static void sweep(Captures captures) throws IOException {
        List<String> failures = new ArrayList<>();
        int count = 0;
        for (Path folder : captures()) {
            try {
                Capture capture = captures.open(folder);
                MachineSeed seed = capture.seed();
                System.out.println(folder.getFileName() + " " + seed.pages().isPresent() + " " + seed.exactLists() + " "
                        + seed.notes());
                Clones.check(capture, seed);
                count++;
            } catch (RuntimeException | AssertionError e) {
                StackTraceElement[] st = e.getStackTrace();
                failures.add(folder + ": " + e.toString().replace("\n", " | ")
                        + (e instanceof AssertionError
                                ? ""
                                : " at " + (st.length > 0 ? st[0] + " " + st[Math.min(1, st.length - 1)] : "")));
            }
        }
        System.out.println(count + " captures fine");
        assertThat(failures).isEmpty();
    }

    @Test
    void everyCaptureIsClonedFromTheShippedProfileOfItsKernel() throws IOException {
        sweep(Clones.CAPTURES);
    }

    @Test
    void everyCaptureIsClonedWithoutAnyProfile() throws IOException {
        sweep(Clones.BARE);
    }
}
