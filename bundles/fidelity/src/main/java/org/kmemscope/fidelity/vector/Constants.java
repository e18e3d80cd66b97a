package org.kmemscope.fidelity.vector;

import java.util.List;
import java.util.function.ToLongFunction;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.fidelity.Findings;

/** Constants in lines {@code CONST} that a machine has as well; it is made by them, so they are facts. */
final class Constants {
    /** Of the page allocator. */
    static final Constants PAGES = new Constants(List.of(
            decimal("max_order", machine -> machine.pages().maxOrder()),
            decimal("pageblock_order", machine -> machine.frames().pageblockOrder()),
            decimal("migratetypes", machine -> machine.gfp().migrateTypes().count()),
            decimal("nr_zones", machine -> machine.pages().zoneCount())));

    /** Of the vmalloc area. */
    static final Constants VMALLOC = new Constants(List.of(
            hex("vmalloc_start", machine -> machine.layout().vmallocStart()),
            hex("vmalloc_end", machine -> machine.layout().vmallocEnd()),
            hex("high_memory", machine -> machine.layout().highMemory())));

    /** Of windows onto high memory. */
    static final Constants KMAP = new Constants(List.of(
            hex("pkmap_base", machine -> machine.layout().pkmapBase()),
            decimal("last_pkmap", machine -> machine.layout().lastPkmap()),
            decimal("km_max_idx", machine -> machine.layout().kmapSlotsPerCpu()),
            hex("fix_kmap_begin", machine -> machine.layout().kmapFixmap()),
            hex("fix_kmap_end", machine -> machine.layout().constants().getOrDefault("fix_to_virt_FIX_KMAP_END", 0L))));

    private static final int HEX = 16;
    private static final int DECIMAL = 10;

    private final List<Constant> known;

    /** One of them. */
    private record Constant(String name, int radix, ToLongFunction<Machine> modelled) {}

    private Constants(List<Constant> known) {
        this.known = known;
    }

    private static Constant hex(String name, ToLongFunction<Machine> modelled) {
        return new Constant(name, HEX, modelled);
    }

    private static Constant decimal(String name, ToLongFunction<Machine> modelled) {
        return new Constant(name, DECIMAL, modelled);
    }

    /** How many of them a line has. */
    long count(Line line) {
        return known.stream().filter(constant -> line.has(constant.name)).count();
    }

    /** Compares those that a line has. */
    void compare(Line line, Machine machine, Findings findings) {
        for (Constant constant : known) {
            if (line.has(constant.name)) {
                findings.compare(
                        constant.name,
                        line.value(constant.name),
                        Long.toString(constant.modelled.applyAsLong(machine), constant.radix),
                        line.where());
            }
        }
    }
}
