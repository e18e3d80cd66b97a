package org.kmemscope.reclaim;

import java.util.Arrays;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.phys.FrameLists;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * The LRU lists, linked through {@code page->lru}. A page on one has PG_lru; its other flags say which.
 *
 * <pre>
 *   list       inactive anon  0    active anon  1    inactive file  2    active file  3    unevictable  4
 *   2.6.24     inactive       0    active       1
 *   set        a zone's, or from 4.8 on the node's:        head ⇄ page ⇄ page ⇄ tail, where reclaim takes from
 * </pre>
 */
final class LruLists implements Stateful {
    static final int NONE = FrameLists.NONE;
    static final int INACTIVE_ANON = 0;
    static final int ACTIVE_ANON = 1;
    static final int INACTIVE_FILE = 2;
    static final int ACTIVE_FILE = 3;
    static final int UNEVICTABLE = 4;
    static final int LISTS = 5;
    /** Lists that reclaim looks at. */
    static final int EVICTABLE = 4;

    static final int ACTIVE_BIT = 1;
    static final int FILE_BIT = 2;

    private static final int LRU = PageFlag.LRU.bit();
    private static final int ACTIVE = PageFlag.ACTIVE.bit();
    private static final int ANON = PageFlag.SWAPBACKED.bit();
    private static final int STUCK = PageFlag.UNEVICTABLE.bit();

    private final PageFrames frames;
    private final ReclaimRules.Lists kind;
    private final int zones;
    private final FrameLists lists;
    private final int[] byZone;

    LruLists(PageFrames frames, ReclaimRules.Lists kind, int zones) {
        this.frames = frames;
        this.kind = kind;
        this.zones = zones;
        int sets = kind == ReclaimRules.Lists.FOUR_BY_NODE ? 1 : zones;
        lists = new FrameLists(frames, sets * LISTS);
        byZone = new int[zones * LISTS];
    }

    /** The set of lists that pages of a zone are on. */
    int setOf(int zone) {
        return kind == ReclaimRules.Lists.FOUR_BY_NODE ? 0 : zone;
    }

    int sets() {
        return lists.lists() / LISTS;
    }

    private int setOfPage(int pfn) {
        return setOf(frames.zone(pfn));
    }

    /** The list that the flags of a page name. */
    int listOf(int pfn) {
        int flags = frames.flags(pfn);
        if (kind == ReclaimRules.Lists.TWO_BY_ZONE) {
            return (flags & ACTIVE) != 0 ? ACTIVE_ANON : INACTIVE_ANON;
        }
        if ((flags & STUCK) != 0) {
            return UNEVICTABLE;
        }
        return ((flags & ACTIVE) != 0 ? ACTIVE_BIT : 0) | ((flags & ANON) != 0 ? 0 : FILE_BIT);
    }

    boolean contains(int pfn) {
        return (frames.flags(pfn) & LRU) != 0 && frames.mapping(pfn) != 0;
    }

    long count(int set, int list) {
        return lists.length(set * LISTS + list);
    }

    long countOfZone(int zone, int list) {
        return byZone[zone * LISTS + list];
    }

    /** Pages of a list that lie in zones up to one ({@code lruvec_lru_size()}). */
    long countUpTo(int set, int list, int highestZone) {
        if (kind != ReclaimRules.Lists.FOUR_BY_NODE) {
            return count(set, list);
        }
        long pages = 0;
        for (int zone = 0; zone <= highestZone; zone++) {
            pages += countOfZone(zone, list);
        }
        return pages;
    }

    int first(int set, int list) {
        return lists.first(set * LISTS + list);
    }

    int last(int set, int list) {
        return lists.last(set * LISTS + list);
    }

    int next(int pfn) {
        return lists.next(pfn);
    }

    int prev(int pfn) {
        return lists.prev(pfn);
    }

    /** Puts a page at the head of the list its flags name. */
    void addFirst(int pfn) {
        lists.addFirst(place(pfn), pfn);
        added(pfn);
    }

    /** Puts a page at the tail, where it is taken first. */
    void addLast(int pfn) {
        lists.addLast(place(pfn), pfn);
        added(pfn);
    }

    private int place(int pfn) {
        return setOfPage(pfn) * LISTS + listOf(pfn);
    }

    private void added(int pfn) {
        frames.setFlags(pfn, frames.flags(pfn) | LRU);
        byZone[frames.zone(pfn) * LISTS + listOf(pfn)]++;
    }

    /** Takes a page off its list; its flags still name it. */
    void remove(int pfn) {
        lists.remove(place(pfn), pfn);
        frames.setFlags(pfn, frames.flags(pfn) & ~LRU);
        byZone[frames.zone(pfn) * LISTS + listOf(pfn)]--;
    }

    void verify(Verification report) {
        int[] found = new int[zones * LISTS];
        for (int set = 0; set < sets(); set++) {
            for (int list = 0; list < LISTS; list++) {
                int pages = 0;
                int before = NONE;
                for (int pfn = first(set, list); pfn != NONE && pages <= count(set, list); pfn = frames.next(pfn)) {
                    report.check(frames.prev(pfn) == before, "LRU page 0x%x: its prev link is broken", pfn);
                    report.check(
                            contains(pfn) && listOf(pfn) == list && setOfPage(pfn) == set,
                            "page 0x%x is on LRU list %d, its flags say %s",
                            pfn,
                            list,
                            PageFlag.of(frames.flags(pfn)));
                    report.check(frames.count(pfn) > 0, "LRU page 0x%x has no reference", pfn);
                    report.claim(pfn, 1, "on an LRU list");
                    found[frames.zone(pfn) * LISTS + list]++;
                    before = pfn;
                    pages++;
                }
                report.check(
                        pages == count(set, list),
                        "LRU list %d counts %d pages, it holds %d",
                        list,
                        count(set, list),
                        pages);
            }
        }
        report.check(Arrays.equals(found, byZone), "the zones' counts of LRU pages differ from the lists");
    }

    @Override
    public void save(StateWriter out) {
        lists.save(out);
        out.putInts(byZone);
    }

    @Override
    public void restore(StateReader in) {
        lists.restore(in);
        System.arraycopy(in.getInts(), 0, byZone, 0, byZone.length);
    }
}
