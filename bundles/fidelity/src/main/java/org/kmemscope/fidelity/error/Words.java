package org.kmemscope.fidelity.error;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a kernel says of memory in its log, without what is another machine's each time.
 *
 * <p>Left out: time and level, who ran and where he came from (stacks, registers, code, modules, hardware), page tables that an oops walks,
 * lines of dashes, notes on taint and on reports that were held back, and what {@code CONFIG_DMA_API_DEBUG} adds, which these kernels have not.
 *
 * <p>Masked: addresses, frame numbers, places of objects in their slab, process ids, taint, lines of source files and offsets in functions; in
 * memory reports what is free, cached or in use, and the types of free blocks. Watermarks are told without their boost.
 */
final class Words {
    private static final List<String> LEFT_OUT = List.of(
            "CPU: ",
            "Hardware name:",
            "Call Trace:",
            "Call trace:",
            "Backtrace",
            "Modules linked in:",
            "Code:",
            "EIP:",
            "EAX:",
            "ESI:",
            "DS:",
            "CR0:",
            "CR2:",
            "---[ end trace",
            "------------[ cut here",
            "8<--- cut here",
            "*pdpt",
            "*pde",
            "Oops",
            "Internal error: Oops",
            "#PF",
            "note: ",
            "Disabling lock debugging",
            "Stack Depot",
            "warn_alloc: ",
            "invalid opcode",
            "pc : ",
            "sp : ",
            "r10:",
            "r7 :",
            "r3 :",
            "Flags:",
            "Control:",
            "Register r",
            "Process ",
            "Stack:",
            "Exception stack",
            "Fixing recursive",
            "PC is at",
            "LR is at",
            "DMA-API:",
            "xPSR:",
            "__ratelimit: ",
            "Pid: ",
            "clocksource:",
            "random: ",
            "Internal error:");
    /** Level and time; blanks after them belong to the line. */
    private static final Pattern PREFIX = Pattern.compile("^(?:<\\d+>)?(?:\\[\\s*\\d+\\.\\d+] ?)?");

    private static final Pattern LEFT_OUT_FORMS = Pattern.compile("\\s*|[=-]{5,}"
            + "|\\s+\\??\\s*[\\w.]+(\\+0x[\\da-f]+/0x[\\da-f]+)?( \\[\\w+])?|\\s+[\\w.]+(\\+0x[\\da-f]+/0x[\\da-f]+)?( \\[\\w+])? from [\\w.]+.*|\\[<?[\\da-f]+>?].*|[\\da-f]{4}: .*"
            + "|\\s*r\\d+:[\\da-f]+.*|EIP is at .*|Insufficient stack space.*");
    private static final Pattern WARNING =
            Pattern.compile("WARNING: CPU: \\d+ PID: \\d+ at ([\\w/.-]+\\.[ch])(?::\\d+)?:? ([\\w]+).*");
    private static final Pattern BUG_AT = Pattern.compile("kernel BUG at ([\\w/.-]+\\.[ch]).*");
    private static final Pattern ZONE_LINE = Pattern.compile("(?:Node \\d+ )?\\w+ free:\\d+.*");
    private static final Pattern BLOCK_LINE = Pattern.compile("(?:Node \\d+ )?\\w+: \\d+\\*4kB.*");
    private static final Pattern COUNTED = Pattern.compile("(\\w+(?:\\([a-z]+\\))?): ?\\d+(kB|KB)?");
    private static final Pattern FIELD = Pattern.compile("(\\w+(?:\\([a-z]+\\))?):(\\d+)(kB|KB)");
    private static final List<String> COUNTS = List.of(
            "active_anon:",
            "active_file:",
            "unevictable:",
            "slab_reclaimable:",
            "mapped:",
            "sec_pagetables:",
            "kernel_misc_reclaimable:",
            "free:",
            "Active:",
            "Active_anon:",
            "inactive_file:",
            "free_cma:",
            "inactive:");

    private Words() {}

    /** The words of a log. */
    static List<String> of(List<String> lines) {
        return of(lines, false);
    }

    /**
     * The words of a log.
     *
     * @param withBlocks whether free blocks and pages of zones are told too
     */
    static List<String> of(List<String> lines, boolean withBlocks) {
        List<String> words = new ArrayList<>();
        lines.forEach(line -> of(text(line), withBlocks).ifPresent(words::add));
        return words;
    }

    /** A line without its level and time. */
    static String text(String line) {
        return PREFIX.matcher(line).replaceFirst("");
    }

    private static Optional<String> of(String line, boolean withBlocks) {
        if (LEFT_OUT.stream().anyMatch(line::startsWith)
                || LEFT_OUT_FORMS.matcher(line).matches()) {
            return Optional.empty();
        }
        Matcher warning = WARNING.matcher(line);
        if (warning.matches()) {
            return Optional.of("WARNING: at " + warning.group(1) + " " + warning.group(2));
        }
        Matcher bug = BUG_AT.matcher(line);
        if (bug.matches()) {
            return Optional.of("kernel BUG at " + bug.group(1));
        }
        return Optional.of(memory(line.strip(), withBlocks));
    }

    private static String memory(String body, boolean withBlocks) {
        if (ZONE_LINE.matcher(body).matches()) {
            return zone(body, withBlocks);
        }
        if (BLOCK_LINE.matcher(body).matches()) {
            String blocks = body.replaceAll(" \\([A-Z]+\\)", "");
            return withBlocks
                    ? blocks
                    : blocks.replaceAll("\\d+\\*(\\d+kB)", "N*$1").replaceAll("= \\d+kB", "= NkB");
        }
        boolean counts = COUNTS.stream().anyMatch(body::startsWith) || body.matches("Node \\d+ active_anon:.*");
        if (counts) {
            return COUNTED.matcher(body)
                    .replaceAll("$1:N$2")
                    .replaceAll("all_unreclaimable\\? \\w+", "all_unreclaimable?");
        }
        return other(body);
    }

    /** Watermarks and sizes stay. */
    private static String zone(String line, boolean withFree) {
        long boost = 0;
        Matcher field = FIELD.matcher(line);
        while (field.find()) {
            boost = field.group(1).equals("boost") ? Long.parseLong(field.group(2)) : boost;
        }
        long taken = boost;
        return FIELD.matcher(line)
                .replaceAll(found -> found.group(1)
                        + ":"
                        + switch (found.group(1)) {
                            case "min", "low", "high" -> Long.toString(Long.parseLong(found.group(2)) - taken);
                            case "present", "managed" -> found.group(2);
                            case "free" -> withFree ? found.group(2) : "N";
                            default -> "N";
                        }
                        + found.group(3))
                .replaceAll("pages_scanned:\\d+", "pages_scanned:N")
                .replaceAll("all_unreclaimable\\? \\w+", "all_unreclaimable?");
    }

    private static String other(String line) {
        return line.replaceAll("\\((?:Not tainted|Tainted: [^)]*)\\)", "(taint)")
                .replaceAll("\\(ptrval\\)", "ADDR")
                .replaceAll("\\+0x[\\da-f]+/0x[\\da-f]+( \\[\\w+])?", "")
                .replaceAll("pfn:\\s?(0x)?[\\da-f]+", "pfn:PFN")
                .replaceAll("\\b0x[\\da-f]{16}\\b", "ADDR")
                .replaceAll("\\b(0x)?[\\da-f]{8}\\b", "ADDR")
                .replaceAll("flags(=|: )ADDR", "flags$1FLAGS")
                .replaceAll("@offset=\\d+", "@offset=N")
                .replaceAll("(age|pid|cpu)=\\d+", "$1=N")
                .replaceAll("(slabs|objs|free): \\d+", "$1: N")
                .replaceAll("^\\d+ (total pagecache pages|pages in swap cache|pagecache pages)", "N $1")
                .replaceAll("called from \\w+", "called from CALLER")
                .replaceAll("usd:\\s*\\d+", "usd: N")
                .replaceAll(
                        "^\\d+ (pages (?:shared|non-shared|slab|pagetables|dirty|writeback|mapped|swap cached)|free pages|slab pages)",
                        "N $1")
                .replaceAll("process \\d+ \\((\\w+)\\)", "process PID ($1)")
                .strip();
    }

    /** A field's value as both print it: pointers as whether they are NULL. */
    static String value(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.equals("some") || lower.matches("0x[\\da-f]{8,16}")) {
            return lower.matches("0x0+") ? "0x0" : lower.matches("0xf{16}") ? "error" : "some";
        }
        return lower;
    }
}
