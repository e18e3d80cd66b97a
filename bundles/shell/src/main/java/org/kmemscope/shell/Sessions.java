package org.kmemscope.shell;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.kmemscope.shell.command.Desk;
import org.kmemscope.shell.command.Source;
import org.osgi.framework.Version;

/** What the console can be asked to do: a prompt, a line of commands, a script. */
final class Sessions {
    private static final String STANDARD_INPUT = "-";

    private final Desk desk;
    private final Settings settings;
    private final CommandSession session;
    private final Runner runner;
    private final InputStream in;
    private final PrintStream out;
    private final Version version;

    Sessions(
            Desk desk,
            Settings settings,
            CommandSession session,
            Runner runner,
            InputStream in,
            PrintStream out,
            Version version) {
        this.desk = desk;
        this.settings = settings;
        this.session = session;
        this.runner = runner;
        this.in = in;
        this.out = out;
        this.version = version;
    }

    /** Does what the words say; the exit status. */
    int run(List<String> words) {
        if (settings.bootAtOnce()) {
            try {
                desk.machine();
            } catch (IllegalArgumentException e) {
                System.err.println("kmemscope: " + e.getMessage());
                return Status.USAGE;
            }
        }
        return switch (words.get(0)) {
            case "commands" -> runner.run(words.get(1), Source.file("-c"));
            case "script" -> script(words.get(1), words.subList(2, words.size()));
            default -> interactive(settings.terminal());
        };
    }

    private int script(String file, List<String> arguments) {
        SideSessions.arguments(session, arguments);
        if (file.equals(STANDARD_INPUT)) {
            return interactive(false);
        }
        Path path = Path.of(file);
        try {
            int status = runner.run(
                    Files.readString(path, StandardCharsets.UTF_8),
                    Source.file(path.getFileName().toString()));
            return status == Status.OK && settings.stay() && !runner.left() ? interactive(settings.terminal()) : status;
        } catch (MalformedInputException e) {
            System.err.println("kmemscope: " + file + ": not a text in UTF-8");
        } catch (NoSuchFileException e) {
            System.err.println("kmemscope: " + file + ": no such file");
        } catch (IOException e) {
            System.err.println("kmemscope: " + file + ": " + e.getMessage());
        }
        return Status.USAGE;
    }

    private int interactive(boolean terminal) {
        try {
            if (terminal) {
                return new Prompt(desk, settings, session, runner).run(banner());
            }
            BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            return settings.interactive() ? new Transcript(desk, runner, out).run(reader, banner()) : lines(reader);
        } catch (IOException e) {
            System.err.println("kmemscope: " + e.getMessage());
            return Status.INTERNAL;
        }
    }

    private String banner() {
        return String.format(
                "kmemscope %d.%d.%d, %s. 'help' lists the commands, Ctrl-D leaves.",
                version.getMajor(), version.getMinor(), version.getMicro(), desk.summary(desk.machine()));
    }

    /** The lines of standard input, each statement as soon as it is complete. */
    private int lines(BufferedReader reader) throws IOException {
        StringBuilder text = new StringBuilder();
        int first = 1;
        int number = 1;
        for (String line = reader.readLine(); line != null; line = reader.readLine(), number++) {
            text.append(text.isEmpty() ? "" : "\n").append(line);
            if (!Runner.isIncomplete(text.toString())) {
                int status = runner.run(text.toString(), new Source("stdin", first, false));
                if (status != Status.OK || runner.left()) {
                    return status;
                }
                text.setLength(0);
                first = number + 1;
            }
        }
        return runner.run(text.toString(), new Source("stdin", first, false));
    }
}
