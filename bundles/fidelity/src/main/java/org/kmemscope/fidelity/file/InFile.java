package org.kmemscope.fidelity.file;

import java.util.List;
import java.util.function.Function;
import org.kmemscope.fidelity.Subject;

/** Reads a file of a capture, and says which one it was if it is malformed. */
public final class InFile {
    private InFile() {}

    /**
     * Reads it.
     *
     * @param reader of its lines; a complaint of its tells the line. There are none if the capture does not have the file
     * @throws IllegalArgumentException with one line that begins with the file's name
     */
    public static <T> T read(Subject subject, String file, Function<List<String>, T> reader) {
        try {
            return reader.apply(subject.lines(file).orElse(List.of()));
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException(file + ": a number is missing or is none: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }
}
