package org.kmemscope.fidelity.page;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.phys.PageFlag;
import org.kmemscope.api.phys.PageFrames;

/** The free blocks inside a range of frames that was one block, or the free block that has it in it, as the module prints them. */
final class Region {
    private static final Pattern BLOCK = Pattern.compile("\\d+:o(\\d+)");
    private static final String COVERED = "covered:";

    private Region() {}

    /** {@code 0:o2 4:o0}: blocks by their distance from the start; {@code covered:3800:o10}: the block around it. */
    static String text(Machine machine, int start, int order) {
        PageFrames frames = machine.frames();
        for (int above = order + 1; above < machine.pages().maxOrder(); above++) {
            int head = start & -(1 << above);
            if (frames.isValid(head) && frames.is(head, PageFlag.BUDDY) && frames.buddyOrder(head) >= above) {
                return String.format("covered:%x:o%d", head, frames.buddyOrder(head));
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 1 << order; ) {
            if (frames.is(start + i, PageFlag.BUDDY)) {
                int size = frames.buddyOrder(start + i);
                text.append(text.isEmpty() ? "" : " ").append(i).append(":o").append(size);
                i += 1 << size;
            } else {
                i++;
            }
        }
        return text.toString();
    }

    /** Free frames that such a text tells, in a range of an order. */
    static long frames(String text, int order) {
        if (text.startsWith(COVERED)) {
            return 1L << order;
        }
        Matcher block = BLOCK.matcher(text);
        long sum = 0;
        while (block.find()) {
            sum += 1L << Integer.parseInt(block.group(1));
        }
        return sum;
    }
}
