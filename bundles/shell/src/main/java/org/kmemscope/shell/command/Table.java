package org.kmemscope.shell.command;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;

/** A table with a header, columns as wide as what is in them. The last column may be as long as it likes. */
final class Table {
    private static final int GAP = 2;

    private final List<String[]> rows = new ArrayList<>();

    Table(String... header) {
        rows.add(header);
    }

    Table row(Object... cells) {
        String[] texts = new String[cells.length];
        for (int i = 0; i < cells.length; i++) {
            texts[i] = String.valueOf(cells[i]);
        }
        rows.add(texts);
        return this;
    }

    @Override
    public String toString() {
        Column[] columns = new Column[rows.get(0).length];
        for (int i = 0; i < columns.length; i++) {
            int column = i;
            int width =
                    rows.stream().mapToInt(row -> row[column].length()).max().orElse(0);
            columns[i] = new Column(width + GAP, 0, Column.Overflow.SPAN);
        }
        TextTable table = TextTable.forColumns(new ColorScheme.Builder(Ansi.OFF).build(), columns);
        table.setAdjustLineBreaksForWideCJKCharacters(false);
        rows.forEach(table::addRowValues);
        StringBuilder text = new StringBuilder();
        for (String line : table.toString().split("\\R")) {
            text.append(line.stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
