package org.kmemscope.fidelity.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.kmemscope.api.capture.Capture;

/**
 * The lines of a vector file, as the kernel module printed them.
 *
 * <pre>
 *   VECTOR page-a seed=1 ...          what it is
 *   CONST ...  PRNG ...               what it was made with
 *   STATE start ... STATE-END start   states; their lines are not looked at here
 *   A 0 0 2800 1f28 1                 operations
 *   VECTOR-END page-a overflow=0      that it is whole
 * </pre>
 */
final class VectorText {
    private static final String END = "VECTOR-END";
    private static final String COPY = "copy the whole vector";

    private final String capture;
    private final String file;
    private final List<String> lines;

    private VectorText(String capture, String file, List<String> lines) {
        this.capture = capture;
        this.file = file;
        this.lines = lines;
    }

    /** A vector of a capture. */
    static VectorText of(Capture capture, String file) {
        return of(capture.name(), file, capture.lines(file).orElse(List.of()));
    }

    static VectorText of(String capture, String file, List<String> lines) {
        return new VectorText(capture, file, lines);
    }

    /** Name of the file within the capture. */
    String file() {
        return file;
    }

    /** The name without its endings, for people. */
    String name() {
        return file.replaceFirst("\\.txt(\\.gz)?$", "");
    }

    /** Where a line is, for a report. */
    String where(int line) {
        return file + ":" + (line + 1);
    }

    /** A complaint about a line. */
    IllegalArgumentException wrong(int line, String what, String right) {
        return new IllegalArgumentException(capture + "/" + file + ":" + (line + 1) + ": " + what + "; " + right);
    }

    /** A complaint about a file that is not whole. */
    IllegalArgumentException cut(String what) {
        return wrong(Math.max(0, lines.size() - 1), what, COPY);
    }

    /**
     * Gives every line outside of states to a reader, in order.
     *
     * @throws IllegalArgumentException if the file is not whole, or the kernel had no room for all operations
     */
    void read(Consumer<Line> reader) {
        boolean ended = false;
        for (int i = 0; i < lines.size(); i++) {
            Line line = new Line(this, i, lines.get(i));
            if (line.is("STATE")) {
                i = endOfState(i, line.word(1));
            } else if (line.is(END)) {
                ended = true;
                if (line.decimal("overflow") != 0) {
                    throw wrong(i, "the kernel had no room for all operations", "record a shorter vector");
                }
            } else if (!line.text().isBlank()) {
                reader.accept(line);
            }
        }
        if (!ended) {
            throw cut("there is no '" + END + "'");
        }
    }

    private int endOfState(int from, String tag) {
        for (int i = from; i < lines.size(); i++) {
            if (lines.get(i).equals("STATE-END " + tag)) {
                return i;
            }
        }
        throw wrong(from, "'STATE " + tag + "' has no 'STATE-END " + tag + "'", COPY);
    }

    /** The lines between one and the line that begins with a word. */
    List<Line> section(int from, String end) {
        List<Line> section = new ArrayList<>();
        for (int i = from + 1; i < lines.size(); i++) {
            Line line = new Line(this, i, lines.get(i));
            if (line.is(end)) {
                return section;
            }
            section.add(line);
        }
        throw wrong(from, "there is no '" + end + "' after it", COPY);
    }
}
