package org.kmemscope.machine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.kmemscope.api.ground.KernelVersion;

/** Which lines a {@code /proc} file of an era has, from the resource {@code proc-fields.txt}. */
final class ProcFields {
    private static final String RESOURCE = "proc-fields.txt";

    private final Map<String, TreeMap<KernelVersion, List<String>>> files = new TreeMap<>();

    ProcFields() {
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(ProcFields.class.getResourceAsStream(RESOURCE), StandardCharsets.UTF_8))) {
            List<String> section = new ArrayList<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("[")) {
                    String[] words = line.substring(1, line.length() - 1).split(" ");
                    section = new ArrayList<>();
                    files.computeIfAbsent(words[0], file -> new TreeMap<>())
                            .put(KernelVersion.parse(words[1]), section);
                } else if (!line.startsWith("#") && !line.isBlank()) {
                    section.addAll(List.of(line.split(" ")));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The names of a file in the newest section that is not newer than the kernel; none before the first. */
    List<String> of(String file, KernelVersion version) {
        Map.Entry<KernelVersion, List<String>> section = files.get(file).floorEntry(version);
        return section == null ? List.of() : section.getValue();
    }
}
