package org.kmemscope.vmalloc;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.kmemscope.api.error.KernelBug;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.ground.Verification;
import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.slab.CacheSpec;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.ObjectAllocator;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.slab.SlabHandover;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.view.AddressFact;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.view.SlabCacheView;

/** The simplest kmalloc that can be checked: powers of two up to a page, cut from pages that never go back. */
final class FakeObjects implements ObjectAllocator {
    private static final int SMALLEST = 32;

    private final PageFloor floor;
    private final Map<Integer, Deque<Long>> free = new TreeMap<>();
    private final Map<Long, Integer> live = new TreeMap<>();
    /** Requests that still succeed; -1 for no end. */
    private int left = -1;

    private FakeObjects(PageFloor floor) {
        this.floor = floor;
    }

    static ObjectAllocatorProvider provider() {
        return new ObjectAllocatorProvider() {
            @Override
            public String name() {
                return "fake";
            }

            @Override
            public ObjectAllocator create(PageFloor floor, SlabHandover handover) {
                return new FakeObjects(floor);
            }
        };
    }

    int liveCount() {
        return live.size();
    }

    /** Lets so many requests succeed, and fails all later ones; -1 lets all succeed. */
    void failAfter(int requests) {
        left = requests;
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public long kmalloc(long size, int gfp) {
        if (size > Profile.PAGE_SIZE) {
            throw new IllegalArgumentException(size + " bytes are more than this fake has");
        }
        if (left == 0) {
            return 0;
        }
        left = Math.max(-1, left - 1);
        int unit = SMALLEST;
        while (unit < size) {
            unit *= 2;
        }
        Deque<Long> objects = free.computeIfAbsent(unit, key -> new ArrayDeque<>());
        if (objects.isEmpty()) {
            int pfn = floor.pages().allocPages(floor.gfp().of(Gfp.GFP_ATOMIC), 0);
            if (pfn < 0) {
                return 0;
            }
            for (int at = 0; at < Profile.PAGE_SIZE; at += unit) {
                objects.addLast(floor.layout().pfnToVirt(pfn) + at);
            }
        }
        long object = objects.removeFirst();
        live.put(object, unit);
        return object;
    }

    @Override
    public void kfree(long object) {
        if (object > ZERO_SIZE_PTR) {
            Integer unit = live.remove(object);
            if (unit == null) {
                throw new KernelBug(String.format("kfree of 0x%08x, which is no live object", object));
            }
            free.get(unit).addFirst(object);
        }
    }

    @Override
    public long ksize(long object) {
        return live.get(object);
    }

    @Override
    public KmemCache createCache(CacheSpec spec) {
        throw new UnsupportedOperationException("no caches here");
    }

    @Override
    public boolean destroyCache(KmemCache cache) {
        throw new UnsupportedOperationException("no caches here");
    }

    @Override
    public long allocObject(KmemCache cache, int gfp) {
        throw new UnsupportedOperationException("no caches here");
    }

    @Override
    public void freeObject(KmemCache cache, long object) {
        throw new UnsupportedOperationException("no caches here");
    }

    @Override
    public int shrinkCache(KmemCache cache) {
        return 0;
    }

    @Override
    public KmemCache cache(String name) {
        return KmemCache.NONE;
    }

    @Override
    public int objectSize(KmemCache cache) {
        return 0;
    }

    @Override
    public long kmallocMax() {
        return Profile.PAGE_SIZE;
    }

    @Override
    public List<SlabCacheView> caches() {
        return List.of();
    }

    @Override
    public SlabHandover detach() {
        throw new UnsupportedOperationException("nothing is exchanged in the tests of the vmalloc area");
    }

    @Override
    public Optional<ObjectView> objectAt(long virt) {
        return Optional.empty();
    }

    @Override
    public void verify(Verification report) {
        report.checked(live.size());
    }

    @Override
    public void describe(long virt, List<AddressFact> facts) {
        // knows nothing of addresses
    }

    @Override
    public void save(StateWriter out) {
        out.putInt(free.size());
        free.forEach((unit, objects) -> {
            out.putInt(unit);
            out.putLongs(objects.stream().mapToLong(Long::longValue).toArray());
        });
        out.putInt(live.size());
        live.forEach((object, unit) -> {
            out.putLong(object);
            out.putInt(unit);
        });
    }

    @Override
    public void restore(StateReader in) {
        free.clear();
        for (int i = in.getInt(); i > 0; i--) {
            Deque<Long> objects = free.computeIfAbsent(in.getInt(), key -> new ArrayDeque<>());
            for (long object : in.getLongs()) {
                objects.addLast(object);
            }
        }
        live.clear();
        for (int i = in.getInt(); i > 0; i--) {
            live.put(in.getLong(), in.getInt());
        }
    }
}
