package org.kmemscope.shell;

import java.io.EOFException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.felix.gogo.runtime.Closure;
import org.apache.felix.gogo.runtime.CommandNotFoundException;
import org.apache.felix.gogo.runtime.EOFError;
import org.apache.felix.gogo.runtime.Parser;
import org.apache.felix.gogo.runtime.Parser.Executable;
import org.apache.felix.gogo.runtime.Parser.Program;
import org.apache.felix.gogo.runtime.Parser.Statement;
import org.apache.felix.gogo.runtime.SyntaxError;
import org.apache.felix.gogo.runtime.Token;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.kmemscope.shell.command.Broken;
import org.kmemscope.shell.command.Failure;
import org.kmemscope.shell.command.Leave;
import org.kmemscope.shell.command.Nearest;
import org.kmemscope.shell.command.OutputLost;
import org.kmemscope.shell.command.Source;

/**
 * Runs statements one after another, prints their answers, and tells where one failed. A statement is what stands between two line
 * breaks or semicolons; {@code a && b} and {@code a || b} are one. The first that fails ends the run.
 */
final class Runner {
    private static final Pattern BLANK_LINE = Pattern.compile("\\s*\n\\s*\n");
    private static final Set<String> SEPARATORS = Set.of(";", "\n", "&");

    private final CommandSession session;
    private final Settings settings;
    private final PrintStream out;
    private final PrintStream err;
    private boolean left;

    Runner(CommandSession session, Settings settings, PrintStream out, PrintStream err) {
        this.session = session;
        this.settings = settings;
        this.out = out;
        this.err = err;
    }

    /** Whether somebody said {@code exit}. */
    boolean left() {
        return left;
    }

    /** Runs a text; the exit status. */
    int run(String text, Source source) {
        Program program;
        try {
            program = new Parser(text).program();
        } catch (SyntaxError e) {
            return report(source, e.line(), Status.USAGE, "syntax error: " + e.getMessage(), e);
        }
        int shown = 0;
        for (Program part : parts(program)) {
            if (settings.echo() && !source.interactive()) {
                Executable last = part.tokens().get(part.tokens().size() - 1);
                show(text.substring(shown, last.start() + last.length()));
                shown = last.start() + last.length();
            }
            int status = execute(part, source, part.tokens().get(0).line());
            if (status != Status.OK || left) {
                return status;
            }
        }
        return Status.OK;
    }

    /** Shows a piece of a script: comments as they are, commands as if they were typed. */
    private void show(String piece) {
        if (BLANK_LINE.matcher(piece).lookingAt()) {
            out.print("\n");
        }
        boolean first = true;
        for (String line : piece.replaceFirst("^[;\\s]+", "").lines().toList()) {
            if (line.startsWith("#")) {
                out.print(line + "\n");
            } else if (line.isBlank()) {
                out.print("\n");
            } else {
                out.print((first ? "> " : "  ") + line + "\n");
                first = false;
            }
        }
    }

    /** Whether a text ends in the middle of a statement. */
    static boolean isIncomplete(String text) {
        try {
            new Parser(text).program();
            return false;
        } catch (EOFError e) {
            return true;
        } catch (SyntaxError e) {
            return false;
        }
    }

    private static List<Program> parts(Program program) {
        List<Program> parts = new ArrayList<>();
        List<Executable> part = new ArrayList<>();
        for (Executable token : program.tokens()) {
            boolean separator = token instanceof Parser.Operator && SEPARATORS.contains(token.toString());
            if (!separator || token.toString().equals("&")) {
                part.add(token);
            }
            if (separator && !part.isEmpty()) {
                parts.add(new Program(program, part));
                part = new ArrayList<>();
            }
        }
        if (!part.isEmpty()) {
            parts.add(new Program(program, part));
        }
        return parts;
    }

    private int execute(Program part, Source source, int line) {
        session.put(Source.VARIABLE, source);
        session.put(Closure.PIPE_EXCEPTION, null);
        try {
            Object result = session.execute(part);
            boolean silent = !source.interactive() && isAssignment(part);
            if (result != null && !silent) {
                String text = session.format(result, Converter.INSPECT).toString();
                out.print(text.endsWith("\n") || text.isEmpty() ? text : text + "\n");
            }
            // a failure in the middle of a pipe
            return session.get(Closure.PIPE_EXCEPTION) instanceof Exception pipe && pipe.getSuppressed().length > 0
                    ? report(source, line, pipe.getSuppressed()[0])
                    : Status.OK;
        } catch (Exception e) {
            return report(source, line, e);
        }
    }

    private static boolean isAssignment(Program part) {
        return part.tokens().get(part.tokens().size() - 1) instanceof Statement statement
                && statement.tokens().size() > 2
                && Token.eq("=", statement.tokens().get(1));
    }

    private int report(Source source, int line, Throwable thrown) {
        Throwable e = thrown;
        while ((e instanceof InvocationTargetException || e instanceof ExecutionException) && e.getCause() != null) {
            e = e.getCause();
        }
        if (e instanceof Leave) {
            left = true;
            return Status.OK;
        }
        if (e instanceof OutputLost lost) {
            left = true;
            return lost.unread() ? Status.UNREAD : report(source, line, Status.FAILED, lost.getMessage(), e);
        }
        if (e instanceof CommandNotFoundException unknown) {
            return report(source, line, Status.FAILED, unknown(unknown.getCommand()), e);
        }
        if (e instanceof InterruptedException || e instanceof CancellationException) {
            return report(source, line, Status.FAILED, "interrupted", e);
        }
        if (e instanceof EOFException || e instanceof SyntaxError) {
            return report(source, line, Status.USAGE, "syntax error: " + e.getMessage(), e);
        }
        if (e instanceof Broken || e instanceof Error) {
            return report(source, line, Status.INTERNAL, e.getMessage() == null ? e.toString() : e.getMessage(), e);
        }
        if (e instanceof Failure failure) {
            return report(source, failure.line(line), Status.FAILED, e.getMessage(), e);
        }
        boolean plain = e instanceof IllegalArgumentException;
        String message =
                e.getMessage() == null || !plain && e instanceof RuntimeException ? e.toString() : e.getMessage();
        return report(source, line, Status.FAILED, message, e);
    }

    private int report(Source source, int line, int status, String message, Throwable cause) {
        out.flush();
        String first = message.lines().findFirst().orElse(message);
        err.print((source.interactive() ? "" : source.place(line) + ": ") + first + "\n");
        if (settings.debug()) {
            cause.printStackTrace(err);
        }
        err.flush();
        return status;
    }

    private String unknown(String command) {
        if (command.startsWith("__GFP_") || command.startsWith("GFP_") || command.startsWith("DMA_")) {
            return "no command is called " + command + "; join flags with + : | is a pipe";
        }
        List<String> known = commands();
        return "no command is called " + command + Nearest.hint(command, known) + "; help lists them all";
    }

    /** Names of all commands, without their scopes. */
    @SuppressWarnings("unchecked")
    private List<String> commands() {
        Set<String> scoped = (Set<String>) session.get(".commands");
        return scoped.stream()
                .map(name -> name.substring(name.indexOf(':') + 1))
                .collect(Collectors.toList());
    }
}
