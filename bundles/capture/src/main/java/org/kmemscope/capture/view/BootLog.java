package org.kmemscope.capture.view;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.ground.AddressLayout.Region;
import org.kmemscope.api.ground.KernelLog;

/** What the boot messages of a kernel tell about its memory. Questions that the log does not answer have empty answers. */
public final class BootLog {
    private static final Pattern E820 = Pattern.compile(
            "\\s*(BIOS-e820|user): (?:\\[mem )?(?:0x)?([0-9a-f]{1,16}) ?- ?(?:0x)?([0-9a-f]{1,16})(\\]?) \\(?([\\w ]+?)\\)?");
    private static final Pattern E820_UPDATE = Pattern.compile(
            "e820:? (update|remove)(?: range:)? (?:\\[mem )?(?:0x)?([0-9a-f]{1,16}) ?- ?(?:0x)?([0-9a-f]{1,16})(\\]?) \\(?usable\\)?(?: ==> .*)?");
    private static final Pattern NODE_RANGE = Pattern.compile(
            "\\s+(?:node\\s+)?0:\\s+(?:(\\d{1,10}) ->\\s+(\\d{1,10})|0x([0-9a-f]{1,8}) -> 0x([0-9a-f]{1,8})"
                    + "|\\[mem 0x([0-9a-f]{1,16})-0x([0-9a-f]{1,16})\\])");
    private static final Pattern LAYOUT_TITLE = Pattern.compile("[Vv]irtual kernel memory layout:");
    private static final Pattern LAYOUT_ROW =
            Pattern.compile("\\s+(\\.?\\w+)\\s*: 0x([0-9a-f]{1,16}) - 0x([0-9a-f]{1,16})\\s+\\(.*\\)");
    private static final Pattern MEMMAP = Pattern.compile("\\s*(\\w+) zone: (\\d{1,9}) pages used for memmap");
    private static final Pattern COMMAND_LINE = Pattern.compile("Kernel command line: (.*)");
    private static final Pattern NR_CPUS = Pattern.compile(".*NR_CPUS[:=](\\d{1,6})\\b.*");
    private static final Pattern ONLINE = Pattern.compile("(?:smp: )?Brought up (?:\\d+ nodes?, )?(\\d{1,6}) CPUs?.*");
    private static final Pattern POSSIBLE = Pattern.compile("(?:.*\\bnr_cpu_ids:|SLUB: .*\\bCPUs=)(\\d{1,6})\\b.*");
    private static final Pattern ALIGN = Pattern.compile("SLUB: .*HWalign=(\\d{1,5}),.*");
    private static final Pattern BOGOMIPS = Pattern.compile(".* (\\d{1,9})\\.(\\d\\d) BogoMIPS \\(lpj=(\\d{1,12})\\)");
    private static final Pattern CMA =
            Pattern.compile("cma: (?:CMA: r|R)eserved (\\d{1,5}) MiB at (?:0x)?([0-9a-f]{1,16}).*");
    private static final Pattern PC_MEMORY = Pattern.compile("Memory: \\d+k/(\\d{1,10})k available "
            + "\\(\\d+k kernel code, (\\d{1,10})k reserved, \\d+k data, \\d+k init, (\\d{1,10})k highmem\\)");
    private static final Pattern AVAILABLE = Pattern.compile("Memory: (\\d{1,10})[kK]/\\d{1,10}[kK] available\\b.*");
    private static final Pattern FREED = Pattern.compile("Freeing (.*): (\\d{1,10})[kK]\\b.*");
    /** Instructions are patched for the processor before any driver or subsystem starts. */
    private static final String FREED_EARLY = "SMP alternatives";

    private static final Pattern DEVICE_POOL =
            Pattern.compile("Reserved memory: created DMA memory pool at 0x([0-9a-f]{1,16}), size (\\d{1,5}) MiB.*");
    private static final int KB_PER_PAGE = 4;
    private static final long MIB = 1L << 20;
    private static final int PAGE_SHIFT = 12;
    private static final String RAM = "ram";
    /** {@code lpj / (500000 / HZ)} are the whole BogoMIPS ({@code init/calibrate.c}). */
    private static final double BOGOMIPS_UNIT = 500_000;
    /** What HZ can be; the division above does not give it exactly. */
    private static final List<Integer> USUAL_HZ =
            List.of(24, 48, 50, 64, 100, 128, 200, 250, 256, 300, 500, 512, 1000, 1024);

    private static final double HZ_TOLERANCE = 0.02;

    private final List<String> lines;
    private final List<Range> firmware = new ArrayList<>();
    private final List<Range> user = new ArrayList<>();
    private final List<Range> updates = new ArrayList<>();
    private final List<Range> nodes = new ArrayList<>();
    private final List<Range> contiguous = new ArrayList<>();
    private final List<Range> devicePools = new ArrayList<>();
    private final List<Region> layout = new ArrayList<>();
    private final Map<String, Integer> memmap = new LinkedHashMap<>();
    private boolean inLayout;
    private boolean inNodes;
    private boolean nodesInBytes;

    /**
     * A range of physical memory.
     *
     * @param start first byte
     * @param end one past the last
     * @param kind in the words of the log
     */
    public record Range(long start, long end, String kind) {}

    /** Reads the lines of a log. */
    public BootLog(List<KernelLog.Line> log) {
        lines = log.stream().map(KernelLog.Line::text).toList();
        lines.forEach(this::line);
    }

    private void line(String text) {
        Matcher e820 = E820.matcher(text);
        Matcher update = E820_UPDATE.matcher(text);
        Matcher cma = CMA.matcher(text);
        Matcher used = MEMMAP.matcher(text);
        Matcher pool = DEVICE_POOL.matcher(text);
        if (e820.matches()) {
            (e820.group(1).equals("user") ? user : firmware).add(range(e820, 2, e820.group(5)));
        } else if (update.matches()) {
            updates.add(range(update, 2, update.group(1)));
        } else if (cma.matches()) {
            long start = hex(cma.group(2));
            contiguous.add(new Range(start, start + Long.parseLong(cma.group(1)) * MIB, "cma"));
        } else if (pool.matches()) {
            long start = hex(pool.group(1));
            devicePools.add(new Range(start, start + Long.parseLong(pool.group(2)) * MIB, "device"));
        } else if (used.matches()) {
            memmap.put(used.group(1), Integer.parseInt(used.group(2)));
        }
        nodes(text);
        layout(text);
    }

    /** {@code early_node_map}, in pfns before 3.5, in bytes since. */
    private void nodes(String text) {
        if (text.startsWith("early_node_map") || text.startsWith("Early memory node ranges")) {
            inNodes = true;
            return;
        }
        Matcher range = NODE_RANGE.matcher(text);
        if (inNodes && range.matches()) {
            nodes.add(nodeRange(range));
            nodesInBytes |= range.group(5) != null;
        } else if (inNodes && !nodes.isEmpty()) {
            inNodes = false;
        }
    }

    private static Range nodeRange(Matcher range) {
        if (range.group(5) != null) {
            return new Range(hex(range.group(5)), hex(range.group(6)) + 1, RAM);
        }
        boolean decimal = range.group(1) != null;
        long start = decimal ? Long.parseLong(range.group(1)) : hex(range.group(3));
        long end = decimal ? Long.parseLong(range.group(2)) : hex(range.group(4));
        return new Range(start << PAGE_SHIFT, end << PAGE_SHIFT, RAM);
    }

    private static long hex(String digits) {
        return Long.parseUnsignedLong(digits, 16);
    }

    private void layout(String text) {
        if (LAYOUT_TITLE.matcher(text).matches()) {
            inLayout = layout.isEmpty();
            return;
        }
        Matcher row = LAYOUT_ROW.matcher(text);
        if (inLayout && row.matches()) {
            layout.add(new Region(row.group(1), hex(row.group(2)), hex(row.group(3))));
        } else {
            inLayout = false;
        }
    }

    /** A range whose end is inclusive where it is written in brackets. */
    private static Range range(Matcher match, int group, String kind) {
        long start = hex(match.group(group));
        long end = hex(match.group(group + 1));
        return new Range(start, match.group(group + 2).isEmpty() ? end : end + 1, kind);
    }

    /** The memory map that the kernel started with: the one given on the command line, or the firmware's. */
    public List<Range> e820() {
        return List.copyOf(user.isEmpty() ? firmware : user);
    }

    /** Ranges that the kernel took out of that map. */
    public List<Range> e820Updates() {
        return List.copyOf(updates);
    }

    /** RAM as the kernel laid it down for its zones. */
    public List<Range> nodeRanges() {
        return List.copyOf(nodes);
    }

    /**
     * The same, if it is {@code memblock}'s list, which kernels from 3.5 on print: it has what is set aside for devices without a mapping,
     * which {@code iomem} does not list as RAM.
     */
    public List<Range> memblockRanges() {
        return nodesInBytes ? nodeRanges() : List.of();
    }

    /** Areas set aside for contiguous memory. */
    public List<Range> contiguous() {
        return List.copyOf(contiguous);
    }

    /** Memory that the device tree gives to devices. */
    public List<Range> devicePools() {
        return List.copyOf(devicePools);
    }

    /** The block "virtual kernel memory layout", in its order. */
    public List<Region> layout() {
        return List.copyOf(layout);
    }

    /** A row of that block. */
    public Optional<Region> region(String name) {
        return layout.stream().filter(row -> row.name().equals(name)).findFirst();
    }

    /** Pages of {@code struct page} by zone. */
    public Map<String, Integer> memmapPages() {
        return Map.copyOf(memmap);
    }

    /**
     * Pages that the page allocator has when it computes its first watermarks. Up to 3.x a PC prints as available what lies on free lists,
     * which pages on per-CPU lists do not; there it is low memory less its reserved pages, and high memory.
     *
     * @param ramBelow how many frames of RAM there are below a frame
     */
    public Optional<Long> pagesAtStart(LongUnaryOperator ramBelow) {
        for (String line : lines) {
            Matcher memory = PC_MEMORY.matcher(line);
            if (memory.matches()) {
                long high = Long.parseLong(memory.group(3)) / KB_PER_PAGE;
                long lowEnd = Long.parseLong(memory.group(1)) / KB_PER_PAGE - high;
                long reserved = Long.parseLong(memory.group(2)) / KB_PER_PAGE;
                return Optional.of(ramBelow.applyAsLong(lowEnd) - reserved + high + freed(true));
            }
        }
        return text(AVAILABLE).map(kb -> Long.parseLong(kb) / KB_PER_PAGE + freed(true));
    }

    /** Pages that came back after that. */
    public long pagesLater() {
        return freed(false);
    }

    private long freed(boolean early) {
        long pages = 0;
        for (String line : lines) {
            Matcher freed = FREED.matcher(line);
            if (freed.matches() && freed.group(1).startsWith(FREED_EARLY) == early) {
                pages += (Long.parseLong(freed.group(2)) + KB_PER_PAGE - 1) / KB_PER_PAGE;
            }
        }
        return pages;
    }

    /** The boot options. */
    public Optional<String> commandLine() {
        return text(COMMAND_LINE);
    }

    /** {@code CONFIG_NR_CPUS}. */
    public Optional<Integer> nrCpus() {
        return text(NR_CPUS).map(Integer::valueOf);
    }

    /** How many processors came up. */
    public Optional<Integer> cpus() {
        return text(ONLINE).map(Integer::valueOf);
    }

    /** How many processors may come up ({@code nr_cpu_ids}). */
    public Optional<Integer> possibleCpus() {
        return text(POSSIBLE).map(Integer::valueOf);
    }

    /** {@code cache_line_size()}, as SLUB aligns to it. */
    public Optional<Integer> cacheLine() {
        return text(ALIGN).map(Integer::valueOf);
    }

    /** {@code HZ}, from the calibration of the delay loop. */
    public Optional<Integer> hz() {
        for (String line : lines) {
            Matcher match = BOGOMIPS.matcher(line);
            if (match.matches() && !match.group(3).equals("0")) {
                double bogomips = Double.parseDouble(match.group(1) + "." + match.group(2));
                double hz = bogomips * BOGOMIPS_UNIT / Double.parseDouble(match.group(3));
                return USUAL_HZ.stream()
                        .filter(usual -> Math.abs(hz - usual) <= usual * HZ_TOLERANCE)
                        .findFirst();
            }
        }
        return Optional.empty();
    }

    /** Whether a line with this text is in the log. */
    public boolean says(String text) {
        return lines.stream().anyMatch(line -> line.contains(text));
    }

    private Optional<String> text(Pattern pattern) {
        for (String line : lines) {
            Matcher match = pattern.matcher(line);
            if (match.matches()) {
                return Optional.of(match.group(1));
            }
        }
        return Optional.empty();
    }
}
