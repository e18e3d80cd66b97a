package org.kmemscope.fidelity.family;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.slab.ObjectConstructor;
import org.kmemscope.api.slab.SlabFlag;
import org.kmemscope.api.view.SlabCacheView;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.file.SlabRow;

/**
 * Caches of SLAB. slabinfo tells the size of an object after rounding, and nothing of its flags. The caches that every machine has are
 * compared as they are. Others are created with that size and, where it makes a difference, with each of the flags that matter: lines of the
 * CPU's cache, reclaimable, and a size before rounding that keeps the management on the slab. One of them must give what the kernel says;
 * the number of objects decides which.
 */
final class SlabGeometry {
    /** Objects of an eighth of a page have their management off the slab, by their size before rounding. */
    private static final int OFF_SLAB_SIZE = 512;

    private static final int WORD = 4;
    private static final int[] LINES = {16, 32, 64, 128};

    private final Machine machine;
    private final Findings findings;

    SlabGeometry(Machine machine, Findings findings) {
        this.machine = machine;
        this.findings = findings;
    }

    void compare(List<SlabRow> rows) {
        List<SlabCacheView> own = machine.objects().caches();
        for (SlabRow row : rows) {
            Optional<SlabCacheView> known =
                    own.stream().filter(view -> view.name().equals(row.name())).findFirst();
            SlabCacheView view = known.orElseGet(() -> likeliest(row));
            if (known.isPresent()) {
                fact(row, "size", row.size(), view.objectSize());
            }
            fact(row, "objects in a slab", row.objects(), view.objectsPerSlab());
            fact(row, "pages of a slab", row.pages(), view.pagesPerSlab());
            fact(row, "limit", row.limit(), view.limit());
            fact(row, "batchcount", row.batch(), view.batchCount());
            fact(row, "sharedfactor", row.shared(), view.sharedFactor());
        }
    }

    private void fact(SlabRow row, String what, int captured, int modelled) {
        findings.compare("cache " + row.name() + ": " + what, captured, modelled, row.where());
    }

    /** The candidate that comes nearest to a row. */
    private SlabCacheView likeliest(SlabRow row) {
        return candidates(row.size()).stream()
                .min(Comparator.comparingInt(view -> (view.objectsPerSlab() == row.objects() ? 0 : 1)
                        + (view.pagesPerSlab() == row.pages() ? 0 : 1)))
                .orElseThrow(() -> new IllegalArgumentException(
                        row.where() + ": no cache has objects of " + row.size() + " bytes"));
    }

    private List<SlabCacheView> candidates(int size) {
        List<SlabCacheView> candidates = new ArrayList<>();
        int lines = SlabFlag.SLAB_HWCACHE_ALIGN.bit();
        int reclaimable = SlabFlag.SLAB_RECLAIM_ACCOUNT.bit();
        for (int flags : new int[] {0, lines, reclaimable, lines | reclaimable}) {
            add(candidates, size, size, 0, flags);
            if (size == OFF_SLAB_SIZE) {
                add(candidates, size, size - WORD, 0, flags | lines);
            }
        }
        for (int align : LINES) {
            add(candidates, size, size, align, 0);
            if (size == OFF_SLAB_SIZE) {
                add(candidates, size, size - WORD, align, 0);
            }
        }
        return candidates;
    }

    private void add(List<SlabCacheView> candidates, int rounded, int size, int align, int flags) {
        Caches.trial(machine, size, align, flags, ObjectConstructor.NONE)
                .filter(view -> view.objectSize() == rounded)
                .ifPresent(candidates::add);
    }
}
