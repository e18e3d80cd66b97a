package org.kmemscope.slub;

import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.ground.ArchSpec.Arch;
import org.kmemscope.api.ground.BootOptions;
import org.kmemscope.api.ground.KernelConfig;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.page.PageFloor;
import org.kmemscope.api.slab.SlabFlag;

/**
 * SLUB's rules of one kernel on one machine: the only place in this bundle, with {@link KmallocRules} and {@link Words}, that looks at a
 * version. Known from 2.6.29 to 6.1; an older kernel gets the rules of 2.6.29, a newer one those of 6.1.
 *
 * @param layout what the layout of objects depends on
 * @param orders what the order of slabs depends on
 * @param pointers how free pointers are stored
 * @param shuffles whether the objects of a new slab are in a shuffled order
 * @param partials how many partial slabs a CPU keeps
 * @param minPartial how many partial slabs a node keeps, though they are empty
 * @param emptySlabs when a slab that becomes empty is given back
 * @param keepsOrder whether a CPU that gives up a slab puts its free list before the slab's in one piece, since 5.12; before, object by
 *     object, which turns it round
 * @param debugWay how caches with debug flags allocate
 * @param checksAlways whether any debug flag brings the checks of SLAB_CONSISTENCY_CHECKS with it, up to 4.4
 * @param kmallocRedZone whether the red zone of an object of kmalloc begins behind the size that was asked for, since 6.2
 * @param clearsPointer whether an object that is freed has no next one already when it is looked at, since 5.3
 * @param hasty whether a slab of the preferred order is not worth reclaiming for
 * @param promoted slabs with up to so many free objects are sorted when a cache is shrunk
 * @param merging which caches are merged
 * @param knownFlags bits of {@link SlabFlag} that this kernel does not leave out of account: without CONFIG_SLUB_DEBUG there are no debug
 *     flags
 * @param debugOptions {@code slub_debug=}
 * @param kmalloc kmalloc's caches
 * @param sizes sizes of the allocator's own structures
 * @param zeroesAlways whether every object is zeroed when it is allocated ({@code init_on_alloc})
 * @param zeroesFreed whether every object is zeroed when it is freed ({@code init_on_free})
 * @param mendsMasks whether a mask that no slab can be made with is mended with a warning, since 4.9; before, it is a BUG
 * @param mendsCaches whether an object freed to a wrong cache goes to the right one with a warning, since 5.3
 * @param freesSinglePages whether kfree of a page that is in no slab and not compound frees it with a warning, since 5.9; before, it is
 *     a BUG
 * @param earlyGfp mask of the allocations at boot
 * @param seed what all random numbers come from: {@code slub_seed=}, which real kernels do not have
 * @param words what the kernel says
 */
record SlubRules(
        ObjectLayout.Rules layout,
        SlabOrders orders,
        FreePointers pointers,
        boolean shuffles,
        CpuPartials.Rule partials,
        MinPartial minPartial,
        EmptySlabs emptySlabs,
        boolean keepsOrder,
        DebugWay debugWay,
        boolean checksAlways,
        boolean kmallocRedZone,
        boolean clearsPointer,
        boolean hasty,
        int promoted,
        Merging.Rules merging,
        int knownFlags,
        DebugOptions debugOptions,
        KmallocRules kmalloc,
        StructSizes sizes,
        boolean zeroesAlways,
        boolean zeroesFreed,
        boolean mendsMasks,
        boolean mendsCaches,
        boolean freesSinglePages,
        int earlyGfp,
        long seed,
        Words words) {
    /** {@code __alignof__(unsigned long long)}, which is the least alignment on i386 and on ARM. */
    static final int LEAST_ALIGN = 8;

    private static final int MANY_OBJECTS = 65535;
    private static final int MANY_OBJECTS_FROZEN = 32767;
    private static final int TRACK_WORDS = 4;
    private static final int STACK_WORDS = 16;
    private static final String ON = "1";
    /** {@code SHRINK_PROMOTE_MAX}. */
    private static final int PROMOTED = 32;

    /** How many partial slabs a node keeps though they are empty ({@code min_partial}), by the size of objects. */
    enum MinPartial {
        /** 5, up to 2.6.29. */
        FIXED,
        /** log2 of the size, 2.6.30 to 3.1. */
        LOG,
        /** Half of that, since CPUs keep partial slabs. */
        HALF_LOG;

        private static final int LEAST = 5;
        private static final int MOST = 10;

        int of(int size) {
            int log = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(size);
            return switch (this) {
                case FIXED -> LEAST;
                case LOG -> Math.min(MOST, Math.max(LEAST, log));
                case HALF_LOG -> Math.min(MOST, Math.max(LEAST, log / 2));
            };
        }
    }

    /** When a slab whose last object was freed goes back to the page allocator. */
    enum EmptySlabs {
        /** Always if it is on no CPU, up to 3.0; a CPU that gives one up may leave {@code min_partial} on the list. */
        DROPPED,
        /** If more than {@code min_partial} are on the list, 3.1 to 3.15. */
        KEPT_ABOVE,
        /** If {@code min_partial} are on the list, since 3.16. */
        KEPT_BELOW;

        /** Whether one that was freed to goes. */
        boolean dropsFreed(Cache cache) {
            return this == DROPPED || drops(cache);
        }

        /** Whether one that a CPU gives up goes. */
        boolean drops(Cache cache) {
            int least = cache.made.minPartial();
            return this == KEPT_ABOVE ? cache.partialCount > least : cache.partialCount >= least;
        }
    }

    /** How caches with debug flags allocate, which must look at each object. */
    enum DebugWay {
        /** From the slab's own list, which stays the CPU's, up to 3.0. */
        FROM_CPU_SLAB,
        /** From a slab that is taken from the node and given back at once, 3.1 to 6.0. */
        TAKE_AND_GIVE_BACK,
        /** From a slab on the node's list, since 6.1. */
        FROM_LIST
    }

    /** The flags a cache is made with. */
    int flags(String cache, int asked) {
        return (asked | debugOptions.flagsFor(cache)) & knownFlags;
    }

    static SlubRules of(PageFloor floor) {
        KernelVersion version = floor.profile().kernel().version();
        KernelConfig config = floor.profile().kernel().config();
        BootOptions options = floor.profile().kernel().options();
        Arch arch = floor.profile().arch().arch();
        Words words = Words.of(version);
        return new SlubRules(
                layout(floor, version, config, arch),
                orders(floor, version, options),
                !config.is("SLAB_FREELIST_HARDENED")
                        ? FreePointers.PLAIN
                        : version.isAtLeast(5, 7) ? FreePointers.SWAPPED : FreePointers.MIXED,
                config.is("SLAB_FREELIST_RANDOM"),
                CpuPartials.Rule.of(version, config),
                version.isAtLeast(3, 2)
                        ? MinPartial.HALF_LOG
                        : version.isAtLeast(2, 6, 30) ? MinPartial.LOG : MinPartial.FIXED,
                version.isAtLeast(3, 16)
                        ? EmptySlabs.KEPT_BELOW
                        : version.isAtLeast(3, 1) ? EmptySlabs.KEPT_ABOVE : EmptySlabs.DROPPED,
                version.isAtLeast(5, 12),
                version.isAtLeast(6, 1)
                        ? DebugWay.FROM_LIST
                        : version.isAtLeast(3, 1) ? DebugWay.TAKE_AND_GIVE_BACK : DebugWay.FROM_CPU_SLAB,
                !version.isAtLeast(4, 5),
                version.isAtLeast(6, 2),
                version.isAtLeast(5, 3),
                version.isAtLeast(4, 3),
                version.isAtLeast(4, 0) ? PROMOTED : Integer.MAX_VALUE,
                Merging.Rules.of(version, config, options),
                config.is("SLUB_DEBUG") ? ~0 : ~Cache.DEBUG_FLAGS,
                DebugOptions.of(
                        options,
                        config.is("SLUB_DEBUG_ON"),
                        version.isAtLeast(5, 8),
                        version.isAtLeast(4, 20),
                        line -> floor.log().printk(KernelLog.ERR, line)),
                KmallocRules.of(floor, version, config, options),
                StructSizes.of(version, config, arch),
                on(options, "init_on_alloc", config.is("INIT_ON_ALLOC_DEFAULT_ON")),
                on(options, "init_on_free", config.is("INIT_ON_FREE_DEFAULT_ON")),
                version.isAtLeast(4, 9),
                version.isAtLeast(5, 3) && config.is("SLAB_FREELIST_HARDENED"),
                version.isAtLeast(5, 9),
                // the page allocator must not sleep before interrupts are on: told by the mask from 2.6.31 on
                floor.gfp().of(version.isAtLeast(2, 6, 31) ? Gfp.GFP_NOWAIT : Gfp.GFP_KERNEL),
                options.get("slub_seed").map(Long::decode).orElse(1L),
                words);
    }

    private static ObjectLayout.Rules layout(PageFloor floor, KernelVersion version, KernelConfig config, Arch arch) {
        ObjectLayout.PointerPlace place = version.isAtLeast(5, 13)
                ? ObjectLayout.PointerPlace.MIDDLE
                : version.isAtLeast(5, 7) ? ObjectLayout.PointerPlace.MIDDLE_UP : ObjectLayout.PointerPlace.FIRST_WORD;
        return new ObjectLayout.Rules(
                arch == Arch.ARM
                        ? KmallocRules.builtLine(floor, config)
                        : floor.profile().arch().cacheLine(),
                LEAST_ALIGN,
                place,
                version.isAtLeast(5, 13),
                version.isAtLeast(4, 6),
                trackWords(version, config) * ObjectLayout.WORD,
                version.isAtLeast(6, 1));
    }

    /** Place, CPU, process, time; and the stack: in full from 3.1 on, by a handle of the stack depot from 5.16 on. */
    private static int trackWords(KernelVersion version, KernelConfig config) {
        if (version.isAtLeast(5, 16)) {
            return TRACK_WORDS + 1;
        }
        return version.isAtLeast(3, 1) && config.is("STACKTRACE") ? TRACK_WORDS + STACK_WORDS : TRACK_WORDS;
    }

    private static SlabOrders orders(PageFloor floor, KernelVersion version, BootOptions options) {
        int limit = floor.pages().maxOrder();
        int maxOrder = number(options, "slub_max_order", SlabOrders.DEFAULT_MAX_ORDER);
        int wanted = number(options, "slub_min_objects", 0);
        return new SlabOrders(
                number(options, "slub_min_order", 0),
                Math.min(maxOrder, limit - 1),
                wanted > 0 ? wanted : SlabOrders.wantedObjects(countedCpus(floor.profile(), version)),
                limit,
                version.isAtLeast(3, 1) ? MANY_OBJECTS_FROZEN : MANY_OBJECTS,
                !version.isAtLeast(2, 6, 30));
    }

    /**
     * CPUs that decide how many objects a slab should have: those that may come ({@code nr_cpu_ids}); since 5.12 those that are present, unless
     * that is one, as some processors tell of others only when these come ({@code calculate_order()}).
     */
    private static int countedCpus(Profile profile, KernelVersion version) {
        return version.isAtLeast(5, 12) && profile.cpus() > 1 ? profile.cpus() : profile.possibleCpus();
    }

    private static int number(BootOptions options, String name, int otherwise) {
        return options.get(name)
                .filter(text -> text.matches("\\d{1,9}"))
                .map(Integer::valueOf)
                .orElse(otherwise);
    }

    private static boolean on(BootOptions options, String name, boolean otherwise) {
        return options.get(name).map(ON::equals).orElse(otherwise);
    }
}
