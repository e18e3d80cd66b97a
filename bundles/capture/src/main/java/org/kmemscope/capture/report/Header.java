package org.kmemscope.capture.report;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The first line of a report.
 *
 * <pre>
 *   init: page allocation failure. order:9, mode:0x4d0                                        up to 3.1
 *   init: page allocation failure: order:0, mode:0xa20(GFP_ATOMIC), nodemask=(null),...       later; names from 4.6 on
 *   ls: vmalloc: allocation failure: 8192 bytes, mode:0xcc2(GFP_KERNEL|__GFP_HIGHMEM), ...    4.11 and later
 *   init invoked oom-killer: gfp_mask=0x280da, order=0, oom_adj=15, oom_score_adj=1000        2.6.36 to 3.x have oom_adj
 *   awk invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), nodemask=(null), order=0, ...         4.6 and later
 * </pre>
 *
 * @param oom whether the OOM killer was called
 * @param task who asked
 * @param number the mask
 * @param names the mask by names, where the kernel prints them
 * @param order the order; 0 where a person called the OOM killer by SysRq
 * @param oldStyle whether it is of 3.1 or before, by its punctuation
 */
record Header(boolean oom, String task, long number, Optional<String> names, int order, boolean oldStyle) {
    private static final Pattern FAILURE = Pattern.compile(
            "\\s*(.+?): page allocation failure(?<dot>[.:]) order:(?<order>\\d{1,3}), mode:(?<mask>0x[0-9a-f]{1,16})(?:\\((?<names>[\\w|]*)\\))?.*");
    private static final Pattern VMALLOC = Pattern.compile(
            "\\s*(.+?): vmalloc(?: error)?: .*?,? mode:(?<mask>0x[0-9a-f]{1,16})(?:\\((?<names>[\\w|]*)\\))?.*");
    private static final Pattern OOM = Pattern.compile(
            "\\s*(?:(.+?) invoked )?oom-killer: gfp_mask=(?<mask>0x[0-9a-f]{1,16})(?:\\((?<names>[\\w|]*)\\))?"
                    + ",(?: nodemask=\\S*,)? order=(?<order>-?\\d{1,3})(?:,.*)?");

    /** Reads a line, if it begins a report. */
    static Optional<Header> of(String text) {
        Matcher failure = FAILURE.matcher(text);
        if (failure.matches()) {
            return Optional.of(header(failure, false, Integer.parseInt(failure.group("order"))));
        }
        Matcher vmalloc = VMALLOC.matcher(text);
        if (vmalloc.matches()) {
            return Optional.of(header(vmalloc, false, 0));
        }
        Matcher oom = OOM.matcher(text);
        if (oom.matches()) {
            return Optional.of(header(oom, true, Math.max(0, Integer.parseInt(oom.group("order")))));
        }
        return Optional.empty();
    }

    private static Header header(Matcher match, boolean oom, int order) {
        String task = match.group(1) == null ? "" : match.group(1);
        long number = Long.parseUnsignedLong(match.group("mask").substring(2), 16);
        boolean old = match.pattern() == FAILURE && match.group("dot").equals(".");
        return new Header(oom, task, number, Optional.ofNullable(match.group("names")), order, old);
    }
}
