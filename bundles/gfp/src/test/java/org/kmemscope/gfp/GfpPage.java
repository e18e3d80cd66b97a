package org.kmemscope.gfp;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.kmemscope.api.gfp.Gfp;
import org.kmemscope.api.gfp.GfpTable;
import org.kmemscope.api.ground.KernelVersion;
import org.kmemscope.api.page.MigrateType;
import org.kmemscope.api.page.MigrateTypes;

/** Writes the generated parts of {@code docs/gfp.md} from the tables. */
final class GfpPage {
    /** The columns of the table of names: kernels whose captures are known, and the long-lived ones between them. */
    private static final List<String> COLUMNS =
            List.of("2.6.24", "2.6.32", "2.6.38", "3.2", "3.5", "3.8", "4.4", "4.19", "5.10", "6.1");

    private final FlagHistory history = new FlagHistory();

    /** The generated parts, by the name in their marks. */
    Map<String, String> parts() {
        Map<String, String> parts = new TreeMap<>();
        parts.put("names", names());
        parts.put("zones", zones());
        parts.put("types", types());
        parts.put("changes", changes());
        return parts;
    }

    private String names() {
        StringBuilder text = new StringBuilder(row("name", COLUMNS));
        text.append(line(COLUMNS.size() + 1));
        for (boolean masks : new boolean[] {false, true}) {
            for (Gfp flag : Gfp.values()) {
                List<String> cells =
                        COLUMNS.stream().map(kernel -> cell(flag, kernel)).toList();
                if (flag.isComposite() == masks && cells.stream().anyMatch(cell -> !cell.isEmpty())) {
                    text.append(row("`" + flag + "`", cells));
                }
            }
        }
        return text.toString();
    }

    private String cell(Gfp flag, String kernel) {
        GfpTable table = Kernels.table(kernel);
        if (!table.has(flag)) {
            return "";
        }
        String option =
                history.at(flag, KernelVersion.parse(kernel)).orElseThrow().option();
        return option.isEmpty()
                ? hex(table.of(flag))
                : hex(Kernels.table(kernel, option).of(flag)) + " " + option;
    }

    private static String zones() {
        List<GfpTable> tables = List.of(
                Kernels.table("2.6.24", "ZONE_DMA", "HIGHMEM"),
                Kernels.table("2.6.32", "ZONE_DMA", "HIGHMEM"),
                Kernels.table("2.6.32", "ZONE_DMA"),
                Kernels.table("2.6.32", "HIGHMEM"));
        List<String> titles = List.of(
                "2.6.24 to 2.6.30",
                "2.6.31 and later",
                "2.6.31 and later, without HIGHMEM",
                "2.6.31 and later, without ZONE_DMA");
        StringBuilder text = new StringBuilder(row("zone bits", titles));
        text.append(line(titles.size() + 1));
        List<Gfp> bits = List.of(Gfp.__GFP_MOVABLE, Gfp.__GFP_DMA32, Gfp.__GFP_HIGHMEM, Gfp.__GFP_DMA);
        for (int combination = 0; combination < 16; combination++) {
            int chosen = combination;
            List<Gfp> set = bits.stream()
                    .filter(bit -> (chosen & 8 >> bits.indexOf(bit)) != 0)
                    .toList();
            List<String> cells = tables.stream().map(table -> zone(table, set)).toList();
            String name = set.stream().map(bit -> bit.name().substring(6)).collect(Collectors.joining(" "));
            text.append(row(name.isEmpty() ? "none" : name, cells));
        }
        return text.toString();
    }

    private static String zone(GfpTable table, List<Gfp> set) {
        int mask = set.stream().mapToInt(table::of).reduce(0, (a, b) -> a | b);
        return table.zone(mask).label() + (table.isBadZone(mask) ? " (bad)" : "");
    }

    private static String types() {
        List<String> titles = List.of("2.6.24 to 3.4", "3.5 to 4.3, CMA", "4.4 and later", "4.4 and later, CMA");
        List<MigrateTypes> columns = List.of(
                Kernels.table("2.6.32").migrateTypes(),
                Kernels.table("3.8", "CMA").migrateTypes(),
                Kernels.table("6.1", "MEMORY_ISOLATION").migrateTypes(),
                Kernels.table("6.1", "CMA").migrateTypes());
        StringBuilder text = new StringBuilder(row("type", titles));
        text.append(line(titles.size() + 1));
        for (MigrateType type : MigrateType.values()) {
            List<String> cells = columns.stream()
                    .map(column -> column.indexOf(type) < 0 ? "" : "" + column.indexOf(type))
                    .toList();
            text.append(row(type.label(), cells));
        }
        return text.toString();
    }

    private String changes() {
        StringBuilder text = new StringBuilder();
        for (KernelVersion kernel : history.changes()) {
            List<String> items = new ArrayList<>();
            for (Gfp flag : Gfp.values()) {
                history.all(flag).stream()
                        .filter(row -> row.since().equals(kernel) && !kernel.equals(FlagHistory.OLDEST))
                        .forEach(row -> items.add("`" + flag + "` " + change(row)));
            }
            if (!items.isEmpty()) {
                text.append("- **")
                        .append(kernel)
                        .append("**: ")
                        .append(String.join(", ", items))
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static String change(FlagHistory.Row row) {
        String value = row.value().startsWith("0x") || row.isGone() ? row.value() : "= `" + row.value() + "`";
        return value.replace("~", "` without `") + (row.option().isEmpty() ? "" : " with " + row.option());
    }

    private static String hex(int value) {
        return value == 0 ? "0" : "0x" + Integer.toHexString(value);
    }

    private static String row(String first, List<String> cells) {
        return "| " + first + " | " + String.join(" | ", cells) + " |\n";
    }

    private static String line(int columns) {
        return "|" + "---|".repeat(columns) + "\n";
    }
}
