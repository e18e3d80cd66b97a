package org.kmemscope.slub;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.ground.Clock;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.trace.CallSites;

/**
 * Who allocated and who freed an object last, kept behind it in RAM (SLAB_STORE_USER).
 *
 * <pre>
 *   struct track   | addr | stack: nothing, 16 addresses, or a handle | cpu | pid | when |
 *
 *   addr    place in code: the number of a call site here, as there is no code
 *   when    jiffies, low 32 bits
 * </pre>
 *
 * <p>The stack is left zero. Source: {@code set_track}, {@code print_track}.
 */
final class Tracks {
    private static final int CPU = -12;
    private static final int PID = -8;
    private static final int WHEN = -4;
    private static final long UNSIGNED = 0xffff_ffffL;

    private final ObjectMemory memory;
    private final ExecutionContext context;
    private final Clock clock;
    private final CallSites sites;
    private final int size;
    private final String format;

    Tracks(Basis basis) {
        memory = basis.memory();
        context = basis.floor().context();
        clock = basis.floor().clock();
        sites = basis.floor().trace().callSites();
        size = basis.rules().layout().trackSize();
        format = basis.rules().words().track();
    }

    /** Clears both tracks of an object. */
    void clear(Cache cache, long object) {
        memory.fill(object + cache.made.layout().tracks(), 2L * size, 0);
    }

    void allocated(Cache cache, long object) {
        set(object + cache.made.layout().tracks());
    }

    void freed(Cache cache, long object) {
        set(object + cache.made.layout().tracks() + size);
    }

    private void set(long track) {
        long end = track + size;
        memory.write(track, context.callSite());
        memory.write(end + CPU, context.cpu());
        memory.write(end + PID, context.pid());
        memory.write(end + WHEN, (int) clock.jiffies());
    }

    /** A line for each track that was set, as reports have them. */
    List<String> lines(Cache cache, long object) {
        List<String> lines = new ArrayList<>();
        long first = object + cache.made.layout().tracks();
        add(lines, "Allocated", first);
        add(lines, "Freed", first + size);
        return lines;
    }

    private void add(List<String> lines, String what, long track) {
        int site = memory.read(track);
        if (site != 0) {
            long end = track + size;
            lines.add(String.format(
                    format,
                    what,
                    sites.text(site & UNSIGNED),
                    (clock.jiffies() - memory.read(end + WHEN)) & UNSIGNED,
                    memory.read(end + CPU),
                    memory.read(end + PID)));
        }
    }
}
