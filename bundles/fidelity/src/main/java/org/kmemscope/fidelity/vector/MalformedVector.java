package org.kmemscope.fidelity.vector;

/** A vector file that is not what its name says. The message is one line: file, line, what is wrong, what would be right. */
final class MalformedVector extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    MalformedVector(String message) {
        super(message);
    }
}
