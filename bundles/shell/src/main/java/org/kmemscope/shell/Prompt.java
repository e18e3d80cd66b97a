package org.kmemscope.shell;

import java.io.IOException;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import org.apache.felix.gogo.jline.Parser;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Job;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.Signals;
import org.kmemscope.shell.command.Completion;
import org.kmemscope.shell.command.Desk;
import org.kmemscope.shell.command.Source;

/** The prompt: reads lines with JLine and runs them. Ctrl-C cancels a line or interrupts a command, Ctrl-D leaves. */
final class Prompt {
    private static final int INTERRUPTS = 40;
    private static final long INTERRUPT_MILLIS = 50;

    private final Desk desk;
    private final Settings settings;
    private final CommandSession session;
    private final Runner runner;
    /** Number of the line that runs; 0 at the prompt. */
    private volatile int running;

    Prompt(Desk desk, Settings settings, CommandSession session, Runner runner) {
        this.desk = desk;
        this.settings = settings;
        this.session = session;
        this.runner = runner;
    }

    int run(String banner) throws IOException {
        try (Terminal terminal = TerminalBuilder.builder()
                .name("kmemscope")
                .system(true)
                .nativeSignals(true)
                .signalHandler(Terminal.SignalHandler.SIG_IGN)
                .build()) {
            LineReader reader = reader(terminal);
            handleInterrupts(terminal);
            terminal.writer().println(banner);
            terminal.flush();
            for (int number = 1; !runner.left(); number++) {
                try {
                    String line = reader.readLine(text(desk));
                    running = number;
                    runner.run(line, new Source("console", number, true));
                } catch (UserInterruptException e) {
                    // the line is forgotten, the next one is awaited
                    continue;
                } catch (EndOfFileException e) {
                    break;
                } finally {
                    running = 0;
                }
            }
            save(reader);
        }
        return Status.OK;
    }

    /** A terminal that can do nothing passes no signals on either: without a handler of the process's own, Ctrl-C would end it. */
    private void handleInterrupts(Terminal terminal) {
        if (terminal.getType().startsWith(Terminal.TYPE_DUMB)) {
            Signals.register(Terminal.Signal.INT.name(), this::interrupt);
        } else {
            terminal.handle(Terminal.Signal.INT, signal -> interrupt());
        }
    }

    /** A history that cannot be kept is no reason to fail. */
    private static void save(LineReader reader) {
        try {
            reader.getHistory().save();
        } catch (IOException e) {
            System.err.println("kmemscope: the history is not kept: " + e.getMessage());
        }
    }

    /** The prompt: the name of the current machine. */
    static String text(Desk desk) {
        return desk.currentName().orElse("kmemscope") + "> ";
    }

    private LineReader reader(Terminal terminal) {
        LineReader reader = LineReaderBuilder.builder()
                .appName("kmemscope")
                .terminal(terminal)
                .parser(new Parser())
                .completer(new Completion(desk, this::variables))
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .variable(LineReader.SECONDARY_PROMPT_PATTERN, "> ")
                .build();
        settings.history().ifPresent(file -> reader.setVariable(LineReader.HISTORY_FILE, file));
        return reader;
    }

    /** Names that somebody has given to answers; those with dots and capitals are Gogo's own, numbers are arguments of a script. */
    @SuppressWarnings("unchecked")
    private Collection<String> variables() {
        return ((Set<String>) session.get(".variables"))
                .stream().filter(name -> name.matches("[a-z]\\w*")).toList();
    }

    /**
     * Interrupts the command that runs, on the thread of the signal. The command may not have begun yet, and Gogo loses an interrupt
     * of a job that is just starting: so this asks again until the job is done, for a while. The next command is not meant.
     */
    private void interrupt() {
        int meant = running;
        try {
            for (int i = 0; i < INTERRUPTS && meant != 0 && running == meant; i++) {
                Optional.ofNullable(session.foregroundJob()).ifPresent(Job::interrupt);
                Thread.sleep(INTERRUPT_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
