package org.kmemscope.shell.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Names of files, for completion. */
final class FileNames {
    private FileNames() {}

    /** Files and folders, the latter with a slash, whose path begins like the word; hidden ones if the word asks for them. */
    static Stream<String> startingWith(String word) {
        int slash = word.lastIndexOf('/') + 1;
        String folder = word.substring(0, slash);
        String prefix = word.substring(slash);
        try (Stream<Path> files = Files.list(Path.of(folder.isEmpty() ? "." : folder))) {
            List<String> names = files.filter(
                            file -> file.getFileName().toString().startsWith(prefix))
                    .filter(file -> prefix.startsWith(".")
                            || !file.getFileName().toString().startsWith("."))
                    .map(file -> folder + file.getFileName() + (Files.isDirectory(file) ? "/" : ""))
                    .sorted()
                    .toList();
            return names.stream();
        } catch (IOException | InvalidPathException e) {
            // there is nothing to choose from
            return Stream.empty();
        }
    }
}
