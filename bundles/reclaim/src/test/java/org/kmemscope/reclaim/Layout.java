package org.kmemscope.reclaim;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is left of a report without what differs from machine to machine: the words, their order, and how numbers are set.
 *
 * <ul>
 *   <li>A number is {@code #}; one that is padded with blanks, {@code <width>}.
 *   <li>The call trace is one line, and so are the rows of tables of caches and of tasks.
 *   <li>Letters of migrate types stand behind counts above zero only: that is checked, then they go.
 *   <li>Names of tasks, of flags of the mask and builds of kernels go.
 * </ul>
 */
final class Layout {
    private static final Pattern BLOCKS = Pattern.compile("(\\d+)\\*(\\d+kB)( \\([UEMRHCI]+\\))?");
    private static final Pattern PADDED = Pattern.compile("(?<![ ]) ( +\\d+)|(?<=:)( +\\d+)");
    private static final Pattern TRACE = Pattern.compile(
            "^( ?\\[<\\w+>].*| [\\w.:]+(\\+0x.*)?$| \\w+ from .*|\\(?\\[?<?\\w+>?]? ?\\(?.*\\)? from .*| =+)$");

    private Layout() {}

    static List<String> of(List<String> report) {
        List<String> lines = new ArrayList<>();
        boolean inTrace = false;
        String table = "";
        for (String line : report) {
            if (line.matches("(CPU: \\d+ PID|Pid): .*")) {
                lines.add(line.replaceFirst("(Not tainted|Tainted:).*", "BUILD")
                        .replaceAll("[Cc]omm: \\w+", "comm")
                        .replaceAll("\\d+", "#"));
                continue;
            }
            if (line.startsWith("Hardware name: ")) {
                lines.add("Hardware name: BOARD");
                continue;
            }
            if (line.equals("Call Trace:") || isCall(line)) {
                if (!inTrace) {
                    lines.add("TRACE");
                }
                inTrace = true;
                continue;
            }
            if (inTrace && !line.startsWith("Mem-")) {
                continue;
            }
            inTrace = false;
            String row = rowOf(line, table);
            if (!row.isEmpty()) {
                if (!lines.get(lines.size() - 1).equals(row)) {
                    lines.add(row);
                }
                continue;
            }
            table = line.startsWith("Name  ") ? "cache" : line.startsWith("[ ") ? "task" : table;
            lines.add(numbers(line));
        }
        return lines;
    }

    private static boolean isCall(String line) {
        return TRACE.matcher(line).matches() && !line.contains(":") || line.contains("[<");
    }

    private static String rowOf(String line, String table) {
        if (table.equals("task") && line.startsWith("[ ")) {
            return "TASK " + ends(line);
        }
        return table.equals("cache") && line.endsWith("KB") ? "CACHE" : "";
    }

    /** Where the columns of a row end; its last word is a name. */
    private static List<Integer> ends(String row) {
        List<Integer> ends = new ArrayList<>();
        Matcher words = Pattern.compile("\\S+(?= )").matcher(row);
        while (words.find()) {
            ends.add(words.end());
        }
        return ends;
    }

    private static String numbers(String line) {
        if (line.startsWith("[ ") || line.startsWith("Name ")) {
            return line;
        }
        String text = line.replaceFirst("^\\w+(:? (invoked|page allocation|cpuset))", "TASK$1")
                .replaceFirst("(\\) |process \\d+ )\\(\\w+\\)", "$1(TASK)")
                .replaceFirst("task=\\w+", "task=TASK")
                .replaceFirst("(mode:|gfp_mask=)0x\\w+(\\([\\w|]+\\))?", "$1MASK");
        Matcher blocks = BLOCKS.matcher(text);
        StringBuilder plain = new StringBuilder();
        while (blocks.find()) {
            boolean some = !blocks.group(1).equals("0");
            boolean letters = blocks.group(3) != null;
            blocks.appendReplacement(plain, letters && some ? "N*$2 (LETTERS)" : letters ? "LETTERS BEHIND 0" : "N*$2");
        }
        blocks.appendTail(plain);
        // a list that is empty has no letters
        text = plain.toString().contains("(LETTERS)")
                ? "with letters " + plain.toString().replace(" (LETTERS)", "")
                : plain.toString();
        text = text.replaceAll("\\? (yes|no)", "? ANSWER");
        Matcher padded = PADDED.matcher(text);
        StringBuilder out = new StringBuilder();
        while (padded.find()) {
            String number = padded.group(1) == null ? padded.group(2) : padded.group(1);
            padded.appendReplacement(out, (padded.group(1) == null ? "" : " ") + "<" + number.length() + ">");
        }
        padded.appendTail(out);
        return out.toString().replaceAll("\\b\\d+(?!>)", "#");
    }
}
