package org.kmemscope.vmalloc;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.kmemscope.api.view.VmapAreaView;
import org.kmemscope.api.vmalloc.VmallocState;
import org.kmemscope.api.vmalloc.VmallocState.FreeRange;

/**
 * A vmalloc vector: what Linux 6.1 (Debian 6.1.0-50) answered to a list of calls. Start state, operations in order, and between them
 * {@code /proc/vmallocinfo} as it was read inside the kernel.
 */
final class VectorFile {
    final Map<String, Long> constants = new HashMap<>();
    final VmallocState start;
    /** {@code A}, {@code F}, {@code PURGE} and {@code INFO tag n}, the n-th list of areas. */
    final List<String> operations = new ArrayList<>();

    final List<List<VmapAreaView>> lists = new ArrayList<>();

    VectorFile(String name) {
        List<FreeRange> tree = new ArrayList<>();
        List<String> areas = null;
        List<VmapAreaView> first = List.of();
        for (String line : lines(name)) {
            if (line.startsWith("VMALLOCINFO-END")) {
                lists.add(AreaList.read(areas));
                if (lists.size() == 1) {
                    first = lists.get(0);
                }
                areas = null;
            } else if (line.startsWith("VMALLOCINFO")) {
                areas = new ArrayList<>();
                operations.add("INFO " + line.substring(12) + " " + lists.size());
            } else if (areas != null) {
                areas.add(line);
            } else if (line.startsWith("VT ")) {
                tree.add(node(line));
            } else if (line.startsWith("CONST")) {
                fields(line).forEach((key, value) -> constants.put(key, Long.parseLong(value, 16)));
            } else if (line.matches("(A|F|PURGE) .*")) {
                operations.add(line);
            }
        }
        start = new VmallocState(first, tree);
    }

    private static List<String> lines(String name) {
        try (InputStream in = VectorFile.class.getResourceAsStream("vectors/" + name + ".txt.gz");
                BufferedReader text =
                        new BufferedReader(new InputStreamReader(new GZIPInputStream(in), StandardCharsets.UTF_8))) {
            return text.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FreeRange node(String line) {
        Map<String, String> fields = fields(line);
        return new FreeRange(
                fields.get("path"),
                Long.parseLong(fields.get("start"), 16),
                Long.parseLong(fields.get("end"), 16),
                fields.get("color").equals("r"));
    }

    static Map<String, String> fields(String line) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String word : line.split(" ")) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                fields.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return fields;
    }
}
