package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.machine.Machine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kmap_atomic}. */
@Command(
        name = "kmap_atomic",
        description = "Opens a window of this CPU onto a page; preemption is off until it is given back.",
        footerHeading = "%nExample:%n",
        footer = {"  w = (kmap_atomic $p KM_USER0)", "  kunmap_atomic $w"})
final class KmapAtomic extends KmemCommand {
    private static final String FIRST_CHOICE = "KM_USER0";

    @Parameters(
            index = "0",
            paramLabel = "PAGE",
            description = "pfn:0x1234, 1234, or an address of the linear mapping.",
            completionCandidates = Live.Pages.class)
    private String page;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "SLOT",
            description = "Name of the slot, for kernels that name them; KM_USER0 if nothing is said.",
            completionCandidates = Candidates.AtomicSlots.class)
    private String slot = FIRST_CHOICE;

    @Override
    Object run(Call call) {
        Machine machine = call.machine();
        List<String> slots = machine.locked(() -> machine.highmem().atomicSlots());
        if (!slots.isEmpty() && !slots.contains(slot)) {
            throw new Failure("this kernel has no slot " + slot + Nearest.hint(slot, slots) + "; there are "
                    + String.join(", ", slots));
        }
        return new Address(call.kernel().kmapAtomic(call.arguments().page(page), slot));
    }
}
