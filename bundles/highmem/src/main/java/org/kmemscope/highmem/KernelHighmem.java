package org.kmemscope.highmem;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.ExecutionContext;
import org.kmemscope.api.ground.Ground;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.highmem.Highmem;
import org.kmemscope.api.highmem.PkmapState;
import org.kmemscope.api.highmem.Sleeper;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.KmapView;

/**
 * Windows onto high memory: what the calls check, and whether a page needs a window at all. The persistent area is {@link Pkmap}, the
 * windows of the fixmap are an {@link AtomicWindows} of the kernel's time.
 *
 * <p>{@code kmap_atomic()} turns preemption off, also for a page of low memory. This model counts that on every kernel: it checks for
 * sleeping like one with {@code CONFIG_DEBUG_ATOMIC_SLEEP}, which always counts.
 */
final class KernelHighmem implements Highmem {
    private final HighmemRules rules;
    private final AddressLayout layout;
    private final ExecutionContext context;
    private final WindowRow row;
    private final WindowWords words;
    private final Pkmap pkmap;
    private final AtomicWindows windows;
    private boolean userAddressWarned;

    KernelHighmem(Ground ground, Sleeper sleeper, HighmemRules rules) {
        this.rules = rules;
        layout = ground.layout();
        context = ground.context();
        row = new WindowRow(layout, ground.profile().cpus());
        words = new WindowWords(ground, rules);
        pkmap = new Pkmap(ground, sleeper, rules.alwaysFlushes());
        windows = switch (rules.windows()) {
            case TYPED -> new TypedWindows(ground, rules, row, words);
            case CPU_STACK -> new CpuStacks(ground, rules, row, words);
            case TASK_STACK -> new TaskStacks(ground, rules, row, words);
        };
    }

    @Override
    public String name() {
        return "highmem";
    }

    // ---- persistent

    @Override
    public long kmap(int pfn) {
        context.mightSleep(
                rules.kunmapMaySleep()
                        ? "include/linux/highmem-internal.h"
                        : rules.highmem() ? rules.archFile() : "include/linux/highmem.h");
        return layout.isLowmem(pfn) ? layout.pfnToVirt(pfn) : pkmap.map(pfn);
    }

    @Override
    public void kunmap(int pfn) {
        if (!rules.highmem()) {
            // nothing is compiled in
            return;
        }
        if (rules.kunmapMaySleep()) {
            context.mightSleep("include/linux/highmem-internal.h");
        } else if (context.inInterrupt()) {
            throw new KernelBug("kernel BUG at " + rules.archFile() + ": kunmap() in interrupt context");
        }
        if (!layout.isLowmem(pfn)) {
            pkmap.unmap(pfn);
        }
    }

    // ---- atomic and local

    @Override
    public long kmapAtomic(int pfn, String slot) {
        if (rules.windows() == HighmemRules.Windows.TYPED) {
            rules.types().number(slot);
        }
        long address = existing(pfn);
        if (address == 0) {
            windows.check(slot);
        }
        context.preemptDisable();
        return address == 0 ? windows.map(pfn, slot) : address;
    }

    /** The address a page has without a window of the fixmap, or 0. */
    private long existing(int pfn) {
        if (layout.isLowmem(pfn) && !rules.forceMap()) {
            return layout.pfnToVirt(pfn);
        }
        return rules.sharesPersistent() ? pkmap.mapAgain(pfn) : 0;
    }

    @Override
    public void kunmapAtomic(long address) {
        giveBack(address);
        context.preemptEnable();
    }

    @Override
    public long kmapLocal(int pfn) {
        requireLocal();
        long address = existing(pfn);
        if (address != 0) {
            return address;
        }
        windows.check("");
        return windows.map(pfn, "");
    }

    @Override
    public void kunmapLocal(long address) {
        requireLocal();
        giveBack(address);
    }

    private void requireLocal() {
        if (rules.windows() != HighmemRules.Windows.TASK_STACK) {
            throw new IllegalArgumentException("this kernel has no kmap_local_page(); it came with 5.11");
        }
    }

    private void giveBack(long address) {
        if (row.containing(address) != WindowRow.NONE) {
            windows.unmap(address);
        } else if (rules.sharesPersistent() && pkmap.contains(address)) {
            int pfn = pkmap.pageAt(address);
            if (pfn >= 0) {
                pkmap.unmap(pfn);
            }
        } else {
            checkLinear(address);
        }
    }

    /** Anything but a window should be the linear address of a page of low memory. */
    private void checkLinear(long address) {
        if (rules.windows() == HighmemRules.Windows.TASK_STACK) {
            if (address < layout.pageOffset() && !userAddressWarned) {
                userAddressWarned = true;
                words.warning("mm/highmem.c", "kunmap_local_indexed");
            }
        } else if (rules.debug() && !rules.arm() && !layout.isLinear(address)) {
            throw new KernelBug(String.format(
                    "kernel BUG at %s: kunmap_atomic() of 0x%08x, which is neither a window nor low memory",
                    rules.archFile(), address));
        }
    }

    // ---- looking

    @Override
    public long pageAddress(int pfn) {
        return layout.isLowmem(pfn) ? layout.pfnToVirt(pfn) : pkmap.addressOf(pfn);
    }

    @Override
    public int pageOf(long virt) {
        if (layout.isLinear(virt)) {
            return layout.virtToPfn(virt);
        }
        if (pkmap.contains(virt)) {
            return pkmap.pageAt(virt);
        }
        return row.containing(virt) == WindowRow.NONE ? -1 : windows.pageAt(virt);
    }

    @Override
    public Optional<String> givenUp(long virt) {
        if (pkmap.contains(virt)) {
            return pkmap.givenUp(virt);
        }
        return row.containing(virt) == WindowRow.NONE ? Optional.empty() : windows.givenUp(virt);
    }

    @Override
    public List<String> atomicSlots() {
        return rules.types().names();
    }

    @Override
    public List<KmapView> windows() {
        List<KmapView> views = new ArrayList<>();
        pkmap.addViews(views);
        windows.addViews(views);
        return views;
    }

    @Override
    public PkmapState pkmap() {
        return pkmap.state();
    }

    @Override
    public void load(PkmapState state) {
        pkmap.load(state);
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        pkmap.describe(virt, facts);
        windows.describe(virt, facts);
    }

    @Override
    public void verify(Verification report) {
        pkmap.verify(report);
        windows.verify(report);
    }

    @Override
    public void save(StateWriter out) {
        pkmap.save(out);
        windows.save(out);
        out.putBoolean(userAddressWarned);
    }

    @Override
    public void restore(StateReader in) {
        pkmap.restore(in);
        windows.restore(in);
        userAddressWarned = in.getBoolean();
    }
}
