package org.kmemscope.slub;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;
import org.kmemscope.api.slab.KmemCache;
import org.kmemscope.api.slab.RecordedSlabs;
import org.kmemscope.api.slab.SlabState;
import org.kmemscope.api.slab.SlabState.CacheState;
import org.kmemscope.api.slab.SlabState.CpuState;

/**
 * Writes the exact state of all caches down, and takes one over.
 *
 * <p>Of a recorded slab only the free objects are known: the others are in the hands of somebody unknown, and can be freed. Full slabs
 * are on no list, so a state counts them without naming them; they stay unknown.
 */
final class StateRecorder implements RecordedSlabs {
    private final Basis basis;
    private final Slabs slabs;
    private final FreeLists freeLists;
    private final NodeLists lists;
    private final SlabMaker maker;
    private final PageFrames frames;
    private final AddressLayout layout;

    StateRecorder(Basis basis, Parts parts) {
        this.basis = basis;
        slabs = basis.slabs();
        freeLists = parts.freeLists();
        lists = parts.lists();
        maker = parts.maker();
        frames = basis.floor().frames();
        layout = basis.floor().layout();
    }

    // ---- writing down

    @Override
    public SlabState state() {
        return new SlabState(basis.caches().all().stream().map(this::state).toList());
    }

    @Override
    public CacheState state(KmemCache cache) {
        return state(known(cache));
    }

    private Cache known(KmemCache handle) {
        Cache cache = basis.caches().behind(handle);
        if (cache == null) {
            throw wrong("there is no cache '%s' here", handle.name());
        }
        return cache;
    }

    private CacheState state(Cache cache) {
        List<CpuState> cpus = new ArrayList<>();
        for (int cpu = 0; cpu < cache.free.length; cpu++) {
            int slab = cache.slab[cpu];
            cpus.add(new CpuState(
                    slab == Slabs.NONE ? Optional.empty() : Optional.of(slab(cache, slab)),
                    slab == Slabs.NONE ? new int[0] : indexes(cache, slab, cache.free[cpu]),
                    list(cache, cache.partial[cpu])));
        }
        return new CacheState(
                cache.name(),
                cache.random,
                freeLists.sequence(cache),
                cache.slabs,
                cache.objects,
                cpus,
                list(cache, cache.partialFirst));
    }

    private List<SlabState.Slab> list(Cache cache, int first) {
        List<SlabState.Slab> list = new ArrayList<>();
        for (int slab = first; slab != Slabs.NONE; slab = slabs.next(slab)) {
            list.add(slab(cache, slab));
        }
        return list;
    }

    private SlabState.Slab slab(Cache cache, int slab) {
        return new SlabState.Slab(
                slabs.pfn(slab),
                slabs.order(slab),
                slabs.objects(slab),
                slabs.inUse(slab),
                slabs.frozen(slab),
                slabs.ahead(slab),
                indexes(cache, slab, slabs.free(slab)));
    }

    /** Numbers of the objects on a free list; it ends where it was overwritten. */
    private int[] indexes(Cache cache, int slab, long first) {
        int[] indexes = new int[slabs.objects(slab)];
        int length = 0;
        for (long object = first; object != 0 && length < indexes.length; object = freeLists.next(cache, object)) {
            int index = slabs.indexOf(slab, object);
            if (index < 0) {
                break;
            }
            indexes[length++] = index;
        }
        return Arrays.copyOf(indexes, length);
    }

    // ---- taking over

    @Override
    public void load(SlabState state) {
        Set<Integer> taken = new HashSet<>();
        for (CacheState cache : state.caches()) {
            check(cache, taken);
        }
        for (CacheState cache : state.caches()) {
            load(basis.caches().byName(cache.name()), cache);
        }
    }

    private void check(CacheState state, Set<Integer> taken) {
        Cache cache = basis.caches().byName(state.name());
        if (cache == null) {
            throw wrong("there is no cache '%s' here; create it first", state.name());
        }
        if (state.cpus().size() > cache.free.length) {
            throw wrong(
                    "cache %s was recorded on %d CPUs, this machine has %d",
                    state.name(), state.cpus().size(), cache.free.length);
        }
        int length = state.sequence().length;
        if (length != 0 && (cache.sequence == 0 || length != cache.made.objects())) {
            throw wrong(
                    "cache %s has an order of %d objects in the state; here %s",
                    state.name(),
                    length,
                    cache.sequence == 0 ? "objects are not shuffled" : "a slab has " + cache.made.objects());
        }
        if (state.random() != 0 && basis.rules().pointers() == FreePointers.PLAIN) {
            throw wrong("cache %s has hardened free pointers in the state; this kernel does not", state.name());
        }
        for (CpuState cpu : state.cpus()) {
            cpu.slab().ifPresent(slab -> check(cache, slab, cpu.free(), taken));
            cpu.partial().forEach(slab -> check(cache, slab, new int[0], taken));
        }
        state.partial().forEach(slab -> check(cache, slab, new int[0], taken));
    }

    private void check(Cache cache, SlabState.Slab slab, int[] cpuFree, Set<Integer> taken) {
        String where = String.format("slab of cache %s at pfn 0x%x", cache.name(), slab.pfn());
        int perSlab = SlabOrders.objects(slab.order(), cache.size());
        if (slab.objects() != perSlab) {
            throw wrong("%s has %d objects in the state, %d here", where, slab.objects(), perSlab);
        }
        BitSet free = new BitSet();
        for (int[] list : new int[][] {slab.free(), cpuFree}) {
            for (int index : list) {
                if (index < 0 || index >= perSlab || free.get(index)) {
                    throw wrong("%s: object %d cannot be on its free lists (again)", where, index);
                }
                free.set(index);
            }
        }
        if (slab.inUse() != perSlab - slab.free().length) {
            throw wrong(
                    "%s has %d objects in use, and %d of %d free", where, slab.inUse(), slab.free().length, perSlab);
        }
        for (int pfn = slab.pfn(); pfn < slab.pfn() + slab.pages(); pfn++) {
            boolean fits = frames.isValid(pfn) && layout.isLowmem(pfn) && taken.add(pfn);
            if (!fits || frames.count(pfn) != 1 || isOurs(pfn)) {
                throw wrong(
                        "%s: pfn 0x%x is not in use by somebody unknown%s",
                        where,
                        pfn,
                        fits ? ", its flags are " + PageFlag.of(frames.flags(pfn)) : " in low memory, or named twice");
            }
        }
    }

    /** Whether a frame is part of a slab here; one that is only marked as a slab, so that nobody takes it, is not. */
    private boolean isOurs(int pfn) {
        int slab = slabs.of(pfn);
        return slab != Slabs.NONE && basis.caches().byNumber(frames.prev(pfn)) != null;
    }

    private static IllegalArgumentException wrong(String format, Object... arguments) {
        return new IllegalArgumentException(String.format(format, arguments));
    }

    private void load(Cache cache, CacheState state) {
        forget(cache);
        cache.random = state.random();
        if (state.sequence().length > 0) {
            freeLists.writeSequence(cache, state.sequence());
        }
        for (SlabState.Slab slab : state.partial()) {
            lists.addLast(cache, adopt(cache, slab, new int[0]));
        }
        for (int cpu = 0; cpu < state.cpus().size(); cpu++) {
            loadCpu(cache, cpu, state.cpus().get(cpu));
        }
        cache.unlistedSlabs += state.slabs() - cache.slabs;
        cache.unlistedObjects += state.objects() - cache.objects;
        cache.slabs = state.slabs();
        cache.objects = state.objects();
    }

    /** What the cache had is on no list any more, so that it looks full; free objects in it are given up. */
    private void forget(Cache cache) {
        for (int cpu = 0; cpu < cache.free.length; cpu++) {
            cache.free[cpu] = 0;
            cache.slab[cpu] = Slabs.NONE;
            cache.partial[cpu] = Slabs.NONE;
        }
        while (cache.partialFirst != Slabs.NONE) {
            lists.remove(cache, cache.partialFirst);
        }
        for (int slab = cache.newest; slab != Slabs.NONE; slab = slabs.older(slab)) {
            slabs.setFrozen(slab, false);
            slabs.setFree(slab, 0);
            slabs.setInUse(slab, slabs.objects(slab));
            holdAll(cache, slab, new int[0], new int[0]);
        }
    }

    /** Every object of a slab but the free ones is in somebody's hands. */
    private void holdAll(Cache cache, int slab, int[] free, int[] alsoFree) {
        BitSet isFree = new BitSet();
        Arrays.stream(free).forEach(isFree::set);
        Arrays.stream(alsoFree).forEach(isFree::set);
        for (int index = 0; index < slabs.objects(slab); index++) {
            if (!isFree.get(index) && slabs.addLive(slab, index)) {
                cache.allocations++;
            }
        }
    }

    private void loadCpu(Cache cache, int cpu, CpuState state) {
        state.slab().ifPresent(recorded -> {
            int slab = adopt(cache, recorded, state.free());
            cache.slab[cpu] = slab;
            cache.free[cpu] = link(cache, slab, state.free());
        });
        int before = Slabs.NONE;
        int ahead = state.partial().size();
        int free = state.partial().stream().mapToInt(slab -> slab.free().length).sum();
        for (SlabState.Slab recorded : state.partial()) {
            int slab = adopt(cache, recorded, new int[0]);
            slabs.setAhead(slab, ahead--, free);
            free -= recorded.free().length;
            if (before == Slabs.NONE) {
                cache.partial[cpu] = slab;
            } else {
                slabs.setNext(before, slab);
            }
            before = slab;
        }
    }

    private int adopt(Cache cache, SlabState.Slab state, int[] cpuFree) {
        for (int pfn = state.pfn(); pfn < state.pfn() + state.pages(); pfn++) {
            boolean tail = pfn > state.pfn();
            int flags = state.order() == 0 ? 0 : tail ? PageFlag.TAIL.bit() : PageFlag.HEAD.bit();
            frames.setFlags(pfn, flags);
            frames.setPrivateData(pfn, tail ? state.pfn() : state.order());
            frames.setCount(pfn, tail ? 0 : 1);
        }
        int slab = slabs.add(
                state.pfn(),
                state.order(),
                cache.number,
                state.objects(),
                cache.size(),
                cache.made.layout().redLeft());
        maker.count(cache, slab);
        slabs.setInUse(slab, state.inUse());
        slabs.setFrozen(slab, state.frozen());
        slabs.setFree(slab, link(cache, slab, state.free()));
        holdAll(cache, slab, state.free(), cpuFree);
        return slab;
    }

    private long link(Cache cache, int slab, int[] free) {
        long first = 0;
        for (int i = free.length - 1; i >= 0; i--) {
            long object = slabs.object(slab, free[i]);
            freeLists.setNext(cache, object, first);
            first = object;
        }
        return first;
    }

    @Override
    public void draw(KmemCache handle, int... firstObjects) {
        Cache cache = known(handle);
        if (cache.sequence == 0) {
            throw wrong("cache %s has its objects in order, nothing is drawn", cache.name());
        }
        cache.draws = firstObjects.clone();
        cache.drawn = 0;
    }
}
