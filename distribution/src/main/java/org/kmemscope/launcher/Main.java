package org.kmemscope.launcher;

import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

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
                    System.err.println(
                            "kmemscope: " + e.getMessage().lines().findFirst().orElse("wrong options")
                                    + "; kmemscope --help shows the options");
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
}
