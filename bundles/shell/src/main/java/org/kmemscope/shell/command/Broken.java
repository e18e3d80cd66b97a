package org.kmemscope.shell.command;

/** A command failed in a way that is nobody's mistake but ours. */
public final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Broken(String command, RuntimeException cause) {
        super("internal error in " + command + ": " + cause, cause);
    }
}
