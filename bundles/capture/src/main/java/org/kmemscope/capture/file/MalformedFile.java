package org.kmemscope.capture.file;

/** A file that is not what its name says. The message is one line: file, line, what is wrong, what would be right. */
public final class MalformedFile extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    MalformedFile(String message) {
        super(message);
    }
}
