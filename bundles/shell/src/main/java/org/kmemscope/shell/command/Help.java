package org.kmemscope.shell.command;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code help}. */
@Command(
        name = "help",
        description = "Commands by what they are for; with a name, how that one is used.",
        footerHeading = "%nExample:%n",
        footer = "  help kmalloc")
final class Help extends KmemCommand {
    @Parameters(
            paramLabel = "COMMAND",
            arity = "0..1",
            description = "A command.",
            completionCandidates = Candidates.Commands.class)
    private String name;

    @Override
    Object run(Call call) {
        if (name == null) {
            call.print(overview());
            return NOTHING;
        }
        Catalog.Entry entry = Catalog.find(name)
                .orElseThrow(() -> new Failure("no command is called " + name + Nearest.hint(name, Catalog.names())
                        + "; help lists them all"));
        call.print(CommandFunction.usage(CommandFunction.commandLine(entry.create())));
        return NOTHING;
    }

    private static String overview() {
        StringBuilder text = new StringBuilder();
        for (Catalog.Group group : Catalog.groups()) {
            text.append(text.isEmpty() ? "" : "\n").append(group.title()).append('\n');
            int width = group.entries().stream()
                    .mapToInt(entry -> entry.name().length())
                    .max()
                    .orElse(1);
            for (Catalog.Entry entry : group.entries()) {
                text.append(String.format("  %-" + width + "s  %s\n", entry.name(), summary(entry)));
            }
        }
        return text.append("\nCOMMAND --help tells how a command is used.\n")
                .append("From Felix: " + String.join(" ", Catalog.BUNDLE_TOOLS) + "; felix:help NAME tells more.\n")
                .append("From Gogo: " + String.join(" ", Catalog.SMALL_TOOLS)
                        + "; a = (COMMAND) keeps an answer, $a uses it.\n")
                .toString();
    }

    /** The first sentence of a command's description. */
    static String summary(Catalog.Entry entry) {
        List<String> description = List.of(
                new CommandLine(entry.create()).getCommandSpec().usageMessage().description());
        String first = description.get(0);
        int end = first.indexOf(": ");
        int stop = first.indexOf(". ");
        int cut = end < 0 ? stop : stop < 0 ? end : Math.min(end, stop);
        return cut < 0 ? first.replaceFirst("\\.$", "") : first.substring(0, cut);
    }
}
