package org.kmemscope.fidelity.vector;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.kmemscope.api.capture.Capture;

/**
 * The lines of a vector file, as the kernel module printed them.
 *
 * <pre>
 *   VECTOR page-a seed=1 ...          what it is
 *   CONST ...  PRNG ...               what it was made with
 *   STATE start ... STATE-END start   states, and other blocks that the capture itself reads
 *   A 0 0 2800 1f28 1                 operations
 *   VECTOR-END page-a overflow=0      that it is whole
 * </pre>
 */
final class VectorText {
    private static final String END = "VECTOR-END";
    /** What goes on to the line with the same word and -END. */
    private static final Set<String> BLOCKS = Set.of("STATE", "VMALLOCINFO", "VTREE");

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
    MalformedVector wrong(int line, String what, String right) {
        return new MalformedVector(capture + "/" + file + ":" + (line + 1) + ": " + what + "; " + right);
    }

    /** A complaint about a file that is not whole. */
    MalformedVector cut(String what) {
        return wrong(Math.max(0, lines.size() - 1), what, COPY);
    }

    /**
     * Gives every line outside of states and lists of areas to a reader, in order; of those only the first.
     *
     * @throws IllegalArgumentException if the file is not whole, or the kernel had no room for all operations
     */
    void read(Consumer<Line> reader) {
        boolean ended = false;
        for (int i = 0; i < lines.size(); i++) {
            Line line = new Line(this, i, lines.get(i));
            if (line.is(END)) {
                ended = true;
                if (line.decimal("overflow") != 0) {
                    throw line.wrong("the kernel had no room for all operations", "record a shorter vector");
                }
            } else if (!line.text().isBlank()) {
                reader.accept(line);
            }
            if (BLOCKS.contains(line.word(0))) {
                i = endOfBlock(line);
            }
        }
        if (!ended) {
            throw cut("there is no '" + END + "'");
        }
    }

    private int endOfBlock(Line first) {
        String word = first.word(0);
        String end = word + "-END" + first.text().substring(word.length()).stripTrailing();
        for (int i = first.number(); i < lines.size(); i++) {
            if (lines.get(i).stripTrailing().equals(end)) {
                return i;
            }
        }
        throw first.wrong("'" + first.text() + "' has no '" + end + "'", COPY);
    }
}
