package org.kmemscope.launcher;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Where the process starts. */
public final class Main {
    /** Our own mistake ({@code EX_SOFTWARE}). */
    static final int INTERNAL = 70;

    private Main() {}

    /** Runs kmemscope and ends the process with its exit status, whatever threads are still there. */
    public static void main(String[] words) {
        Locale.setDefault(Locale.ROOT);
        System.exit(run(words));
    }

    static int run(String... words) {
        Options options = new Options();
        CommandLine line = new CommandLine(options)
                .setUsageHelpWidth(100)
                .setExpandAtFiles(false)
                .setExecutionExceptionHandler((e, command, result) -> {
                    System.err.println("kmemscope: " + e.getMessage());
                    return e instanceof LaunchException launch ? launch.status() : INTERNAL;
                })
                .setParameterExceptionHandler((e, arguments) -> {
                    System.err.println("kmemscope: " + explain(e) + "; kmemscope --help shows the options");
                    return CommandLine.ExitCode.USAGE;
                });
        // what stands behind the script's name is for the script
        line.getSubcommands().get("run").setStopAtPositional(true);
        if (!options.onTerminal() || System.getenv("NO_COLOR") != null) {
            line.setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
        }
        try {
            return line.execute(words);
        } catch (RuntimeException e) {
            System.err.println("kmemscope: internal error: " + e);
            return INTERNAL;
        }
    }

    /** One line. Somebody who names a script at once is told how it is run. */
    private static String explain(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched
                && e.getCommandLine().getParent() == null
                && !unmatched.getUnmatched().isEmpty()
                && !unmatched.getUnmatched().get(0).startsWith("-")) {
            String word = unmatched.getUnmatched().get(0);
            return "no command is called '" + word + "'"
                    + (Files.isRegularFile(Path.of(word)) ? "; a script is run by: kmemscope run " + word : "");
        }
        return e.getMessage().lines().findFirst().orElse("wrong options");
    }
}
