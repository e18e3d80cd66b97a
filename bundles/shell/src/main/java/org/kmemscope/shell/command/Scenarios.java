package org.kmemscope.shell.command;

import java.io.PrintStream;
import java.util.List;

/** Runs scripts for commands, in a session of their own. */
public interface Scenarios {
    /**
     * Runs a script from its first statement to the first that fails.
     *
     * @param desk whose machine its commands act on
     * @param text the script
     * @param source what it is called
     * @param arguments its {@code $1}, {@code $2}, ...
     * @param out what it prints goes here
     * @param err and here what the kernel and failures say
     * @return the exit status; 0 if nothing failed
     */
    int run(Desk desk, String text, Source source, List<String> arguments, PrintStream out, PrintStream err);
}
