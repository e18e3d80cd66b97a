package org.kmemscope.reclaim;

import org.kmemscope.api.page.Compacted;
import org.kmemscope.api.page.ZoneControl;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * The thread that compacts in the background (4.6 and later): woken when kswapd has done its work for a larger order, or when a boost of the
 * watermarks is over, if there is a zone in which compaction could start.
 */
final class Kcompactd implements Stateful {
    static final String COMM = "kcompactd0";

    private final Basis basis;
    private final Compaction compaction;
    private final int pid;
    private int order;
    private int highestZone;
    private boolean working;

    Kcompactd(Basis basis, Compaction compaction) {
        this.basis = basis;
        this.compaction = compaction;
        pid = basis.host.newPid();
    }

    /** {@code wakeup_kcompactd()}. */
    void wake(int wantedOrder, int highest) {
        if (wantedOrder == 0 || !basis.rules.compaction() || !basis.rules.compactionByZone()) {
            return;
        }
        for (int zone = 0; zone <= highest; zone++) {
            boolean may = basis.zones.isManaged(zone)
                    && compaction.start(zone, wantedOrder, ZoneControl.NO_FLAGS, highest) == Compaction.Start.GO;
            if (may) {
                order = Math.max(order, wantedOrder);
                highestZone = Math.max(highestZone, highest);
                return;
            }
        }
    }

    boolean canRun() {
        return order > 0 && !working;
    }

    void run() {
        int wanted = order;
        int highest = highestZone;
        order = 0;
        highestZone = 0;
        working = true;
        try {
            basis.host.runAs(pid, COMM, "kcompactd", () -> work(wanted, highest));
        } finally {
            working = false;
        }
    }

    private void work(int wanted, int highest) {
        basis.counters.add(VmCounters.Event.COMPACT_DAEMON_WAKE, 1);
        for (int zone = 0; zone <= highest; zone++) {
            boolean may = basis.zones.isManaged(zone)
                    && !compaction.state().isDeferred(zone, wanted)
                    && compaction.start(zone, wanted, ZoneControl.NO_FLAGS, highest) == Compaction.Start.GO;
            if (!may) {
                continue;
            }
            Compacted result = compaction.background(zone, wanted);
            if (result == Compacted.SUCCESS) {
                compaction.state().succeeded(zone, wanted, false);
            } else {
                basis.pages.drainAllPages();
                compaction.state().defer(zone, wanted);
            }
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(new int[] {order, highestZone});
    }

    @Override
    public void restore(StateReader in) {
        int[] values = in.getInts();
        order = values[0];
        highestZone = values[1];
    }
}
