package org.kmemscope.api.capture;

import java.nio.file.Path;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Opens captures and kernel logs. Stateless. */
@ProviderType
public interface Captures {
    /**
     * Opens a capture: a directory, a tar (also gzip'ed) or a zip of one, or a bare copy of {@code /proc} files. Partial captures are
     * fine.
     *
     * @throws IllegalArgumentException with one line that says which file and line is wrong and what would be right
     */
    Capture open(Path path);

    /**
     * Finds captures: what can be opened itself, or all that are in a folder of several, a few levels deep.
     *
     * @return what {@link #open} takes, sorted by name; at least one
     * @throws IllegalArgumentException with one line, if there is none
     */
    List<Path> find(Path path);

    /**
     * Reads a kernel log with an out-of-memory or page-allocation-failure report, 2.6 to 6.x, 32 or 64 bit.
     *
     * @throws IllegalArgumentException with one line, if there is no such report in it or it is malformed
     */
    FailureLog openLog(Path path);
}
