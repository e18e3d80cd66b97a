package org.kmemscope.slub;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * What a real kernel with SLUB said, and the machine to compare it with. {@code -Dcaptures=FOLDER} looks for others.
 *
 * @param path the folder
 */
record CaptureFolder(Path path) {
    private static final Map<String, String> PROFILES = new LinkedHashMap<>();

    static {
        PROFILES.put("2.6.29-goldfish", "linux-2.6.29-goldfish");
        PROFILES.put("3.4.67-goldfish", "linux-3.4.67-goldfish");
        PROFILES.put("3.0.15-itop4412", "linux-3.0.15-itop4412");
        PROFILES.put("3.8.13-odroidx", "linux-3.8.13-odroidx");
        PROFILES.put("armmp-lpae", "linux-6.1-armmp-lpae");
        PROFILES.put("armmp", "linux-6.1-armmp");
        PROFILES.put("686-pae", "linux-6.1-686-pae");
        PROFILES.put("i386-686", "linux-6.1-686");
    }

    /** Folders with a file. */
    static Stream<CaptureFolder> with(String file) {
        Path root = Path.of(System.getProperty("captures", "src/test/resources/captures"));
        try (Stream<Path> all = Files.walk(root)) {
            return all
                    .filter(Files::isDirectory)
                    .map(CaptureFolder::new)
                    .filter(folder -> folder.has(file) && !folder.profile().isEmpty())
                    .sorted((a, b) -> a.path.compareTo(b.path))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean has(String file) {
        return Files.exists(path.resolve(file)) || Files.exists(path.resolve(file + ".gz"));
    }

    List<String> lines(String file) {
        Path packed = path.resolve(file + ".gz");
        try (InputStream in = Files.exists(packed)
                ? new GZIPInputStream(Files.newInputStream(packed))
                : Files.newInputStream(path.resolve(file))) {
            return List.of(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1).split("\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String profile() {
        String name = path.getFileName().toString();
        return PROFILES.entrySet().stream()
                .filter(entry -> name.contains(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("");
    }

    /** The machine it was captured on: profile, memory, CPUs, and the boot options that matter to SLUB. */
    String machine() {
        List<String> words = new ArrayList<>(List.of(profile()));
        for (String part : path.getFileName().toString().split("-")) {
            if (part.matches("\\d+M")) {
                words.add("mem=" + part);
            } else if (part.matches("\\d+cpu")) {
                words.add("cpus=" + part.replace("cpu", ""));
            } else if (part.equals("smdkc210") && profile().startsWith("linux-6.1")) {
                words.add("cpus=2");
            }
        }
        Arrays.stream(lines("proc-cmdline.txt").get(0).split(" "))
                .filter(word -> word.startsWith("slub_") || word.startsWith("slab_"))
                .forEach(words::add);
        return String.join(",", words);
    }

    /** The attributes of each cache in {@code sys-kernel-slab.txt}, by the name of its directory or link. */
    Map<String, Map<String, String>> sysfs(String file) {
        Map<String, Map<String, String>> caches = new LinkedHashMap<>();
        for (String line : lines(file)) {
            if (!line.isBlank()) {
                caches.put(line.split(" ")[0], VectorFile.fields(line));
            }
        }
        return caches;
    }

    /** Rows of {@code proc-slabinfo.txt}, newest cache first: name, object size, objects, pages. */
    List<List<String>> slabinfo() {
        return lines("proc-slabinfo.txt").stream()
                .filter(line -> !line.startsWith("slabinfo") && !line.startsWith("#") && !line.isBlank())
                .map(line -> line.trim().split("\\s+"))
                .map(words -> List.of(words[0], words[3], words[4], words[5]))
                .collect(Collectors.toList());
    }

    @Override
    public String toString() {
        return path.getFileName().toString();
    }
}
