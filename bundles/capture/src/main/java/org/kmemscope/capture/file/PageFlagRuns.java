package org.kmemscope.capture.file;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code kpageflags-rle.txt}: runs of frames with the same bits in {@code /proc/kpageflags}. The bits are the kernel's interface:
 * bit 7 a slab page, bit 10 the first frame of a free block, bit 20 no frame, bit 32 a frame that boot kept.
 *
 * @param runs ascending
 */
public record PageFlagRuns(List<Run> runs) {
    private static final String FORM = "4096 1426 1:0";
    private static final Pattern LINE = Pattern.compile("(\\d+) (\\d+) (?:([0-9a-f]{1,8}):)?([0-9a-f]+)");
    private static final int WORD = 32;
    private static final long BUDDY = 1L << 10;
    private static final long NOPAGE = 1L << 20;

    /**
     * Frames in a row.
     *
     * @param start first frame
     * @param count how many
     * @param flags their bits
     */
    public record Run(int start, int count, long flags) {
        /** Whether the frames are first frames of free blocks. */
        public boolean buddy() {
            return (flags & BUDDY) != 0;
        }

        /** Whether there are no such frames. */
        public boolean hole() {
            return (flags & NOPAGE) != 0;
        }
    }

    /** Keeps an unmodifiable copy. */
    public PageFlagRuns {
        runs = List.copyOf(runs);
    }

    /**
     * Reads the file.
     *
     * @throws MalformedFile if it is no such list, or cut
     */
    public static PageFlagRuns read(TextFile file) {
        file.whole("'" + FORM + "'");
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < file.lines().size(); i++) {
            String line = file.lines().get(i).strip();
            if (line.isEmpty() || line.startsWith("#") || line.equals("...")) {
                continue;
            }
            Matcher match = LINE.matcher(line);
            if (!match.matches()) {
                throw file.unlike(i, FORM);
            }
            long high = match.group(3) == null ? 0 : file.hex(i, match.group(3));
            runs.add(new Run(
                    file.integer(i, match.group(1)),
                    file.integer(i, match.group(2)),
                    high << WORD | file.hex(i, match.group(4))));
        }
        return new PageFlagRuns(runs);
    }
}
