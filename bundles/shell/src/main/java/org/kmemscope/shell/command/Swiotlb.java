package org.kmemscope.shell.command;

import org.kmemscope.api.view.BounceView;
import picocli.CommandLine.Command;

/** {@code swiotlb}. */
@Command(
        name = "swiotlb",
        description = "The software IO TLB: bounce buffers for devices that do not reach all memory.",
        footerHeading = "%nExample:%n",
        footer = {"  boot linux-6.1-686,swiotlb=512", "  swiotlb"})
final class Swiotlb extends ViewCommand<BounceView> {
    @Override
    BounceView view(Call call) {
        return call.machine().locked(() -> call.machine().dma().bounce());
    }

    @Override
    String text(Call call, BounceView view) {
        if (view.slots() == 0) {
            return "none; swiotlb=SLOTS or swiotlb=force on the command line of the kernel makes one\n";
        }
        return String.format(
                "[mem 0x%08x-0x%08x], io_tlb_nslabs %d, io_tlb_used %d%s\n",
                view.start(), view.end() - 1, view.slots(), view.used(), view.forced() ? ", for every mapping" : "");
    }
}
