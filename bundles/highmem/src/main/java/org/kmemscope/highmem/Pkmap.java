package org.kmemscope.highmem;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.highmem.PkmapState;
import org.kmemscope.api.highmem.Sleeper;
import org.kmemscope.api.mmu.Mmu;
import org.kmemscope.api.mmu.Protection;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.trace.TracePoint;
import org.kmemscope.api.trace.Tracepoints;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.KmapView;

/**
 * The persistent kmap area: {@code mm/highmem.c}.
 *
 * <pre>
 *   PKMAP_BASE                            last: where the last search ended
 *     | slot 0 | slot 1 | slot 2 | ...  | LAST_PKMAP - 1 |
 *
 *   count   0    free, no page table entry
 *           1    nobody uses it, but the entry is still there, and TLBs may know it
 *           n    used n - 1 times
 * </pre>
 *
 * <ol>
 *   <li>A page that has a slot keeps it: its count goes up, even from 1.
 *   <li>Another page gets the first slot with count 0 behind {@code last}. When the search comes to slot 0, all slots with count 1 are
 *       cleared, and the TLBs flushed, once: a freed slot is not used before that, so a slot that is never freed shows only after
 *       LAST_PKMAP others.
 *   <li>After a full turn without a free slot the task sleeps until a kunmap leaves a slot with count 1.
 *   <li>kunmap lowers the count to 1 and leaves everything else as it is.
 * </ol>
 */
final class Pkmap implements Stateful {
    static final String QUEUE = "pkmap_map_wait";
    private static final int FREE = 0;
    private static final int UNUSED = 1;
    private static final int PAGE_SIZE = Profile.PAGE_SIZE;

    private final Mmu mmu;
    private final Tracepoints trace;
    private final Sleeper sleeper;
    private final long base;
    private final int slots;
    private final boolean alwaysFlushes;
    private final PageAddresses addresses;
    private final SlotUsers users;
    private int[] counts;
    private int last;
    /** Tasks that sleep here: no state, a machine with one is never copied. */
    private int waiting;

    Pkmap(Ground ground, Sleeper sleeper, boolean alwaysFlushes) {
        AddressLayout layout = ground.layout();
        this.sleeper = sleeper;
        this.alwaysFlushes = alwaysFlushes;
        mmu = ground.mmu();
        trace = ground.trace();
        base = layout.pkmapBase();
        slots = layout.lastPkmap();
        addresses = new PageAddresses(slots);
        users = new SlotUsers(ground);
        counts = new int[slots];
    }

    private long address(int slot) {
        return base + (long) slot * PAGE_SIZE;
    }

    /** {@code page_address()} of a page of high memory: 0 if no slot shows it. */
    long addressOf(int pfn) {
        int slot = slots == 0 ? PageAddresses.NONE : addresses.slot(pfn);
        return slot == PageAddresses.NONE ? 0 : address(slot);
    }

    /** {@code kmap_high()}. May sleep. */
    long map(int pfn) {
        int slot = addresses.slot(pfn);
        if (slot == PageAddresses.NONE) {
            slot = newSlot(pfn);
        }
        return use(slot, pfn);
    }

    /** {@code kmap_high_get()}: another use of the slot that shows a page, or 0 if none does. Never sleeps. */
    long mapAgain(int pfn) {
        int slot = addresses.slot(pfn);
        return slot == PageAddresses.NONE ? 0 : use(slot, pfn);
    }

    private long use(int slot, int pfn) {
        counts[slot]++;
        users.add(slot);
        if (trace.on(TracePoint.KMAP)) {
            trace.fire(TracePoint.KMAP, pfn, address(slot), slot, counts[slot]);
        }
        return address(slot);
    }

    private int newSlot(int pfn) {
        int tries = slots;
        while (true) {
            last = (last + 1) % slots;
            if (last == 0) {
                flushUnused();
                tries = slots;
            }
            if (counts[last] == FREE) {
                break;
            }
            if (--tries == 0) {
                sleep(pfn);
                int other = addresses.slot(pfn);
                if (other != PageAddresses.NONE) {
                    // another task mapped the page meanwhile
                    return other;
                }
                tries = slots;
            }
        }
        put(last, pfn, UNUSED);
        return last;
    }

    private void put(int slot, int pfn, int count) {
        mmu.setEntry(address(slot), (long) pfn << Profile.PAGE_SHIFT, Protection.KERNEL);
        counts[slot] = count;
        addresses.add(pfn, slot);
    }

    private void sleep(int pfn) {
        waiting++;
        try {
            sleeper.sleepOn(
                    QUEUE,
                    String.format(
                            "kmap() of pfn 0x%x: all %d slots of the persistent area are in use%s",
                            pfn, slots, by(users.all())));
        } finally {
            waiting--;
        }
    }

    /** {@code flush_all_zero_pkmaps()}. */
    private void flushUnused() {
        boolean any = alwaysFlushes;
        for (int slot = 0; slot < slots; slot++) {
            if (counts[slot] == UNUSED) {
                counts[slot] = FREE;
                mmu.unmap(address(slot));
                addresses.remove(slot);
                any = true;
            }
        }
        if (any) {
            mmu.flushRange(base, address(slots));
        }
    }

    /** {@code kunmap_high()}. */
    void unmap(int pfn) {
        int slot = slots == 0 ? PageAddresses.NONE : addresses.slot(pfn);
        if (slot == PageAddresses.NONE) {
            throw new KernelBug(
                    String.format("kernel BUG at mm/highmem.c: kunmap() of pfn 0x%x, which is not mapped", pfn));
        }
        if (counts[slot] == UNUSED) {
            throw new KernelBug(String.format(
                    "kernel BUG at mm/highmem.c: kunmap() of pfn 0x%x once too often: pkmap_count[%d] would be 0",
                    pfn, slot));
        }
        counts[slot]--;
        users.remove(slot);
        if (trace.on(TracePoint.KUNMAP)) {
            trace.fire(TracePoint.KUNMAP, pfn, address(slot), slot, counts[slot]);
        }
        if (counts[slot] == UNUSED && waiting > 0) {
            sleeper.wakeUp(QUEUE);
        }
    }

    // ---- looking

    boolean contains(long virt) {
        return slots > 0 && virt >= base && virt < address(slots);
    }

    /** The page behind an address of the area, or -1. */
    int pageAt(long virt) {
        return addresses.page(slotAt(virt));
    }

    private int slotAt(long virt) {
        return (int) ((virt - base) / PAGE_SIZE);
    }

    void describe(long virt, List<AddressFact> facts) {
        if (!contains(virt)) {
            return;
        }
        int slot = slotAt(virt);
        String state =
                switch (counts[slot]) {
                    case FREE -> "free";
                    case UNUSED ->
                        String.format("free, but not flushed yet: still shows pfn 0x%x", addresses.page(slot));
                    default ->
                        String.format("shows pfn 0x%x, used %d times", addresses.page(slot), counts[slot] - 1)
                                + by(users.of(slot));
                };
        facts.add(
                new AddressFact("kmap", String.format("slot %d of %d of the persistent area, %s", slot, slots, state)));
    }

    private static String by(String users) {
        return users.isEmpty() ? "" : ", by " + users;
    }

    /** What a slot was that nobody uses any more and that is not flushed. */
    Optional<String> givenUp(long virt) {
        if (counts[slotAt(virt)] != UNUSED) {
            return Optional.empty();
        }
        List<AddressFact> facts = new ArrayList<>();
        describe(virt, facts);
        return Optional.of(facts.get(0).text());
    }

    void addViews(List<KmapView> views) {
        for (int slot = 0; slot < slots; slot++) {
            if (counts[slot] != FREE) {
                views.add(new KmapView(
                        "pkmap", slot, "", address(slot), addresses.page(slot), counts[slot], users.of(slot)));
            }
        }
    }

    // ---- recorded states

    PkmapState state() {
        List<KmapView> views = new ArrayList<>();
        addViews(views);
        return new PkmapState(
                last, views.stream().map(view -> view.withHolders("")).toList());
    }

    void load(PkmapState state) {
        if (Arrays.stream(counts).anyMatch(count -> count != FREE)) {
            throw new IllegalStateException("a recorded kmap area can only be loaded before anything is mapped");
        }
        boolean known = state.last() >= 0 && state.last() < Math.max(1, slots);
        for (KmapView view : state.slots()) {
            known &= view.slot() >= 0 && view.slot() < slots;
        }
        if (!known) {
            throw new IllegalArgumentException("the state has slots beyond the " + slots + " of this kernel");
        }
        long pages = state.slots().stream().mapToInt(KmapView::pfn).distinct().count();
        if (pages < state.slots().size()) {
            throw new IllegalArgumentException("the state has a page with two slots");
        }
        last = state.last();
        state.slots().forEach(view -> put(view.slot(), view.pfn(), view.count()));
    }

    void verify(Verification report) {
        for (int slot = 0; slot < slots; slot++) {
            int pfn = addresses.page(slot);
            long phys = mmu.lookup(address(slot));
            report.check(
                    counts[slot] == FREE ? pfn < 0 && phys < 0 : phys == (long) pfn << Profile.PAGE_SHIFT,
                    "highmem: slot %d has count %d and pfn 0x%x, but leads to 0x%x",
                    slot,
                    counts[slot],
                    pfn,
                    phys);
            report.check(
                    pfn < 0 || addresses.slot(pfn) == slot,
                    "highmem: slot %d shows pfn 0x%x, but page_address() finds it at slot %d",
                    slot,
                    pfn,
                    pfn < 0 ? PageAddresses.NONE : addresses.slot(pfn));
            // of a recorded slot it is not known who has it
            if (users.count(slot) > Math.max(0, counts[slot] - 1)) {
                report.check(
                        false, "highmem: slot %d has count %d, but %d users", slot, counts[slot], users.count(slot));
            }
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(counts);
        out.putInt(last);
        addresses.save(out);
        users.save(out);
    }

    @Override
    public void restore(StateReader in) {
        counts = in.getInts();
        last = in.getInt();
        addresses.restore(in);
        users.restore(in);
    }
}
