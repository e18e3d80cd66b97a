package org.kmemscope.shell.command;

import java.util.List;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.AllocFailure;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code gfp}. */
@Command(
        name = "gfp",
        description =
                "Explains GFP flags: value, parts, whether they may sleep, which zones serve them down to which mark.",
        footerHeading = "%nExample:%n",
        footer = {"  gfp GFP_ATOMIC", "  gfp 0xd0", "  gfp"})
final class GfpCommand extends ViewCommand<GfpCommand.GfpView> {
    @Parameters(
            paramLabel = "GFP",
            arity = "0..1",
            description = "Flags, joined by + (| is a pipe), or a number. Without it: the flags this kernel has.",
            completionCandidates = Candidates.GfpFlags.class)
    private String flags;

    @Option(
            names = {"-o", "--order"},
            paramLabel = "ORDER",
            description = "Explain a request of this order; 0 if nothing is said.")
    private int order;

    /** A mask explained. */
    record GfpView(
            String era,
            int value,
            String text,
            List<GfpTable.Part> parts,
            boolean maySleep,
            String migrateType,
            boolean contradiction,
            List<AllocFailure.ZoneVerdict> zones) {}

    @Override
    Object run(Call call) {
        if (flags != null) {
            return super.run(call);
        }
        GfpTable table = call.machine().gfp();
        Table text = new Table("FLAG", "VALUE");
        for (Gfp flag : table.names()) {
            text.row(flag.name(), String.format("0x%x", table.of(flag)));
        }
        call.print(text.toString());
        return NOTHING;
    }

    @Override
    GfpView view(Call call) {
        Machine machine = call.machine();
        GfpTable table = machine.gfp();
        int mask = table.parse(flags);
        int largest = machine.layout().zones().maxOrder() - 1;
        if (order < 0 || order > largest) {
            throw new Failure("order " + order + ": the blocks of this kernel have orders 0 to " + largest);
        }
        return new GfpView(
                table.era(),
                mask,
                table.names(mask),
                table.parts(mask),
                table.maySleep(mask),
                table.migrateTypes().type(table.migrateType(mask)).label(),
                table.isBadZone(mask),
                machine.locked(() -> machine.pages().explain(mask, order)).zones());
    }

    @Override
    String text(Call call, GfpView view) {
        StringBuilder text = new StringBuilder();
        text.append(String.format("0x%x = %s (Linux %s)\n", view.value(), view.text(), view.era()));
        view.parts().forEach(part -> text.append(String.format("  0x%-8x %s\n", part.value(), part.flag())));
        text.append(view.maySleep() ? "may sleep" : "never sleeps")
                .append("; pages of type ")
                .append(view.migrateType())
                .append(view.contradiction() ? "; the zone flags contradict each other" : "")
                .append('\n');
        for (AllocFailure.ZoneVerdict zone : view.zones()) {
            text.append(String.format(
                    "zone %-8s down to %d pages: min watermark %d for this mask, lowmem_reserve %d; %d count as free now%s\n",
                    zone.zone(),
                    zone.mark() + zone.reserve(),
                    zone.mark(),
                    zone.reserve(),
                    zone.free(),
                    zone.fits() ? "" : ", so not here"));
        }
        return text.toString();
    }
}
