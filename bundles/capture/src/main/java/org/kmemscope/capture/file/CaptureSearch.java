package org.kmemscope.capture.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Finds the captures in a folder of several: folders and archives, a few levels deep. What is no capture is passed over. */
public final class CaptureSearch {
    private static final int MOST_LEVELS = 4;
    private static final List<String> ARCHIVES = List.of(".tar", ".tar.gz", ".tgz", ".zip");

    private CaptureSearch() {}

    /**
     * Finds them.
     *
     * @throws MalformedFile if there is none
     */
    public static List<Path> find(Path path) {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        List<Path> found = new ArrayList<>();
        search(path, MOST_LEVELS, found);
        if (found.isEmpty()) {
            // says why
            CaptureFiles.open(path);
            found.add(path);
        }
        return found;
    }

    private static void search(Path folder, int levels, List<Path> found) {
        if (isCapture(folder)) {
            found.add(folder);
            return;
        }
        for (Path entry : entries(folder)) {
            boolean archive =
                    ARCHIVES.stream().anyMatch(entry.getFileName().toString().toLowerCase(Locale.ROOT)::endsWith);
            if (Files.isDirectory(entry) && levels > 1) {
                search(entry, levels - 1, found);
            } else if (archive && isCapture(entry)) {
                found.add(entry);
            }
        }
    }

    private static boolean isCapture(Path path) {
        try {
            return CaptureFiles.open(path).isOfMachine();
        } catch (MalformedFile none) {
            return false;
        }
    }

    private static List<Path> entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new MalformedFile(folder + ": cannot be listed (" + e.getMessage() + ")");
        }
    }
}
