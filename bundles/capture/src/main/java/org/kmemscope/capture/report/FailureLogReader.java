package org.kmemscope.capture.report;

import java.nio.file.Path;
import org.kmemscope.api.capture.FailureLog;
import org.kmemscope.api.gfp.GfpProvider;

/** Reads kernel logs. */
public final class FailureLogReader {
    /** A reader. */
    public FailureLogReader(GfpProvider gfp) {}

    /** Reads a log. */
    public FailureLog read(Path path) {
        throw new IllegalArgumentException(path + ": no report");
    }
}
