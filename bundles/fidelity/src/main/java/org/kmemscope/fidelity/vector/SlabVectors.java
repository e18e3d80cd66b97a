package org.kmemscope.fidelity.vector;

import java.util.List;
import java.util.Optional;
import org.kmemscope.api.capture.MachineSeed;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.slab.SlabState;
import org.kmemscope.api.vmalloc.VmallocState;
import org.kmemscope.fidelity.Findings;
import org.kmemscope.fidelity.Subject;

/**
 * Objects of SLUB: of private caches that were created for it, or of kmalloc's caches in the state in which they were. Facts: each parameter
 * of a cache, each operation, each new slab with its free list and each that went back, each state of a cache, the facts of the page
 * allocator's end state.
 */
public final class SlabVectors extends VectorFamily {
    private final boolean privateCaches;

    private SlabVectors(String name, String prefix, boolean privateCaches) {
        super(name, prefix);
        this.privateCaches = privateCaches;
    }

    /** The family of {@code vec-slub-*}. */
    public static SlabVectors ofPrivateCaches() {
        return new SlabVectors("slub vectors", "vec-slub-", true);
    }

    /** The family of {@code vec-kmalloc}. */
    public static SlabVectors ofKmalloc() {
        return new SlabVectors("kmalloc vectors", "vec-kmalloc", false);
    }

    @Override
    void compare(Subject subject, String file, Findings findings) {
        VectorText text = VectorText.of(subject.capture(), file);
        PageState start = subject.capture()
                .state(file, PageVector.START)
                .orElseThrow(() -> text.cut("there is no 'STATE start'"));
        SlabVector vector = SlabVector.read(text, subject.capture().state(file, PageVector.END));
        Optional<SlabState> existing = privateCaches ? Optional.empty() : Optional.of(vector.start());
        MachineSeed seed = new MachineSeed(
                subject.seed().profile(), Optional.of(start), true, List.of(), existing, VmallocState.EMPTY, List.of());
        new Replay(text, vector.steps(), () -> player(subject.cloned(seed), vector)).run(findings);
    }

    private Player player(Machine machine, SlabVector vector) {
        if (machine.objects().recorded().isEmpty()) {
            throw new IllegalArgumentException(
                    "the object allocator is " + machine.objects().name() + ", which takes no recorded state over");
        }
        SlabPlayer player = new SlabPlayer(machine, vector);
        if (privateCaches) {
            player.createCaches();
        }
        player.draw();
        return player;
    }
}
