package org.kmemscope.fidelity;

import java.nio.file.Path;

/** Subjects for tests of other packages. */
public final class SubjectsOfTests {
    private SubjectsOfTests() {}

    /** A capture and machines of its kind. */
    public static Subject of(Path capture) {
        return Bench.subject(capture);
    }
}
