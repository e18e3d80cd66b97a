package org.kmemscope.capture.file;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A folder, or {@code /proc} itself. Only what can be part of a capture is listed: a few levels, and no folders of processes. Files are
 * read when they are asked for.
 */
final class FolderStore implements FileStore {
    private static final int MOST_LEVELS = 4;
    private static final int MOST_FILES = 20_000;

    private final Path folder;
    private final List<String> names;

    FolderStore(Path folder) {
        this.folder = folder;
        List<String> found = new ArrayList<>();
        try {
            list(folder, "", 1, found);
        } catch (IOException e) {
            throw new MalformedFile(folder + ": cannot be listed (" + e.getMessage() + ")");
        }
        found.sort(null);
        names = List.copyOf(found);
    }

    private static void list(Path folder, String prefix, int level, List<String> found) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                String name = prefix + entry.getFileName();
                boolean deeper = Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS) && level < MOST_LEVELS;
                if (Files.isRegularFile(entry)) {
                    found.add(name);
                } else if (deeper && Files.isReadable(entry) && !name.matches("(.*/)?\\d+")) {
                    list(entry, name + "/", level + 1, found);
                }
                if (found.size() > MOST_FILES) {
                    throw new IOException("more than " + MOST_FILES + " files: this is no capture");
                }
            }
        }
    }

    @Override
    public String name() {
        Path last = folder.toAbsolutePath().normalize().getFileName();
        return last == null ? "/" : last.toString();
    }

    @Override
    public List<String> names() {
        return names;
    }

    @Override
    public byte[] read(String name) {
        try {
            return Files.readAllBytes(folder.resolve(name));
        } catch (IOException e) {
            throw new MalformedFile(folder.resolve(name) + ": cannot be read (" + e.getMessage() + ")");
        }
    }
}
