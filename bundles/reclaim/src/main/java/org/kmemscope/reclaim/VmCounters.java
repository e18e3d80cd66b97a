package org.kmemscope.reclaim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.kmemscope.api.page.ZoneType;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.view.CounterView;

/** What reclaim counts: the events of {@code /proc/vmstat} by their names there, some of them by zone. */
final class VmCounters implements Stateful {
    /** Counted by zone. */
    enum Zoned {
        PGREFILL,
        PGSTEAL_KSWAPD,
        PGSTEAL_DIRECT,
        PGSCAN_KSWAPD,
        PGSCAN_DIRECT,
        PGSKIP,
        ALLOCSTALL
    }

    /** Counted for the whole. */
    enum Event {
        PGPGIN,
        PGPGOUT,
        PSWPIN,
        PSWPOUT,
        PGACTIVATE,
        PGDEACTIVATE,
        PGFAULT,
        PGMAJFAULT,
        PGROTATED,
        PGINODESTEAL,
        KSWAPD_INODESTEAL,
        SLABS_SCANNED,
        PAGEOUTRUN,
        KSWAPD_LOW_WMARK_HIT_QUICKLY,
        KSWAPD_HIGH_WMARK_HIT_QUICKLY,
        PGSCAN_ANON,
        PGSCAN_FILE,
        PGSTEAL_ANON,
        PGSTEAL_FILE,
        DROP_PAGECACHE,
        DROP_SLAB,
        OOM_KILL,
        PGMIGRATE_SUCCESS,
        PGMIGRATE_FAIL,
        COMPACT_MIGRATE_SCANNED,
        COMPACT_FREE_SCANNED,
        COMPACT_ISOLATED,
        COMPACT_STALL,
        COMPACT_FAIL,
        COMPACT_SUCCESS,
        COMPACT_DAEMON_WAKE,
        COMPACT_DAEMON_MIGRATE_SCANNED,
        COMPACT_DAEMON_FREE_SCANNED,
        UNEVICTABLE_PGS_CULLED,
        UNEVICTABLE_PGS_SCANNED,
        UNEVICTABLE_PGS_RESCUED,
        UNEVICTABLE_PGS_MLOCKED,
        UNEVICTABLE_PGS_MUNLOCKED,
        UNEVICTABLE_PGS_CLEARED,
        NR_VMSCAN_WRITE,
        NR_VMSCAN_IMMEDIATE_RECLAIM,
        NR_DIRTIED,
        NR_WRITTEN
    }

    private final List<ZoneType> zones;
    private final long[] zoned;
    private final long[] events = new long[Event.values().length];

    VmCounters(List<ZoneType> zones) {
        this.zones = List.copyOf(zones);
        zoned = new long[Zoned.values().length * zones.size()];
    }

    void add(Zoned event, int zone, long number) {
        zoned[event.ordinal() * zones.size() + zone] += number;
    }

    void add(Event event, long number) {
        events[event.ordinal()] += number;
    }

    long get(Event event) {
        return events[event.ordinal()];
    }

    long get(Zoned event, int zone) {
        return zoned[event.ordinal() * zones.size() + zone];
    }

    long sum(Zoned event) {
        long sum = 0;
        for (int zone = 0; zone < zones.size(); zone++) {
            sum += get(event, zone);
        }
        return sum;
    }

    /** All counters: those of zones under their sum and under each zone's name, and under the names they had earlier. */
    List<CounterView> views() {
        List<CounterView> views = new ArrayList<>();
        for (Zoned event : Zoned.values()) {
            String name = name(event);
            views.add(new CounterView(name, sum(event)));
            for (int zone = 0; zone < zones.size(); zone++) {
                views.add(new CounterView(name + "_" + suffix(zones.get(zone)), get(event, zone)));
            }
        }
        for (Event event : Event.values()) {
            views.add(new CounterView(name(event), get(event)));
        }
        // up to 3.3 a zone's steals were counted together, and kswapd's once more
        for (int zone = 0; zone < zones.size(); zone++) {
            long both = get(Zoned.PGSTEAL_KSWAPD, zone) + get(Zoned.PGSTEAL_DIRECT, zone);
            views.add(new CounterView("pgsteal_" + suffix(zones.get(zone)), both));
        }
        views.add(new CounterView("kswapd_steal", sum(Zoned.PGSTEAL_KSWAPD)));
        return views;
    }

    private static String name(Enum<?> event) {
        return event.name().toLowerCase(Locale.ROOT);
    }

    private static String suffix(ZoneType type) {
        return type == ZoneType.HIGHMEM ? "high" : type.label().toLowerCase(Locale.ROOT);
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(zoned);
        out.putLongs(events);
    }

    @Override
    public void restore(StateReader in) {
        System.arraycopy(in.getLongs(), 0, zoned, 0, zoned.length);
        System.arraycopy(in.getLongs(), 0, events, 0, events.length);
    }
}
