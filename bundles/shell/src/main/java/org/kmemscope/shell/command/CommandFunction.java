package org.kmemscope.shell.command;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.apache.felix.gogo.runtime.Token;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Process;
import org.kmemscope.api.error.KernelException;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** A command as Gogo knows it: hands the words to picocli, runs the command, and turns what goes wrong into one line. */
public final class CommandFunction implements Function {
    private final Desk desk;
    private final Catalog.Entry entry;

    /** A command of the catalog. */
    public CommandFunction(Desk desk, Catalog.Entry entry) {
        this.desk = desk;
        this.entry = entry;
    }

    @Override
    public Object execute(CommandSession session, List<Object> arguments) {
        Process process = Process.Utils.current();
        FinishedJobs.forget(process.job());
        int line = process.job().command() instanceof Token statement ? statement.line() : 0;
        String place = session.get(Source.VARIABLE) instanceof Source source ? source.place(line) : "console";
        Desk used = session.get(Desk.VARIABLE) instanceof Desk aside ? aside : desk;
        Object result;
        try {
            result = execute(new Call(used, place, entry.verbose(), process.out(), process.err()), words(arguments));
        } catch (Failure e) {
            throw e.at(line);
        } finally {
            used.commandIsOver();
        }
        if (result instanceof Handle handle && !(result instanceof Collection)) {
            used.remember(handle);
        }
        return result == KmemCommand.NOTHING ? null : result;
    }

    /** Runs the command with its words. */
    Object execute(Call call, List<String> words) {
        KmemCommand command = entry.create();
        CommandLine line = commandLine(command);
        try {
            if (line.parseArgs(words.toArray(String[]::new)).isUsageHelpRequested()) {
                call.print(usage(line));
                return KmemCommand.NOTHING;
            }
        } catch (ParameterException e) {
            throw Failure.of(entry.name(), new Failure(explain(e), e));
        }
        try {
            Object result = command.run(call);
            call.tellNews("");
            return result;
        } catch (KernelException e) {
            call.tellNews(e.getMessage());
            throw Failure.verbatim(e);
        } catch (Failure | IllegalArgumentException | IllegalStateException e) {
            call.tellNews("");
            throw Failure.of(entry.name(), e);
        } catch (Leave | OutputLost e) {
            throw e;
        } catch (RuntimeException e) {
            throw new Broken(entry.name(), e);
        }
    }

    /** A command line for a command, set as all of them are. */
    static CommandLine commandLine(KmemCommand command) {
        return new CommandLine(command)
                .registerConverter(int.class, CommandFunction::smallNumber)
                .registerConverter(Integer.class, CommandFunction::smallNumber)
                .registerConverter(long.class, CommandFunction::largeNumber)
                .setExpandAtFiles(false)
                .setStopAtPositional(command.takesCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(100)
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
    }

    private static int smallNumber(String text) {
        long number = largeNumber(text);
        if (number != (int) number) {
            throw new TypeConversionException("'" + text + "' is too large");
        }
        return (int) number;
    }

    private static long largeNumber(String text) {
        if (!text.matches("[+-]?\\d+")) {
            throw new TypeConversionException("'" + text + "' is no whole number");
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new TypeConversionException("'" + text + "' is too large");
        }
    }

    static String usage(CommandLine line) {
        return line.getUsageMessage(Ansi.OFF).replace(System.lineSeparator(), "\n");
    }

    private static String explain(ParameterException e) {
        String message = e.getMessage();
        String first = message.lines()
                .findFirst()
                .orElse("wrong arguments")
                .replaceAll("positional parameter at index [^ ]+ \\(([^)]*)\\)", "$1")
                .replaceAll("^Unmatched arguments? (?:at|from) index [^ ]+:", "too many arguments:")
                // a variable may stand for thousands
                .replaceAll("^(too many arguments: [^,]*, [^,]*, [^,]*), .*", "$1 and more");
        String synopsis =
                e.getCommandLine().getHelp().synopsis(0).replaceAll("\\s+", " ").trim();
        return first.substring(0, 1).toLowerCase(Locale.ROOT) + first.substring(1) + "; usage: " + synopsis;
    }

    /** Arguments as words; a list stands for its elements. */
    private static List<String> words(Collection<?> arguments) {
        List<String> words = new ArrayList<>();
        for (Object argument : arguments) {
            if (argument instanceof Collection<?> several) {
                words.addAll(words(several));
            } else {
                words.add(String.valueOf(argument));
            }
        }
        return words;
    }
}
