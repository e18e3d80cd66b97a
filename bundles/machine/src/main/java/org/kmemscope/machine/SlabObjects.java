package org.kmemscope.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kmemscope.api.ground.AddressLayout;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Provenance.Origin;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.view.ObjectView;
import org.kmemscope.api.view.SlabObjectView;

/**
 * Finds the objects of a cache, whichever allocator is bound: it asks for what lies at each address of the pages that objects can be in. It
 * takes its time.
 */
final class SlabObjects {
    private static final int WORD = 4;
    private static final int OF_OBJECTS =
            PageFlag.SLAB.bit() | PageFlag.HANDED_OVER.bit() | PageFlag.HEAD.bit() | PageFlag.TAIL.bit();

    private final SimulatedMachine machine;
    private final String cache;
    private final List<SlabObjectView> found = new ArrayList<>();

    SlabObjects(SimulatedMachine machine, String cache) {
        this.machine = machine;
        this.cache = cache;
    }

    List<SlabObjectView> find() {
        AddressLayout layout = machine.layout();
        long from = 0;
        for (int pfn = layout.minLowPfn(); pfn < layout.maxLowPfn(); pfn++) {
            if ((machine.frames().flags(pfn) & OF_OBJECTS) != 0) {
                from = scan(Math.max(from, layout.pfnToVirt(pfn)), layout.pfnToVirt(pfn) + Profile.PAGE_SIZE);
            }
        }
        return found;
    }

    /** Looks at the addresses of a page; the first that belongs to no object that was seen. */
    private long scan(long from, long end) {
        long virt = from;
        while (virt < end) {
            Optional<ObjectView> object = machine.objects().objectAt(virt);
            if (object.isEmpty()) {
                virt += WORD;
                continue;
            }
            ObjectView view = object.get();
            if (view.cache().equals(cache)) {
                found.add(withOwner(view));
            }
            virt = Math.max(virt + WORD, view.address() + view.size());
        }
        return virt;
    }

    private SlabObjectView withOwner(ObjectView object) {
        boolean live = object.state() == ObjectView.State.ALLOCATED || object.state() == ObjectView.State.LARGE;
        return (live ? machine.origins.object(object.address()) : Optional.<Origin>empty())
                .map(origin -> new SlabObjectView(
                        object,
                        origin.requested(),
                        String.format("%s (pid %d) at %s", origin.comm(), origin.pid(), origin.site())))
                .orElse(new SlabObjectView(object, 0, ""));
    }
}
