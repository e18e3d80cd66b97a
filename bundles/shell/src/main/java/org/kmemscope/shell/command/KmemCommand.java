package org.kmemscope.shell.command;

import picocli.CommandLine.Option;

/**
 * A command. picocli fills the fields of a fresh object for each use, then {@link #run} does the work. What is wrong is thrown:
 * {@link Failure} or {@link IllegalArgumentException} with one line.
 */
abstract class KmemCommand {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    /**
     * Does what was asked.
     *
     * @return a {@link Handle} or other value for the one who called, or {@code null}-free nothing as {@link #NOTHING}
     */
    abstract Object run(Call call);

    /** Whether the words are another command, with options of its own. */
    boolean takesCommand() {
        return false;
    }

    /** The answer of a command that makes nothing. */
    static final Object NOTHING = new Object();
}
