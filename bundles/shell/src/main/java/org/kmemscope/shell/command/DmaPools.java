package org.kmemscope.shell.command;

import java.util.List;
import java.util.stream.Stream;
import org.kmemscope.api.dma.DmaPool;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.view.DmaPoolView;
import picocli.CommandLine.Command;

/** {@code dma_pools}: what the file {@code pools} of each device shows. */
@Command(
        name = "dma_pools",
        description = "Pools of coherent memory: name, pieces in use, pieces there are, size, pages.",
        footerHeading = "%nExample:%n",
        footer = "  dma_pools")
final class DmaPools extends ViewCommand<List<DmaPoolView>> {
    @Override
    List<DmaPoolView> view(Call call) {
        return call.machine().locked(() -> call.machine().dma().poolViews());
    }

    @Override
    String text(Call call, List<DmaPoolView> view) {
        StringBuilder text = new StringBuilder("poolinfo - 0.1\n");
        view.forEach(pool -> text.append(String.format(
                "%-16s %4d %4d %4d %2d\n", pool.name(), pool.inUse(), pool.total(), pool.size(), pool.pages())));
        return text.toString();
    }

    static Stream<DmaPool> known(Machine machine) {
        return machine.locked(() -> machine.dma().pools()).stream();
    }

    static DmaPool find(Machine machine, String name) {
        List<String> names = known(machine).map(DmaPool::name).toList();
        return known(machine)
                .filter(pool -> pool.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new Failure("no pool is called " + name + Nearest.hint(name, names)
                        + "; dma_pools shows those that there are"));
    }
}
