package org.kmemscope.slab;

import org.kmemscope.api.ground.Clock;

/**
 * Takes back what caches hold for nothing ({@code cache_reap}): on each CPU, every two seconds, for each cache:
 *
 * <ol>
 *   <li>the CPU's array, unless it was used since the last turn;
 *   <li>every four seconds the shared array, likewise, and then the empty slabs, unless some were needed since the last look: as
 *       many as hold a fifth of what may be free.
 * </ol>
 */
final class Reaper {
    private static final String TIMER = "slab: cache_reap";
    /** {@code REAPTIMEOUT_CPUC}. */
    private static final int SECONDS = 2;

    private static final int PART = 5;
    /** CPUs do not come in the same tick. */
    private static final int CPU_SKEW = 3;

    private final CacheTable caches;
    private final ObjectPaths objects;
    private final ControlObjects control;
    private final Clock clock;

    Reaper(Basis basis, ObjectPaths objects, ControlObjects control) {
        this.caches = basis.caches();
        this.objects = objects;
        this.control = control;
        clock = basis.floor().clock();
        clock.register(TIMER, cpu -> run((int) cpu));
    }

    /** Sets the first turn of each CPU, a second from now ({@code start_cpu_timer}). */
    void start(int cpus) {
        for (int cpu = 0; cpu < cpus; cpu++) {
            clock.schedule(wholeSeconds(clock.hz(), cpu), TIMER, cpu);
        }
    }

    private void run(int cpu) {
        for (int place = 0; place < caches.size(); place++) {
            Cache cache = caches.at(place);
            objects.reap(cache, cache.arrays[cpu]);
            if (cache.nextReap <= clock.jiffies()) {
                cache.nextReap = clock.jiffies() + control.listPeriod();
                objects.reap(cache, cache.shared);
                reapEmptySlabs(cache);
            }
        }
        clock.schedule(wholeSeconds(SECONDS * clock.hz(), cpu), TIMER, cpu);
    }

    private void reapEmptySlabs(Cache cache) {
        if (cache.freeTouched) {
            cache.freeTouched = false;
            return;
        }
        int perTurn = PART * cache.geometry.objects();
        cache.reaped += objects.lists().giveEmptySlabs(cache, (cache.freeLimit + perTurn - 1) / perTurn);
    }

    /**
     * {@code __round_jiffies_relative()}: about so many ticks, so that timers of the kind fire together at whole seconds: down if
     * less than a quarter of a second, else up.
     */
    private long wholeSeconds(int ticks, int cpu) {
        long now = clock.jiffies();
        long skewed = now + ticks + (long) cpu * CPU_SKEW;
        long over = skewed % clock.hz();
        long rounded = skewed - over + (over < clock.hz() / 4 ? 0 : clock.hz()) - (long) cpu * CPU_SKEW;
        return rounded > now ? rounded - now : ticks;
    }
}
