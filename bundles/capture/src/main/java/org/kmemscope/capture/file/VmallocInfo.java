package org.kmemscope.capture.file;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.view.VmapAreaView.Kind;

/**
 * {@code /proc/vmallocinfo}: a line for each area. Since 4.15 a kernel shows hashes in place of the addresses, or {@code (ptrval)} while
 * it has no randomness yet; the length is true all the same, and tells: where the two addresses are not that far apart, they are
 * hashes.
 *
 * @param areas the areas; hidden ones begin at 0 and have the right length
 * @param hidden whether the addresses are hidden
 */
public record VmallocInfo(List<VmapAreaView> areas, boolean hidden) {
    private static final String FORM = "0xf8008000-0xf8014000   49152 zisofs_init+0xa/0x20 pages=11 vmalloc";
    private static final Pattern LINE = Pattern.compile("0x(\\(\\w+\\)|\\w+)-0x(\\(\\w+\\)|\\w+)\\s+(\\d+)(.*)");
    private static final Pattern PAGES = Pattern.compile("pages=(\\d+)");
    private static final Pattern PHYS = Pattern.compile("phys=(?:0x)?([0-9a-f]+)");
    private static final String VPAGES = "vpages";
    private static final String UNPURGED = "unpurged vm_area";

    /** Keeps an unmodifiable copy. */
    public VmallocInfo {
        areas = List.copyOf(areas);
    }

    /**
     * Reads the file.
     *
     * @throws MalformedFile if it is no vmallocinfo, or cut
     */
    public static VmallocInfo read(TextFile file) {
        file.whole("'" + FORM + "'");
        List<VmapAreaView> areas = areas(file, 0, file.lines().size());
        return new VmallocInfo(areas, areas.stream().anyMatch(area -> area.start() == 0));
    }

    /**
     * Reads it where it is a part of another file.
     *
     * @param from index of its first line
     * @param to index behind its last
     */
    public static List<VmapAreaView> areas(TextFile file, int from, int to) {
        List<VmapAreaView> areas = new ArrayList<>();
        for (int i = from; i < to; i++) {
            String line = file.lines().get(i);
            if (!line.isBlank()) {
                Matcher match = LINE.matcher(line);
                if (!match.matches()) {
                    throw file.unlike(i, FORM);
                }
                areas.add(area(file, i, match));
            }
        }
        return areas;
    }

    private static VmapAreaView area(TextFile file, int i, Matcher match) {
        long size = file.decimal(i, match.group(3));
        boolean named = match.group(1).startsWith("(") || match.group(2).startsWith("(");
        long start = named ? 0 : file.hex(i, match.group(1));
        if (named || file.hex(i, match.group(2)) - start != size) {
            start = 0;
        }
        String rest = match.group(4);
        Kind kind = Kind.VMALLOC;
        int pages = (int) Math.min(Integer.MAX_VALUE, Math.max(0, size / Profile.PAGE_SIZE - 1));
        long phys = -1;
        boolean counted = false;
        boolean vpages = false;
        StringBuilder caller = new StringBuilder();
        for (String word : rest.replace(UNPURGED, "").trim().split("\\s+")) {
            Matcher owned = PAGES.matcher(word);
            Matcher device = PHYS.matcher(word);
            if (owned.matches()) {
                pages = file.integer(i, owned.group(1));
                counted = true;
            } else if (device.matches()) {
                phys = file.hex(i, device.group(1));
            } else if (isKind(word)) {
                kind = kind(word, kind);
            } else if (word.equals(VPAGES)) {
                vpages = true;
            } else if (!word.matches("N\\d+=\\d+|user")) {
                caller.append(caller.isEmpty() ? "" : " ").append(word);
            }
        }
        if (kind == Kind.VMALLOC && !counted) {
            // per-CPU memory: the area is of vmalloc's kind, its pages are another's
            pages = 0;
        }
        if (rest.contains(UNPURGED)) {
            kind = Kind.UNPURGED;
        }
        return new VmapAreaView(start, start + size, kind, pages, phys, caller.toString(), List.of(), vpages);
    }

    private static boolean isKind(String word) {
        for (Kind kind : Kind.values()) {
            if (kind.label().equals(word)) {
                return true;
            }
        }
        return word.equals("sparse");
    }

    private static Kind kind(String word, Kind otherwise) {
        for (Kind kind : Kind.values()) {
            if (kind.label().equals(word)) {
                return kind;
            }
        }
        return otherwise;
    }
}
