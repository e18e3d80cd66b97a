package org.kmemscope.shell.command;

import java.util.List;
import java.util.Map;
import org.kmemscope.api.machine.Exchange;
import org.kmemscope.api.machine.ExchangeState;
import org.kmemscope.api.machine.Machine;
import picocli.CommandLine.Command;

/** {@code allocators}. */
@Command(
        name = "allocators",
        description =
                "Which implementations of each part there are, which the machine uses, and what is left of those before.",
        footerHeading = "%nExample:%n",
        footer = "  allocators")
final class Allocators extends ViewCommand<Allocators.Overview> {
    /** What there is, what is used, and what waits. */
    record Overview(
            Map<String, List<String>> present,
            String machine,
            Map<String, String> used,
            List<ExchangeState> exchange) {}

    @Override
    Overview view(Call call) {
        Machine machine = call.machine();
        return new Overview(
                call.desk().machines().providers(),
                machine.name(),
                machine.parts(),
                call.desk()
                        .find(Exchange.class)
                        .map(exchange -> exchange.state(machine))
                        .orElse(List.of()));
    }

    @Override
    String text(Call call, Overview view) {
        Table present = new Table("PART", "PRESENT");
        view.present().forEach((part, names) -> present.row(part, String.join(", ", names)));
        Table used = new Table("PART", "ON " + view.machine());
        view.used().forEach(used::row);
        StringBuilder text = new StringBuilder(present + "\n" + used);
        view.exchange().forEach(state -> tell(text, state));
        return text.toString();
    }

    private static void tell(StringBuilder text, ExchangeState state) {
        if (!state.parked().isEmpty()) {
            text.append(String.format("\nno %s: %s\n", state.part().title(), state.parked()));
        } else if (!state.wanted().isEmpty() && !state.bound().equals(state.wanted())) {
            text.append(String.format("\n%s fills in for %s\n", state.bound(), state.wanted()));
        }
        if (!state.handedOver().isEmpty()) {
            Table left = new Table("LEFT BY", "OBJECTS", "OF", "SLABS", "OF", "PAGES");
            state.handedOver()
                    .forEach(of -> left.row(
                            of.from(), of.objectsLeft(), of.objects(), of.slabsLeft(), of.slabs(), of.pagesLeft()));
            text.append('\n').append(left);
        }
    }
}
