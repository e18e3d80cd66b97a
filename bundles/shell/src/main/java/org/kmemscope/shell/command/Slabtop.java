package org.kmemscope.shell.command;

import java.util.Iterator;
import java.util.List;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.shell.print.SlabtopPrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code slabtop}. */
@Command(
        name = "slabtop",
        description =
                "Caches of the object allocator, the largest first; before a person again and again, until Ctrl-C.",
        footerHeading = "%nExample:%n",
        footer = {"  slabtop", "  slabtop -o -s c | head"})
final class Slabtop extends ViewCommand<List<SlabCacheView>> {
    private static final long MILLIS = 1000;
    /** Caches that fit on a screen below the sums. */
    private static final int SCREEN = 17;
    /** Goes to the first line, and clears what is below. */
    private static final String HOME = "\u001b[H\u001b[J";

    @Option(
            names = {"-o", "--once"},
            description = "Once, and all caches.")
    private boolean once;

    @Option(
            names = {"-d", "--delay"},
            paramLabel = "SECONDS",
            description = "Seconds from one look to the next.")
    private int delay = 3;

    @Option(
            names = {"-s", "--sort"},
            paramLabel = "KEY",
            description = {
                "What to sort by: o objects, a active ones, u how many are active, c size of the cache, l slabs, v active ones,"
                        + " s size of an object, b objects of a slab, p pages of a slab, n name."
            },
            completionCandidates = Keys.class)
    private String key = "o";

    /** Letters. */
    static final class Keys implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return SlabtopPrinter.keys().iterator();
        }
    }

    @Override
    Object run(Call call) {
        if (!SlabtopPrinter.keys().contains(key)) {
            throw new Failure("'" + key + "' is no key; there are " + String.join(", ", SlabtopPrinter.keys()));
        }
        if (delay < 1) {
            throw new Failure("a delay is at least 1 second, not " + delay);
        }
        if (once || wantsJson(call) || !call.desk().terminal()) {
            return super.run(call);
        }
        try {
            while (true) {
                call.print(HOME + SlabtopPrinter.text(view(call), SCREEN));
                Thread.sleep(delay * MILLIS);
            }
        } catch (InterruptedException leave) {
            // Ctrl-C is how one leaves: nothing is wrong
            return NOTHING;
        }
    }

    @Override
    List<SlabCacheView> view(Call call) {
        return SlabtopPrinter.sorted(call.views().slabCaches(), key);
    }

    @Override
    String text(Call call, List<SlabCacheView> view) {
        return SlabtopPrinter.text(view, Integer.MAX_VALUE);
    }
}
