package org.kmemscope.capture.file;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code /proc/cpuinfo}.
 *
 * @param processors how many processors are online
 * @param cacheLine bytes of a cache line; empty on ARM, which does not tell
 * @param arm whether it is of an ARM processor
 */
public record CpuInfo(int processors, Optional<Integer> cacheLine, boolean arm) {
    private static final Pattern PROCESSOR = Pattern.compile("processor\\s*:\\s*\\d+\\s*");
    private static final Pattern LINE_SIZE = Pattern.compile("(?:cache_alignment|clflush size)\\s*:\\s*(\\d+)\\s*");
    private static final Pattern PC = Pattern.compile("fdiv_bug\\s*:.*");
    /** What the kernel takes for a processor of a PC that has no instruction to flush a line. */
    private static final int PC_LINE = 32;

    private static final Pattern ARM = Pattern.compile("CPU architecture\\s*:.*");

    /** Reads the file. One that lists no processor (ARM without SMP) is of a single one. */
    public static CpuInfo read(TextFile file) {
        int processors = 0;
        Optional<Integer> cacheLine = Optional.empty();
        boolean arm = false;
        for (int i = 0; i < file.lines().size(); i++) {
            String line = file.lines().get(i);
            Matcher size = LINE_SIZE.matcher(line);
            if (PROCESSOR.matcher(line).matches()) {
                processors++;
            } else if (size.matches()) {
                cacheLine = Optional.of(file.integer(i, size.group(1)));
            } else if (PC.matcher(line).matches() && cacheLine.isEmpty()) {
                cacheLine = Optional.of(PC_LINE);
            } else if (ARM.matcher(line).matches()) {
                arm = true;
            }
        }
        return new CpuInfo(Math.max(1, processors), cacheLine, arm);
    }
}
