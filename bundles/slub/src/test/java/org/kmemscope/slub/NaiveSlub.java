package org.kmemscope.slub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kmemscope.api.slab.SlabState;

/**
 * One cache of SLUB, told with lists of Java: which address comes next, and what is on which list. New slabs are learnt from the real
 * one, as what is drawn at random cannot be known; everything else is concluded.
 */
final class NaiveSlub {
    /** Rules of an era. */
    enum Era {
        /** Up to 3.0: CPUs keep one slab, and an empty one goes as soon as it is on no CPU. */
        OLD,
        /** 3.2 to 3.8: partial slabs by free objects, seen by what is on the list. */
        ON_LIST,
        /** Since 5.16: partial slabs by number. */
        SLABS
    }

    private static final class Slab {
        final SlabState.Slab shape;
        final Deque<Integer> free = new ArrayDeque<>();
        int inUse;
        boolean frozen;
        /** Free objects when it was put on a CPU's list. */
        int freeThen;

        Slab(SlabState.Slab shape) {
            this.shape = shape;
            inUse = shape.objects();
        }
    }

    private static final class Cpu {
        Slab slab;
        final Deque<Integer> free = new ArrayDeque<>();
        final Deque<Slab> partial = new ArrayDeque<>();
    }

    private final Era era;
    private final int minPartial;
    private final int cpuPartial;
    private final List<Cpu> cpus = new ArrayList<>();
    private final Deque<Slab> node = new ArrayDeque<>();
    private final Map<Integer, Slab> byPfn = new HashMap<>();

    NaiveSlub(Era era, int cpus, int minPartial, int cpuPartial) {
        this.era = era;
        this.minPartial = minPartial;
        this.cpuPartial = cpuPartial;
        for (int cpu = 0; cpu < cpus; cpu++) {
            this.cpus.add(new Cpu());
        }
    }

    /** First frame of the slab and number of the object that an allocation gives; empty if it takes a new slab. */
    Optional<int[]> allocate(int index) {
        Cpu cpu = cpus.get(index);
        if (cpu.free.isEmpty()) {
            refill(cpu);
        }
        return cpu.free.isEmpty()
                ? Optional.empty()
                : Optional.of(new int[] {cpu.slab.shape.pfn(), cpu.free.removeFirst()});
    }

    private void refill(Cpu cpu) {
        if (cpu.slab != null && takeAll(cpu, cpu.slab)) {
            return;
        }
        cpu.slab = null;
        while (!cpu.partial.isEmpty()) {
            if (takeAll(cpu, cpu.partial.removeFirst())) {
                return;
            }
        }
        if (!node.isEmpty()) {
            takeAll(cpu, node.removeFirst());
            int moved = 0;
            while (!node.isEmpty() && !enough(cpu, moved)) {
                Slab slab = node.removeFirst();
                slab.frozen = true;
                slab.freeThen = slab.free.size();
                cpu.partial.addFirst(slab);
                moved++;
            }
        }
    }

    private boolean enough(Cpu cpu, int moved) {
        return switch (era) {
            case OLD -> true;
            case ON_LIST -> moved > 0 && freeThen(cpu) > cpuPartial / 2;
            case SLABS -> moved > cpuPartial / 2;
        };
    }

    private static int freeThen(Cpu cpu) {
        return cpu.partial.stream().mapToInt(slab -> slab.freeThen).sum();
    }

    private boolean takeAll(Cpu cpu, Slab slab) {
        boolean any = !slab.free.isEmpty();
        cpu.free.addAll(slab.free);
        slab.free.clear();
        slab.inUse = slab.shape.objects();
        slab.frozen = any;
        cpu.slab = any ? slab : null;
        return any;
    }

    /** The real one made a slab: what it looks like after its first object was taken. */
    void learn(int index, SlabState.CpuState state) {
        Cpu cpu = cpus.get(index);
        cpu.slab = new Slab(state.slab().orElseThrow());
        cpu.slab.frozen = true;
        for (int object : state.free()) {
            cpu.free.addLast(object);
        }
        assertThat(byPfn.put(cpu.slab.shape.pfn(), cpu.slab)).as("new slab").isNull();
    }

    void free(int index, int pfn, int object) {
        Cpu cpu = cpus.get(index);
        Slab slab = byPfn.get(pfn);
        if (cpu.slab == slab) {
            cpu.free.addFirst(object);
            return;
        }
        boolean wasFull = slab.free.isEmpty();
        slab.free.addFirst(object);
        slab.inUse--;
        if (slab.frozen) {
            return;
        }
        if (wasFull && era != Era.OLD) {
            if (isFull(cpu)) {
                unfreeze(cpu);
            }
            slab.frozen = true;
            slab.freeThen = slab.free.size();
            cpu.partial.addFirst(slab);
        } else if (slab.inUse == 0 && (era == Era.OLD || tooMany())) {
            node.remove(slab);
            byPfn.remove(pfn);
        } else if (wasFull) {
            node.addLast(slab);
        }
    }

    private boolean isFull(Cpu cpu) {
        return era == Era.SLABS ? cpu.partial.size() >= cpuPartial : freeThen(cpu) > cpuPartial;
    }

    private boolean tooMany() {
        return era == Era.ON_LIST ? node.size() > minPartial : node.size() >= minPartial;
    }

    private void unfreeze(Cpu cpu) {
        for (Slab slab : cpu.partial) {
            slab.frozen = false;
            if (slab.inUse == 0 && tooMany()) {
                byPfn.remove(slab.shape.pfn());
            } else {
                node.addLast(slab);
            }
        }
        cpu.partial.clear();
    }

    /** The lists, in words. */
    String text() {
        StringBuilder text = new StringBuilder();
        for (Cpu cpu : cpus) {
            text.append("cpu ").append(cpu.slab == null ? "-" : text(cpu.slab)).append(cpu.free);
            cpu.partial.forEach(slab -> text.append(' ').append(text(slab)));
            text.append('\n');
        }
        node.forEach(slab -> text.append("node ").append(text(slab)).append('\n'));
        return text.toString();
    }

    private static String text(Slab slab) {
        return text(slab.shape.pfn(), slab.inUse, slab.frozen, slab.free.iterator());
    }

    private static String text(int pfn, int inUse, boolean frozen, Iterator<Integer> free) {
        StringBuilder text = new StringBuilder(String.format("%x:%d%s", pfn, inUse, frozen ? "f" : ""));
        free.forEachRemaining(object -> text.append(',').append(object));
        return text.toString();
    }

    /** The lists of the real one, in the same words. */
    static String text(SlabState.CacheState state) {
        StringBuilder text = new StringBuilder();
        for (SlabState.CpuState cpu : state.cpus()) {
            text.append("cpu ")
                    .append(cpu.slab().map(NaiveSlub::text).orElse("-"))
                    .append(Arrays.toString(cpu.free()));
            cpu.partial().forEach(slab -> text.append(' ').append(text(slab)));
            text.append('\n');
        }
        state.partial().forEach(slab -> text.append("node ").append(text(slab)).append('\n'));
        return text.toString();
    }

    private static String text(SlabState.Slab slab) {
        return text(
                slab.pfn(),
                slab.inUse(),
                slab.frozen(),
                Arrays.stream(slab.free()).iterator());
    }
}
