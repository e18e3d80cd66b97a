package org.kmemscope.shell.command;

import java.util.ArrayList;
import java.util.List;
import org.kmemscope.api.dma.ScatterEntry;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machine;

/** Reads the pieces of a scatter list: {@code 0xc1000000+300}, {@code pfn:0x1234+4k}. */
final class Pieces {
    private Pieces() {}

    static List<ScatterEntry> parse(Call call, List<String> words) {
        List<ScatterEntry> pieces = new ArrayList<>();
        for (String word : words) {
            int plus = word.lastIndexOf('+');
            if (plus < 1) {
                throw new Failure("'" + word + "' is no piece; one looks like 0xc1000000+300 or pfn:0x1234+4k");
            }
            String start = word.substring(0, plus);
            int pfn = call.arguments().page(start);
            long offset = start.startsWith("pfn:")
                    ? 0
                    : offset(call.machine(), call.arguments().address(start));
            pieces.add(new ScatterEntry(pfn, (int) offset, (int) Arguments.size(word.substring(plus + 1))));
        }
        return pieces;
    }

    private static long offset(Machine machine, long address) {
        return machine.layout().isLinear(address) ? address & Profile.PAGE_SIZE - 1 : 0;
    }
}
