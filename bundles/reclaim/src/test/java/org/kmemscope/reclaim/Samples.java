package org.kmemscope.reclaim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.kmemscope.api.capture.Capture;
import org.kmemscope.api.capture.Captures;
import org.kmemscope.capture.CaptureService;
import org.kmemscope.gfp.EraGfpProvider;

/** Captures and logs of real kernels among the test resources; README.md there tells where they are from. */
final class Samples {
    static final Captures CAPTURES = new CaptureService(new EraGfpProvider(), Rig.FACTORY::byRelease);

    private static final Path FOLDER = Path.of("src/test/resources/org/kmemscope/reclaim");

    private Samples() {}

    static Capture capture(String name) {
        return CAPTURES.open(FOLDER.resolve("captures").resolve(name + ".tar.gz"));
    }

    /** A machine in the captured state. */
    static Rig resume(String name) {
        return new Rig(Rig.FACTORY.boot("clone", capture(name).seed(), Rig.providers()));
    }

    static Path log(String name) {
        return FOLDER.resolve("logs").resolve(name + ".txt");
    }

    /** Lines of a log without levels and times. */
    static List<String> logLines(String name) {
        try {
            return Files.readAllLines(log(name)).stream()
                    .map(line -> line.replaceFirst("^(<\\d>)?(\\[ *\\d+\\.\\d+] )?", ""))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
