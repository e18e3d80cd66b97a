package org.kmemscope.shell.command;

import java.util.List;
import java.util.Locale;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.reclaim.PageCache;
import org.kmemscope.api.view.CachedFileView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pagecache}. */
@Command(
        name = "pagecache",
        description =
                "Shows the files in memory, or does something with one of them. A file is there as soon as it is named.",
        footerHeading = "%nExample:%n",
        footer = {
            "  pagecache read data 16M",
            "  pagecache write log 4M --at 1M",
            "  pagecache drop data",
            "  pagecache"
        })
final class PagecacheCommand extends ViewCommand<List<CachedFileView>> {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "read|write|sync|drop|delete|mlock|munlock",
            description = "What is to be done; read and write need a size.")
    private Action action;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "FILE",
            description = "A file.",
            completionCandidates = Candidates.CachedFiles.class)
    private String file;

    @Parameters(index = "2", arity = "0..1", paramLabel = "SIZE", description = "Bytes: 16M, 100p (pages).")
    private String size;

    @Option(names = "--at", paramLabel = "OFFSET", description = "Where in the file; its start if nothing is said.")
    private String offset = "0";

    /** What can be done with a file. */
    enum Action {
        /** Bring into memory. */
        READ,
        /** Write to it. */
        WRITE,
        /** Write it to disk. */
        SYNC,
        /** Drop clean pages. */
        DROP,
        /** Delete it. */
        DELETE,
        /** Lock it into memory. */
        MLOCK,
        /** The opposite. */
        MUNLOCK
    }

    @Override
    Object run(Call call) {
        if (action == null) {
            return super.run(call);
        }
        String verb = action.name().toLowerCase(Locale.ROOT);
        boolean sized = action == Action.READ || action == Action.WRITE;
        if (file == null || sized && size == null) {
            throw new Failure(verb + " what? pagecache " + verb + " FILE" + (sized ? " SIZE" : ""));
        }
        int first = pages(offset);
        int count = sized ? pages(size) : 0;
        PageCache cache = call.machine().reclaim().pageCache();
        int done = call.kernelCall("pagecache", () -> act(cache, first, count));
        if (sized && done < count) {
            throw new Failure(verb + " ended after " + done + " of " + count + " pages: no memory");
        }
        call.line("%s %s: %d pages", verb, file, done);
        return NOTHING;
    }

    private static int pages(String text) {
        return (int) Math.min(Arguments.pages(text), Integer.MAX_VALUE);
    }

    /** How many pages it was. */
    private int act(PageCache cache, int first, int count) {
        return switch (action) {
            case READ -> cache.read(file, first, count);
            case WRITE -> cache.write(file, first, count);
            case SYNC -> cache.sync(file);
            case DROP -> cache.drop(file);
            case DELETE -> {
                int held = cached(cache);
                cache.delete(file);
                yield held;
            }
            case MLOCK, MUNLOCK -> {
                cache.lock(file, action == Action.MLOCK);
                yield cached(cache);
            }
        };
    }

    private int cached(PageCache cache) {
        return cache.files().stream()
                .filter(view -> view.name().equals(file))
                .mapToInt(view -> (int) view.cached())
                .sum();
    }

    @Override
    List<CachedFileView> view(Call call) {
        Machine machine = call.machine();
        return machine.locked(() -> machine.reclaim().pageCache().files());
    }

    @Override
    String text(Call call, List<CachedFileView> view) {
        Table table = new Table("PAGES", "ACTIVE", "DIRTY", "WRITEBACK", "MLOCKED", "FILE");
        view.forEach(
                row -> table.row(row.cached(), row.active(), row.dirty(), row.writeback(), row.locked(), row.name()));
        return table.toString();
    }
}
