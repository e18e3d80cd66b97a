package org.kmemscope.highmem;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.trace.Tracepoints;

/**
 * Who uses the slots of the persistent area. The kernel does not note it; it is what a person wants to know when no slot is left.
 *
 * <pre>
 *   uses   | slot, pid, site | slot, pid, site | ...        in the order of the calls
 * </pre>
 *
 * <p>A kunmap takes away the last use by the same task; if there is none, the last use at all.
 */
final class SlotUsers implements Stateful {
    private static final int WIDTH = 3;
    private static final int PID = 1;
    private static final int SITE = 2;
    private static final int FIRST_USES = 16;
    /** Groups of users told when nobody gets a slot. */
    private static final int SHOWN = 4;

    private final ExecutionContext context;
    private final Tracepoints trace;
    private int[] uses = new int[FIRST_USES * WIDTH];
    private int length;

    SlotUsers(Ground ground) {
        context = ground.context();
        trace = ground.trace();
    }

    void add(int slot) {
        if (length == uses.length) {
            uses = Arrays.copyOf(uses, 2 * length);
        }
        uses[length] = slot;
        uses[length + PID] = context.pid();
        uses[length + SITE] = context.callSite();
        length += WIDTH;
    }

    void remove(int slot) {
        int last = -1;
        for (int i = length - WIDTH; i >= 0; i -= WIDTH) {
            if (uses[i] == slot) {
                if (uses[i + PID] == context.pid()) {
                    last = i;
                    break;
                }
                last = Math.max(last, i);
            }
        }
        if (last >= 0) {
            System.arraycopy(uses, last + WIDTH, uses, last, length - last - WIDTH);
            length -= WIDTH;
        }
    }

    /** Uses of a slot that are known. */
    int count(int slot) {
        int count = 0;
        for (int i = 0; i < length; i += WIDTH) {
            count += uses[i] == slot ? 1 : 0;
        }
        return count;
    }

    /** The users of a slot: {@code pid 101 at Driver.read:17 (2)}. */
    String of(int slot) {
        return text(groups(slot), Integer.MAX_VALUE);
    }

    /** The users of all slots, those with the most first. */
    String all() {
        return text(groups(-1), SHOWN);
    }

    private Map<String, Integer> groups(int slot) {
        Map<String, Integer> groups = new LinkedHashMap<>();
        for (int i = 0; i < length; i += WIDTH) {
            if (slot < 0 || uses[i] == slot) {
                String site = trace.callSites().text(uses[i + SITE]);
                groups.merge("pid " + uses[i + PID] + " at " + site, 1, Integer::sum);
            }
        }
        return groups;
    }

    private static String text(Map<String, Integer> groups, int most) {
        String shown = groups.entrySet().stream()
                .sorted((one, other) -> Integer.compare(other.getValue(), one.getValue()))
                .limit(most)
                .map(entry -> entry.getKey() + (entry.getValue() == 1 ? "" : " (" + entry.getValue() + ")"))
                .collect(Collectors.joining(", "));
        return groups.size() > most ? shown + ", ..." : shown;
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(Arrays.copyOf(uses, length));
    }

    @Override
    public void restore(StateReader in) {
        uses = in.getInts();
        length = uses.length;
        if (length == 0) {
            uses = new int[FIRST_USES * WIDTH];
        }
    }
}
