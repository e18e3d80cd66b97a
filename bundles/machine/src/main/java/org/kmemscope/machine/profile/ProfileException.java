package org.kmemscope.machine.profile;

import java.util.List;

/**
 * A profile or a machine specification is wrong. Each problem is one line that says where, what, and what would be right; the
 * message is the first of them.
 */
public final class ProfileException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    ProfileException(List<String> problems) {
        super(problems.get(0) + (problems.size() == 1 ? "" : " (and " + (problems.size() - 1) + " more)"));
        this.problems = List.copyOf(problems);
    }

    ProfileException(String problem) {
        this(List.of(problem));
    }

    /** Everything that is wrong, in the order of the file. */
    public List<String> problems() {
        return problems;
    }
}
