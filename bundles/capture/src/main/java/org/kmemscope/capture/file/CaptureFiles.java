package org.kmemscope.capture.file;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.kmemscope.api.capture.NotCaptured;

/**
 * The files of a capture by what they are. A folder around everything is stepped over; a file is read and unpacked when it is first
 * asked for. An empty file counts as missing: that is what a copy leaves behind that was not allowed to read the original.
 */
public final class CaptureFiles {
    private static final String TUNABLE_FOLDER = "sys/vm/";

    private final FileStore store;
    private final String prefix;
    private final List<String> names;
    private final Map<FileKind, String> byKind = new EnumMap<>(FileKind.class);
    private final Map<String, TextFile> read = new ConcurrentHashMap<>();

    private CaptureFiles(FileStore store, String prefix) {
        this.store = store;
        this.prefix = prefix;
        names = store.names().stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .toList();
        for (String name : names) {
            FileKind.of(name).ifPresent(kind -> byKind.merge(kind, name, (old, other) -> better(kind, old, other)));
        }
    }

    private static String better(FileKind kind, String one, String other) {
        return kind.rank(other) < kind.rank(one) ? other : one;
    }

    /**
     * Opens a folder, an archive or a single file.
     *
     * @throws MalformedFile if there is no capture in it, or more than one
     */
    public static CaptureFiles open(Path path) {
        if (!Files.exists(path)) {
            throw new MalformedFile(path + ": there is no such file or folder");
        }
        FileStore store = Files.isDirectory(path) ? new FolderStore(path) : ArchiveStore.open(path);
        CaptureFiles files = new CaptureFiles(store, "");
        while (files.byKind.isEmpty() && !files.folders().isEmpty()) {
            List<String> folders = files.folders();
            String outer = files.prefix;
            List<CaptureFiles> inner = folders.stream()
                    .map(folder -> new CaptureFiles(store, outer + folder + "/"))
                    .filter(some -> folders.size() == 1 || !some.byKind.isEmpty())
                    .toList();
            if (inner.size() > 1) {
                throw new MalformedFile(path + ": more than one capture ("
                        + inner.stream().map(CaptureFiles::folder).collect(Collectors.joining(", "))
                        + "); open one of them");
            }
            if (inner.isEmpty()) {
                break;
            }
            files = inner.get(0);
        }
        if (files.byKind.isEmpty()) {
            throw new MalformedFile(
                    path + ": no file of a capture in it; one has names such as proc-zoneinfo.txt or proc/zoneinfo");
        }
        return files;
    }

    /** Whether there is more than a kernel's configuration. */
    boolean isOfMachine() {
        return byKind.keySet().stream().anyMatch(kind -> kind != FileKind.CONFIG);
    }

    private List<String> folders() {
        return names.stream()
                .filter(name -> name.indexOf('/') > 0)
                .map(name -> name.substring(0, name.indexOf('/')))
                .distinct()
                .toList();
    }

    private String folder() {
        return prefix.substring(0, prefix.length() - 1);
    }

    /** Name of the folder or archive. */
    public String name() {
        return store.name();
    }

    /** Names of all files, sorted. */
    public List<String> names() {
        return names;
    }

    /** A file by its name, or by what it is in any spelling of its name. */
    public Optional<TextFile> file(String name) {
        if (names.contains(name)) {
            return Optional.of(text(name));
        }
        // vectors are many, and each is another one
        return FileKind.of(name).filter(kind -> kind != FileKind.VECTOR).flatMap(this::find);
    }

    /** The file of a kind, if it is there and has something in it. */
    public Optional<TextFile> find(FileKind kind) {
        String name = byKind.get(kind);
        if (name != null) {
            return Optional.of(text(name)).filter(file -> !file.isBlank());
        }
        Optional<TextFile> tunables = kind == FileKind.TUNABLES ? tunableFolder() : Optional.empty();
        return tunables.isPresent() || kind == FileKind.INFO
                ? tunables
                : find(FileKind.INFO).flatMap(info -> InfoParts.part(info, kind));
    }

    /** The file of a kind, or {@link NotCaptured}. */
    public TextFile need(FileKind kind) {
        return find(kind)
                .orElseThrow(() -> new NotCaptured(String.format(
                        "%s has %s %s, which tells: %s",
                        name(), byKind.containsKey(kind) ? "an empty" : "no", kind.usual(), kind.question())));
    }

    private TextFile text(String name) {
        return read.computeIfAbsent(name, some -> TextFile.of(name() + "/" + some, store.read(prefix + some)));
    }

    /** A copy of the folder {@code /proc/sys/vm}: each tunable is a file of its own. */
    private Optional<TextFile> tunableFolder() {
        List<String> lines = new ArrayList<>();
        for (String name : names) {
            int at = name.indexOf(TUNABLE_FOLDER);
            if (at == 0 || at == "proc/".length() && name.startsWith("proc/")) {
                tunable(name)
                        .ifPresent(value -> lines.add(name.substring(at + TUNABLE_FOLDER.length()) + ": " + value));
            }
        }
        return lines.isEmpty() ? Optional.empty() : Optional.of(TextFile.of(name() + "/" + TUNABLE_FOLDER, lines));
    }

    private Optional<String> tunable(String name) {
        try {
            return Optional.of(text(name).lines().stream().findFirst().orElse(""));
        } catch (MalformedFile e) {
            // in /proc itself there are some that can only be written, such as compact_memory
            return Optional.empty();
        }
    }
}
