package org.kmemscope.capture.seed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.MigrateTypes;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.PageState.FreeList;
import org.kmemscope.api.page.PageState.PerCpu;
import org.kmemscope.api.page.PageState.ZoneState;
import org.kmemscope.api.view.ZoneView;
import org.kmemscope.capture.file.BuddyDump;
import org.kmemscope.capture.file.CaptureFiles;
import org.kmemscope.capture.file.FileKind;
import org.kmemscope.capture.view.CapturedViews;

/**
 * The state that {@code oracle-buddydump-initial.txt} and {@code oracle-zones.txt} record: free lists with their frames, in their order, and
 * the zones' counters at nearly the same moment. Which frames are on per-CPU lists, and the types of pageblocks without a free block, are
 * made up: the first as many as were counted, the second so that {@code pagetypeinfo}'s counts come out as nearly as they can.
 */
final class DumpedState {
    private final Profile profile;
    private final CapturedViews views;
    private final MigrateTypes types;
    private final int pageblockOrder;
    private final BuddyDump dump;
    private final List<ZoneView> zones;

    private DumpedState(
            Profile profile,
            CapturedViews views,
            MigrateTypes types,
            int pageblockOrder,
            BuddyDump dump,
            List<ZoneView> zones) {
        this.profile = profile;
        this.views = views;
        this.types = types;
        this.pageblockOrder = pageblockOrder;
        this.dump = dump;
        this.zones = zones;
    }

    /** The state, if the capture has the two files and the dump is whole. */
    static Optional<PageState> of(
            CaptureFiles files,
            Profile profile,
            CapturedViews views,
            MigrateTypes types,
            int pageblockOrder,
            List<String> notes) {
        Optional<BuddyDump> dump = files.find(FileKind.BUDDY_DUMP).map(BuddyDump::read);
        Optional<List<ZoneView>> zones = views.capturedZones().oracle();
        if (dump.isEmpty() || zones.isEmpty()) {
            return Optional.empty();
        }
        boolean known = dump.get().lists().stream().allMatch(list -> index(types, list.type()) >= 0);
        if (!dump.get().whole() || !known) {
            notes.add("free lists: the dump is not whole, or has types that this kernel does not know; it is not used");
            return Optional.empty();
        }
        notes.add("free lists: exact, from " + FileKind.BUDDY_DUMP.usual() + "; frames on per-CPU lists are made up");
        return Optional.of(new DumpedState(profile, views, types, pageblockOrder, dump.get(), zones.get()).state());
    }

    private static int index(MigrateTypes types, String label) {
        for (int type = 0; type < types.count(); type++) {
            if (types.type(type).label().equals(label)) {
                return type;
            }
        }
        return -1;
    }

    private PageState state() {
        List<ZoneState> states = new ArrayList<>();
        for (ZoneView zone : zones) {
            states.add(zone.populated() ? state(zone) : ZoneStates.empty(zone));
        }
        return new PageState(states);
    }

    private ZoneState state(ZoneView zone) {
        ZoneView printed = printed(zone);
        ZoneLists lists = new ZoneLists(zone, types.count(), orders());
        for (BuddyDump.FreeBlocks list : dump.lists()) {
            if (list.zone().equals(zone.type().label())) {
                lists.add(list.order(), index(types, list.type()), list.pfns());
            }
        }
        int[] blockTypes = blockTypes(printed, lists);
        BitSet used = UsableFrames.of(profile, UsableFrames.Image.WHOLE);
        used.andNot(lists.free);
        int movable = types.indexOf(MigrateType.MOVABLE);
        int cma = types.indexOf(MigrateType.CMA);
        PerCpuFrames frames = new PerCpuFrames(zone, used, blockTypes, pageblockOrder, movable, cma, true);
        List<PerCpu> perCpu = zone.pageSets().stream().map(frames::lists).toList();
        return ZoneStates.of(withThreshold(zone, printed), zone.managed(), lists.placed(blockTypes), perCpu, cma);
    }

    private int orders() {
        return 1
                + dump.lists().stream()
                        .mapToInt(BuddyDump.FreeBlocks::order)
                        .max()
                        .orElse(0);
    }

    /** The same zone as {@code /proc} printed it, if it did. */
    private ZoneView printed(ZoneView zone) {
        return views.knownZones().stream()
                .filter(some -> some.type() == zone.type())
                .findFirst()
                .orElse(zone);
    }

    /** What the module did not read is taken from {@code /proc}. */
    private static ZoneView withThreshold(ZoneView read, ZoneView printed) {
        return new ZoneView(
                read.index(),
                read.type(),
                read.startPfn(),
                read.spanned(),
                read.present(),
                read.managed(),
                read.free(),
                read.min(),
                read.low(),
                read.high(),
                read.boost(),
                read.protection(),
                read.highatomic(),
                printed.cma(),
                printed.cmaFree(),
                printed.statThreshold(),
                read.freeBlocks(),
                read.freeByType(),
                read.pageblocks(),
                read.pageblockOrder(),
                read.pageSets(),
                read.statistics());
    }

    /** A pageblock with a free block has the type of its list; of the others, the lowest get what is missing. */
    private int[] blockTypes(ZoneView printed, ZoneLists lists) {
        int first = printed.startPfn() >>> pageblockOrder;
        int last = (int) (printed.startPfn() + printed.spanned() - 1) >>> pageblockOrder;
        int[] blocks = new int[last - first + 1];
        Arrays.fill(blocks, -1);
        lists.each((pfn, order, type) -> {
            for (int block = pfn >>> pageblockOrder; block <= (pfn + (1 << order) - 1) >>> pageblockOrder; block++) {
                blocks[block - first] = type;
            }
        });
        int movable = types.indexOf(MigrateType.MOVABLE);
        Map<Integer, Long> missing = new LinkedHashMap<>();
        printed.pageblocks().forEach((label, count) -> {
            int type = index(types, label);
            long have = Arrays.stream(blocks).filter(some -> some == type).count();
            if (type >= 0 && type != movable) {
                missing.put(type, count - have);
            }
        });
        for (int block = 0; block < blocks.length; block++) {
            if (blocks[block] < 0) {
                int type = missing.entrySet().stream()
                        .filter(entry -> entry.getValue() > 0)
                        .map(Map.Entry::getKey)
                        .findFirst()
                        .orElse(movable);
                blocks[block] = type;
                missing.merge(type, -1L, Long::sum);
            }
        }
        return blocks;
    }

    /** The lists of one zone in the order of the dump. */
    private static final class ZoneLists {
        private final List<FreeList> lists = new ArrayList<>();
        private final BitSet free = new BitSet();
        private final ZoneView zone;
        private final int migrateTypes;
        private final int orders;

        ZoneLists(ZoneView zone, int migrateTypes, int orders) {
            this.zone = zone;
            this.migrateTypes = migrateTypes;
            this.orders = orders;
        }

        void add(int order, int type, int[] pfns) {
            long end = zone.startPfn() + zone.spanned();
            for (int pfn : pfns) {
                int size = 1 << order;
                boolean inside = pfn >= zone.startPfn() && pfn + size <= end && pfn % size == 0;
                if (!inside || free.get(pfn, pfn + size).cardinality() > 0) {
                    throw new IllegalArgumentException(String.format(
                            "the dump lists a block of order %d at frame 0x%x of zone %s, where %s",
                            order, pfn, zone.type().label(), inside ? "another free block lies" : "none can be"));
                }
                free.set(pfn, pfn + size);
            }
            lists.add(new FreeList(order, type, pfns));
        }

        void each(BlockVisitor visitor) {
            for (FreeList list : lists) {
                for (int pfn : list.pfns()) {
                    visitor.visit(pfn, list.order(), list.migratetype());
                }
            }
        }

        PlacedBlocks placed(int[] blockTypes) {
            PlacedBlocks placed = new PlacedBlocks(migrateTypes, orders, blockTypes);
            each(placed::place);
            return placed.inThisOrder(lists);
        }
    }

    /** Takes free blocks one by one. */
    private interface BlockVisitor {
        void visit(int pfn, int order, int type);
    }
}
