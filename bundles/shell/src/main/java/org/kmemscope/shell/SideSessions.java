package org.kmemscope.shell;

import java.io.ByteArrayInputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.kmemscope.shell.command.Desk;
import org.kmemscope.shell.command.Scenarios;
import org.kmemscope.shell.command.Source;

/** Runs scripts in sessions of their own: they share no variable with the one who asks, and nobody sees what they print. */
final class SideSessions implements Scenarios {
    private final CommandProcessor processor;
    private final Supplier<Settings> settings;

    SideSessions(CommandProcessor processor, Supplier<Settings> settings) {
        this.processor = processor;
        this.settings = settings;
    }

    /** Puts into a session what every session of the console has. */
    static void equip(CommandSession session, String scope, boolean terminal) {
        // where Felix has a command of the same name, ours is meant
        session.put("SCOPE", scope + ":gogo:*");
        if (!terminal) {
            // Gogo's grep takes every session for a terminal; styles that say nothing keep its output plain
            session.put("GREP_COLORS", "mt=0:fn=0:ln=0:se=0");
        }
    }

    /** Gives a script its arguments. */
    static void arguments(CommandSession session, List<String> arguments) {
        session.put("args", arguments);
        for (int i = 0; i < arguments.size(); i++) {
            session.put(Integer.toString(i + 1), arguments.get(i));
        }
    }

    @Override
    public int run(Desk desk, String text, Source source, List<String> arguments, PrintStream out, PrintStream err) {
        // Gogo gives a session the streams of the command that this thread runs, so the script gets a thread that runs
        // none
        FutureTask<Integer> script = new FutureTask<>(() -> runHere(desk, text, source, arguments, out, err));
        Thread thread = new Thread(null, script, source.name(), 0, false);
        thread.start();
        try {
            return script.get();
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            err.print("interrupted\n");
            return Status.FAILED;
        } catch (ExecutionException e) {
            throw new IllegalStateException(source.name() + ": " + e.getCause(), e);
        }
    }

    private int runHere(
            Desk desk, String text, Source source, List<String> arguments, PrintStream out, PrintStream err) {
        try (CommandSession session = processor.createSession(new ByteArrayInputStream(new byte[0]), out, err)) {
            equip(session, ShellComponent.SCOPE, false);
            arguments(session, arguments);
            session.put(Desk.VARIABLE, desk);
            return new Runner(session, settings.get(), out, err).run(text, source);
        }
    }
}
