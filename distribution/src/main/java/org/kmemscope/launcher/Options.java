package org.kmemscope.launcher;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

/** The options of the process, and what each way of calling it starts. */
@Command(
        name = "kmemscope",
        description =
                "A debugger for Linux kernel memory: boots a model of a 32-bit machine and opens a console on it.",
        mixinStandardHelpOptions = true,
        versionProvider = Options.Version.class,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  kmemscope demo",
            "  kmemscope -m i386-4g -c 'alloc_pages --all GFP_DMA 0; buddyinfo'",
            "  kmemscope -m linux-6.1-686-pae,mem=512M,cpus=2 --json -c zoneinfo",
            "  kmemscope run my-test.gosh",
            "",
            "Exit status: 0; 1 if a command failed, the first that does ends a script; 2 for wrong",
            "options, a file that cannot be read or a script that does not parse; 70 for an internal",
            "error; 69 if Java or Maven is missing."
        })
final class Options implements Callable<Integer> {
    private static final String PREFIX = "kmemscope.";

    @Option(
            names = {"-m", "--machine"},
            paramLabel = "PROFILE[,mem=SIZE][,cpus=N][,OPTION=VALUE]",
            description = "The machine to boot; i386-1g if nothing is said.",
            scope = ScopeType.INHERIT)
    private String machine;

    @Option(
            names = {"-c", "--command"},
            paramLabel = "COMMANDS",
            description = "Run commands, separated by ; or line breaks, and end.")
    private String commands;

    @Option(names = "--json", description = "Print views as JSON.", scope = ScopeType.INHERIT)
    private boolean json;

    @Option(names = "--debug", description = "Print stack traces with errors.", scope = ScopeType.INHERIT)
    private boolean debug;

    @Option(
            names = {"-x", "--echo"},
            description = "Show each line of a script before it runs.",
            scope = ScopeType.INHERIT)
    private boolean echo;

    @Option(
            names = {"-i", "--interactive"},
            description = "Show the prompt and go on after failures, though there is no terminal.")
    private boolean interactive;

    private final Path home = Path.of(System.getProperty(PREFIX + "home", "."));

    /** Tells the version. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"kmemscope " + new LauncherProperties().version()};
        }
    }

    @Override
    public Integer call() {
        return commands == null ? start(false, List.of("prompt")) : start(false, List.of("commands", commands));
    }

    @Command(
            name = "run",
            description = "Runs a script and ends. Standard error tells file and line of a command that failed.",
            mixinStandardHelpOptions = true)
    int run(
            @Parameters(paramLabel = "FILE", description = "The script; - for standard input.") Path file,
            @Parameters(paramLabel = "ARG", arity = "0..*", description = "$1, $2 ... of the script.")
                    List<String> arguments) {
        List<String> words = new ArrayList<>(List.of("script", file.toString()));
        words.addAll(arguments == null ? List.of() : arguments);
        return start(false, words);
    }

    @Command(
            name = "demo",
            description =
                    "Shows the test module of an article on kmalloc, vmalloc and DMA on its board, then opens the console.",
            mixinStandardHelpOptions = true)
    int demo(@Option(names = "--exit", description = "End instead of opening the console.") boolean exit) {
        echo = true;
        return start(!exit, List.of("script", home.resolve("scripts/demo.gosh").toString()));
    }

    private int start(boolean stay, List<String> words) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put(PREFIX + "profiles", home.resolve("config/profiles").toString());
        settings.put(PREFIX + "terminal", String.valueOf(onTerminal()));
        settings.put(PREFIX + "json", String.valueOf(json));
        settings.put(PREFIX + "debug", String.valueOf(debug));
        settings.put(PREFIX + "echo", String.valueOf(echo));
        settings.put(PREFIX + "interactive", String.valueOf(interactive));
        settings.put(PREFIX + "stay", String.valueOf(stay));
        settings.put(PREFIX + "boot", String.valueOf(machine != null));
        if (machine != null) {
            settings.put(PREFIX + "machine", machine);
        }
        settings.put(PREFIX + "history", userFolder().resolve("history").toString());
        try (FrameworkHost host = new FrameworkHost(home, settings)) {
            return host.console().applyAsInt(words);
        }
    }

    private static Path userFolder() {
        String folder = System.getProperty(PREFIX + "user");
        return folder == null ? Path.of(System.getProperty("user.home"), ".kmemscope") : Path.of(folder);
    }

    /** Whether a person sits before standard input and output; the start script knows. */
    boolean onTerminal() {
        return Boolean.getBoolean(PREFIX + "terminal");
    }
}
