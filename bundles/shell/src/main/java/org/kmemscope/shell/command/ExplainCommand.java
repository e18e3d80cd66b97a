package org.kmemscope.shell.command;

import java.util.List;
import java.util.Optional;
import org.kmemscope.api.debug.AllocationStory;
import org.kmemscope.api.debug.Explain;
import org.kmemscope.api.machine.Machine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code explain}. */
@Command(
        name = "explain",
        description =
                "Tells the way of a request for pages: each zone tried, what was compared, the list the block came from, splits and fallbacks;"
                        + " and when memory was short, what kswapd, reclaim, compaction and the OOM killer did.",
        footerHeading = "%nExample:%n",
        footer = {
            "  explain alloc_pages GFP_HIGHUSER 3",
            "  kmalloc 40 GFP_KERNEL; explain",
            "  p = (explain alloc_pages GFP_KERNEL 0)"
        })
final class ExplainCommand extends KmemCommand {
    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Parameters(
            paramLabel = "COMMAND",
            arity = "0..*",
            description = "A command to run first; without one, the last request is told.",
            completionCandidates = Candidates.Commands.class)
    private List<String> words = List.of();

    @Override
    Object run(Call call) {
        Machine machine = call.machine();
        Explain explain = call.desk().service(Explain.class);
        if (words.isEmpty()) {
            print(
                    call,
                    explain.last(machine)
                            .orElseThrow(() -> new Failure("nobody has asked this machine for pages since it booted")));
            return NOTHING;
        }
        Catalog.Entry entry = Catalog.find(words.get(0))
                .orElseThrow(() -> new Failure("no command is called " + words.get(0)
                        + Nearest.to(words.get(0), Catalog.names())
                                .map(near -> "; did you mean " + near + "?")
                                .orElse("")));
        Optional<AllocationStory> before = explain.last(machine);
        try {
            return new CommandFunction(call.desk(), entry).execute(call, words.subList(1, words.size()));
        } finally {
            Optional<AllocationStory> story = explain.last(machine).filter(last -> before.map(AllocationStory::sequence)
                    .filter(old -> old == last.sequence())
                    .isEmpty());
            if (story.isPresent()) {
                print(call, story.get());
            } else {
                call.note("explain: " + entry.name() + " asked for no pages");
            }
        }
    }

    @Override
    boolean takesCommand() {
        return true;
    }

    private void print(Call call, AllocationStory story) {
        if (json || call.desk().json()) {
            call.print(Json.text(story));
            return;
        }
        call.line("%s: %s", story.request(), story.result());
        story.steps().forEach(step -> call.line("  %s", step));
    }
}
