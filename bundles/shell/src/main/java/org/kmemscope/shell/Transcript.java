package org.kmemscope.shell;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import org.kmemscope.shell.command.Desk;
import org.kmemscope.shell.command.Source;

/**
 * A session at the prompt without a terminal: shows the prompt and each line of standard input as if somebody typed it, and goes on
 * after a failure. What comes out reads like a terminal's screen.
 */
final class Transcript {
    private static final String CONTINUED = "> ";

    private final Desk desk;
    private final Runner runner;
    private final PrintStream out;

    Transcript(Desk desk, Runner runner, PrintStream out) {
        this.desk = desk;
        this.runner = runner;
        this.out = out;
    }

    int run(BufferedReader in, String banner) throws IOException {
        out.print(banner + "\n");
        StringBuilder text = new StringBuilder();
        int number = 1;
        int first = 1;
        for (String line = in.readLine(); line != null && !runner.left(); line = in.readLine(), number++) {
            out.print((text.isEmpty() ? Prompt.text(desk) : CONTINUED) + line + "\n");
            text.append(text.isEmpty() ? "" : "\n").append(line);
            if (!Runner.isIncomplete(text.toString())) {
                runner.run(text.toString(), new Source("console", first, true));
                text.setLength(0);
                first = number + 1;
            }
        }
        return Status.OK;
    }
}
