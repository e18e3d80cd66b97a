package org.kmemscope.capture.seed;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kmemscope.api.capture.VmallocDump;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.vmalloc.VmallocState;
import org.kmemscope.api.vmalloc.VmallocState.FreeRange;
import org.kmemscope.capture.file.TextFile;
import org.kmemscope.capture.file.VmallocInfo;

/**
 * Reads the states of the vmalloc area in a vector.
 *
 * <pre>
 *   VMALLOCINFO start                                              /proc/vmallocinfo, as it was read inside the kernel
 *   0xf73fe000-0xf7400000    8192 acpi_os_map_iomem+0x211/0x240 phys=0x3ffe1000 ioremap
 *   VMALLOCINFO-END start
 *   VTREE                                                          the red-black tree of free ranges at that moment, in preorder
 *   VT 0 path= start=f743e000 end=f7453000 color=b max=f73fdfff    path: the way from the root, L and R
 *   VTREE-END
 * </pre>
 */
final class VmallocDumpReader {
    private static final String AREAS = "VMALLOCINFO";
    private static final String TREE = "VTREE";
    private static final String NODE_FORM = "VT 1 path=L start=f7432000 end=f7439000 color=b max=f73fdfff";
    private static final Pattern NODE =
            Pattern.compile("VT \\d+ path=([LR]*) start=([0-9a-f]+) end=([0-9a-f]+) color=([rb])(?: .*)?");

    private final TextFile file;
    private final List<VmallocDump> dumps = new ArrayList<>();
    /** The areas just read, whose tree may follow. */
    private VmallocDump open;

    private VmallocDumpReader(TextFile file) {
        this.file = file;
    }

    /** Every state in a file, in order. */
    static List<VmallocDump> read(TextFile file) {
        return new VmallocDumpReader(file).read();
    }

    private List<VmallocDump> read() {
        for (int i = 0; i < file.lines().size(); i++) {
            String line = file.lines().get(i);
            if (begins(line, AREAS)) {
                close();
                int end = end(i, AREAS);
                open = dump(i, line, VmallocInfo.areas(file, i + 1, end), List.of());
                i = end;
            } else if (begins(line, TREE)) {
                int end = end(i, TREE);
                List<FreeRange> tree = tree(i + 1, end);
                open = open == null
                        ? dump(i, line, List.of(), tree)
                        : new VmallocDump(
                                open.line(),
                                open.tag(),
                                new VmallocState(open.state().areas(), tree));
                close();
                i = end;
            } else {
                close();
            }
        }
        close();
        return dumps;
    }

    private static boolean begins(String line, String word) {
        return line.equals(word) || line.startsWith(word + " ");
    }

    private static VmallocDump dump(int index, String line, List<VmapAreaView> areas, List<FreeRange> tree) {
        String tag = line.substring(line.indexOf(' ') + 1).strip();
        return new VmallocDump(index + 1, tag, new VmallocState(areas, tree));
    }

    private void close() {
        if (open != null) {
            dumps.add(open);
            open = null;
        }
    }

    private int end(int from, String word) {
        for (int i = from; i < file.lines().size(); i++) {
            if (begins(file.lines().get(i), word + "-END")) {
                return i;
            }
        }
        throw file.wrong(from, "'" + word + "' has no '" + word + "-END'", "copy the whole vector");
    }

    private List<FreeRange> tree(int from, int to) {
        List<FreeRange> tree = new ArrayList<>();
        Set<String> paths = new HashSet<>();
        for (int i = from; i < to; i++) {
            Matcher node = NODE.matcher(file.lines().get(i));
            if (!node.matches()) {
                throw file.unlike(i, NODE_FORM);
            }
            String path = node.group(1);
            boolean placed = path.isEmpty() || paths.contains(path.substring(0, path.length() - 1));
            if (!placed || !paths.add(path)) {
                throw file.wrong(
                        i,
                        "node '" + path + "' comes " + (placed ? "twice" : "before its parent"),
                        "nodes are in preorder, each once");
            }
            FreeRange range = new FreeRange(
                    path,
                    file.hex(i, node.group(2)),
                    file.hex(i, node.group(3)),
                    node.group(4).equals("r"));
            if (range.start() >= range.end()) {
                throw file.wrong(i, "the range ends before it begins", "start is below end");
            }
            tree.add(range);
        }
        return tree;
    }
}
