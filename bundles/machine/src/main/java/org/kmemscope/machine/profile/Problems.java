package org.kmemscope.machine.profile;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong, so that one reading of a file tells all of it. */
final class Problems {
    private final List<String> lines = new ArrayList<>();

    /** Something is wrong with a value of the file. */
    void at(Node node, String format, Object... arguments) {
        at(node.where(), format, arguments);
    }

    /** Something is wrong at a place told in words: {@code file:line:column: key}, or {@code mem=16M}. */
    void at(String where, String format, Object... arguments) {
        lines.add(where + ": " + String.format(format, arguments));
    }

    /** Stops if anything was wrong so far. */
    void check() {
        if (!lines.isEmpty()) {
            throw new ProfileException(lines);
        }
    }
}
