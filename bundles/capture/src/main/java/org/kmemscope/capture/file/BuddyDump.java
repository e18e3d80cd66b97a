package org.kmemscope.capture.file;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code oracle-buddydump-*.txt}: the free lists in their order, head first, as a module saw them.
 *
 * @param lists lists that are not empty
 * @param whole whether no list was cut off at the dump's limit
 */
public record BuddyDump(List<FreeBlocks> lists, boolean whole) {
    private static final String FORM = "BUDDY zone=DMA order=10 type=Movable n=3 pfns=400,800,c00";
    private static final Pattern LINE =
            Pattern.compile("BUDDY zone=(\\S+) order=(\\d+) type=(\\w+) n=(\\d+) pfns=([0-9a-f,]*?)(,\\.\\.\\.)?");

    /**
     * A free list.
     *
     * @param zone its zone
     * @param order order of its blocks
     * @param type name of its migrate type
     * @param pfns first frames of its blocks
     */
    public record FreeBlocks(String zone, int order, String type, int[] pfns) {}

    /** Keeps an unmodifiable copy. */
    public BuddyDump {
        lists = List.copyOf(lists);
    }

    /**
     * Reads the file.
     *
     * @throws MalformedFile if it is no dump, or cut
     */
    public static BuddyDump read(TextFile file) {
        file.whole("'" + FORM + "'");
        List<FreeBlocks> lists = new ArrayList<>();
        boolean whole = true;
        for (int i = 0; i < file.lines().size(); i++) {
            String line = file.lines().get(i).strip();
            if (line.isEmpty()) {
                continue;
            }
            Matcher match = LINE.matcher(line);
            if (!match.matches()) {
                throw file.unlike(i, FORM);
            }
            int[] pfns = pfns(file, i, match.group(5));
            if (match.group(6) != null) {
                whole = false;
            } else if (pfns.length != file.integer(i, match.group(4))) {
                throw file.wrong(i, "it lists " + pfns.length + " blocks and says n=" + match.group(4), "both agree");
            }
            lists.add(new FreeBlocks(match.group(1), file.integer(i, match.group(2)), match.group(3), pfns));
        }
        if (lists.isEmpty()) {
            throw file.wrong("there is no list in it", "a line looks like '" + FORM + "'");
        }
        return new BuddyDump(lists, whole);
    }

    private static int[] pfns(TextFile file, int line, String text) {
        String[] words = text.split(",");
        int[] pfns = new int[words.length];
        for (int i = 0; i < words.length; i++) {
            long pfn = file.hex(line, words[i]);
            if (pfn > Integer.MAX_VALUE) {
                throw file.wrong(line, "frame 0x" + words[i] + " is too large", "frame numbers are below 2^31");
            }
            pfns[i] = (int) pfn;
        }
        return pfns;
    }
}
