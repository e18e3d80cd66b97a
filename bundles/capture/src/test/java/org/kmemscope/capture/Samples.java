package org.kmemscope.capture;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Captures of real kernels among the test resources, each a gzip'ed tar of a folder. {@code 6.1 ... 2cpu} and others with {@code oracle-}
 * files were taken with a module, {@code seed1} is the start of a vector, {@code tr64-start} has no more than seven files of /proc of a
 * 64-bit kernel. All of them were booted in QEMU; nothing in them was typed in by hand.
 */
final class Samples {
    static final Path FOLDER = Path.of("src/test/resources/org/kmemscope/capture");

    private Samples() {}

    static Path archive(String name) {
        return FOLDER.resolve("captures").resolve(name + ".tar.gz");
    }

    static List<Path> archives() {
        return list(FOLDER.resolve("captures"));
    }

    static List<Path> logs() {
        return list(FOLDER.resolve("logs"));
    }

    static List<Path> list(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String name(Path archive) {
        return archive.getFileName().toString().replace(".tar.gz", "");
    }

    /** Unpacks a capture. */
    static Path folder(String name, Path target) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(
                new GZIPInputStream(new BufferedInputStream(Files.newInputStream(archive(name)))))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path file = target.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else {
                    Files.createDirectories(file.getParent());
                    Files.copy(tar, file);
                }
            }
        }
        return target.resolve(name);
    }

    /** Packs the files of a folder, below a folder of the same name if that is wanted. */
    static Path tar(Path folder, Path tar, boolean nested) throws IOException {
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(Files.newOutputStream(tar))) {
            for (Path file : list(folder)) {
                TarArchiveEntry entry = new TarArchiveEntry(entryName(folder, file, nested));
                entry.setSize(Files.size(file));
                out.putArchiveEntry(entry);
                copy(file, out);
                out.closeArchiveEntry();
            }
        }
        return tar;
    }

    static Path zip(Path folder, Path zip, boolean nested) throws IOException {
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (Path file : list(folder)) {
                out.putNextEntry(new ZipEntry(entryName(folder, file, nested)));
                copy(file, out);
                out.closeEntry();
            }
        }
        return zip;
    }

    private static String entryName(Path folder, Path file, boolean nested) {
        return (nested ? folder.getFileName() + "/" : "./") + file.getFileName();
    }

    private static void copy(Path file, OutputStream out) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            in.transferTo(out);
        }
    }

    /** As {@code proc/NAME}, {@code proc_NAME} or {@code proc-NAME.txt}: how else people name copies. */
    static Path renamed(Path folder, Path target, String pattern) throws IOException {
        for (Path file : list(folder)) {
            String name = file.getFileName().toString();
            String renamed = name.startsWith("proc-")
                    ? String.format(pattern, name.substring(5).replace(".txt", ""))
                    : name;
            Path copy = target.resolve(renamed);
            Files.createDirectories(copy.getParent());
            Files.copy(file, copy);
        }
        return target;
    }
}
