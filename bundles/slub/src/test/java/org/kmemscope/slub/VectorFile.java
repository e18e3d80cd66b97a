package org.kmemscope.slub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.kmemscope.api.page.PageState;
import org.kmemscope.api.slab.SlabState;

/**
 * A vector of SLUB or kmalloc: parameters of the caches, the state of pages and caches at the start, operations with their results, new
 * and discarded slabs, and the state at the end.
 */
final class VectorFile {
    private static final Pattern SLAB =
            Pattern.compile("([0-9a-f]+):(\\d+)/(\\d+):o(\\d+):f([01])\\[([\\d,]*)\\](?::s(\\d+))?");
    private static final Pattern CPU_FREE = Pattern.compile("cpu_free=\\d+\\[([\\d,]*)\\]");

    /** By cache, in the order of the file: the fields of CACHE. */
    final Map<String, Map<String, String>> caches = new LinkedHashMap<>();

    final Map<String, int[]> sequences = new LinkedHashMap<>();
    final Map<String, SlabState> slabStates = new LinkedHashMap<>();
    final Map<String, PageState> pageStates = new LinkedHashMap<>();
    /** Operations, new and discarded slabs, and counts of a cache in between, in order. */
    final List<String> events = new ArrayList<>();

    int gfp;

    private VectorFile() {}

    static VectorFile read(Path path) throws IOException {
        VectorFile file = new VectorFile();
        try (InputStream in = new GZIPInputStream(Files.newInputStream(path))) {
            file.parse(new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n"));
        }
        return file;
    }

    private void parse(String[] lines) {
        Map<String, List<SlabState.CacheState>> slabs = new LinkedHashMap<>();
        PageLines pages = null;
        for (String line : lines) {
            String kind = line.substring(0, Math.max(0, line.indexOf(' ')));
            switch (kind) {
                case "CACHE" -> caches.put(line.split(" ")[1], fields(line));
                case "RSEQ" -> sequences.put(line.split(" ")[1], numbers(line.split(" ")[2]));
                case "CAP" -> gfp = Integer.parseInt(fields(line).get("gfp"), 16);
                case "STATE" -> pages = new PageLines();
                case "STATE-END" -> pageStates.put(line.split(" ")[1], pages.state());
                case "ZONE", "PCP", "PCPL", "PCPX", "FREE", "PB", "LRU" -> pages.add(kind, fields(line));
                case "SLUB" -> {
                    String tag = line.split(" ")[2];
                    events.add(line);
                    if (!tag.equals("at")) {
                        slabs.computeIfAbsent(tag, key -> new ArrayList<>()).add(cache(line));
                    }
                }
                case "a", "f", "N", "D" -> events.add(line);
                default -> {
                    // remarks
                }
            }
        }
        slabs.forEach((tag, states) -> slabStates.put(tag, new SlabState(states)));
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

    static int[] numbers(String text) {
        return text.isEmpty()
                ? new int[0]
                : Arrays.stream(text.split(",")).mapToInt(Integer::parseInt).toArray();
    }

    private SlabState.CacheState cache(String line) {
        Map<String, String> f = fields(line);
        String name = line.split(" ")[1];
        List<SlabState.Slab> cpu = slabs(f.get("cpu"));
        Matcher free = CPU_FREE.matcher(line);
        return new SlabState.CacheState(
                name,
                Integer.parseUnsignedInt(caches.get(name).get("random"), 16),
                sequences.getOrDefault(name, new int[0]),
                Long.parseLong(f.get("nr_slabs")),
                Long.parseLong(f.get("total_objects")),
                List.of(new SlabState.CpuState(
                        cpu.stream().findFirst(),
                        free.find() ? numbers(free.group(1)) : new int[0],
                        slabs(f.get("cpu_partial")))),
                slabs(f.get("node_partial")));
    }

    private static List<SlabState.Slab> slabs(String text) {
        List<SlabState.Slab> slabs = new ArrayList<>();
        Matcher slab = SLAB.matcher(text);
        while (slab.find()) {
            slabs.add(new SlabState.Slab(
                    Integer.parseInt(slab.group(1), 16),
                    Integer.parseInt(slab.group(4)),
                    Integer.parseInt(slab.group(3)),
                    Integer.parseInt(slab.group(2)),
                    slab.group(5).equals("1"),
                    Optional.ofNullable(slab.group(7)).map(Integer::valueOf).orElse(0),
                    numbers(slab.group(6))));
        }
        return slabs;
    }
}
