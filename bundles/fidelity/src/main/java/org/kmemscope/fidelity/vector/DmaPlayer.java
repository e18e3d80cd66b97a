package org.kmemscope.fidelity.vector;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.kmemscope.api.dma.Dma;
import org.kmemscope.api.dma.DmaBuffer;
import org.kmemscope.api.dma.DmaDevice;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.page.PageState.ZoneState;
import org.kmemscope.api.view.DmaMappingView;
import org.kmemscope.fidelity.Findings;

/** Makes the calls of a vector of coherent DMA on a machine. */
final class DmaPlayer implements Player {
    /** Name of the device that asks. */
    static final String DEVICE = "vector";

    private static final String GFP = "GFP_NOWAIT|__GFP_NOWARN";

    private final Machine machine;
    private final Dma dma;
    private final Optional<PageState> end;
    private final boolean poolListed;
    private final DmaDevice device;
    private final int gfp;
    private final Map<Long, DmaBuffer> live = new HashMap<>();
    /** How far the kernel mapped the atomic pool above where the model has it; known from the first piece. */
    private long poolShift;

    /** Where the model has it mapped; 0 before the first piece. */
    private long poolBase;

    /**
     * @param end the end state, if there is one
     * @param poolListed whether the capture lists areas, so that the machine can know where the atomic pool is mapped
     */
    DmaPlayer(Machine machine, Optional<PageState> end, boolean poolListed) {
        this.machine = machine;
        this.end = end;
        this.poolListed = poolListed;
        dma = machine.dma();
        device = dma.devices().stream()
                .filter(one -> one.name().equals(DEVICE))
                .findFirst()
                .orElseThrow();
        gfp = machine.gfp().parse(GFP);
    }

    @Override
    public Answer make(Line operation) {
        return machine.locked((Supplier<Answer>) () -> operation.is("A") ? allocate(operation) : free(operation));
    }

    private Answer allocate(Line line) {
        long virt = line.address("virt");
        DmaBuffer buffer = dma.allocCoherent(device, line.decimal("size"), gfp);
        live.put(virt, buffer);
        boolean inPool = !buffer.failed() && machine.vmalloc().isVmallocAddress(buffer.virt());
        if (inPool && poolBase == 0 && buffer.handle() == line.address("dma")) {
            poolBase = machine.vmalloc().areaAt(buffer.virt()).orElseThrow().start();
            poolShift = virt - buffer.virt();
        }
        return new Answer(
                text(virt, line.address("dma")),
                text(inPool ? buffer.virt() + poolShift : buffer.virt(), buffer.handle()));
    }

    private static String text(long virt, long handle) {
        return virt == 0 ? "no memory" : String.format("virt=%x dma=%x", virt, handle);
    }

    private Answer free(Line line) {
        DmaBuffer buffer = live.remove(line.address("virt"));
        if (buffer == null) {
            throw line.wrong("nothing was allocated there", "what is freed was allocated before");
        }
        return dma.freeCoherent(device, buffer) ? Answer.NONE : new Answer("freed", "not freed");
    }

    /** Where the atomic pool is mapped, if the vector has pieces of it. */
    private void pool(Line list, Findings findings) {
        if (poolBase == 0) {
            return;
        }
        if (poolListed) {
            findings.compare(
                    "start of the atomic pool",
                    Long.toHexString(poolBase + poolShift),
                    Long.toHexString(poolBase),
                    list.where());
        } else {
            findings.notModelled(1, "where boot mapped the atomic pool: no list of vmalloc areas tells");
        }
    }

    @Override
    public void check(Line list, Findings findings) {
        pool(list, findings);
        new PageStateFacts(ZoneNames.of(machine))
                .compare(
                        list.text(), end.orElseThrow(), machine.locked(machine.pages()::state), list.where(), findings);
    }

    @Override
    public List<String> scene(Line operation, Answer answer) {
        List<String> lines = new ArrayList<>();
        for (DmaMappingView mapping : dma.mappings()) {
            lines.add(mapping.toString());
        }
        ZoneNames names = ZoneNames.of(machine);
        for (ZoneState zone : machine.locked(machine.pages()::state).zones()) {
            if (zone.spanned() > 0) {
                lines.add("zone " + names.zone(zone.index()));
                PageStateFacts.summary(zone, names).forEach(list -> lines.add("  " + list));
            }
        }
        return lines;
    }
}
