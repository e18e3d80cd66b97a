package org.kmemscope.capture.file;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * A tar, a gzip'ed tar, a zip, or a single file, told apart by their first bytes. An archive is read as a whole, since a tar has no
 * table of contents.
 */
final class ArchiveStore implements FileStore {
    private static final long MOST_BYTES = 512L << 20;
    private static final int ENOUGH_TO_TELL = 512;
    private static final int TAR_MAGIC_AT = 257;
    private static final String TAR_MAGIC = "ustar";
    private static final String ENDINGS = "\\.(?:tar|tgz|tar\\.gz|zip)$";

    private final String name;
    private final Map<String, byte[]> files;

    private ArchiveStore(String name, Map<String, byte[]> files) {
        this.name = name;
        this.files = files;
    }

    static ArchiveStore open(Path path) {
        String name = path.getFileName().toString();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(path))) {
            byte[] start = peek(in);
            Map<String, byte[]> files;
            if (startsWith(start, 'P', 'K')) {
                files = zip(in);
            } else if (isTar(start)) {
                files = tar(in);
            } else if (startsWith(start, 0x1f, 0x8b)) {
                files = gzip(path, name);
            } else {
                files = single(path, name);
            }
            return new ArchiveStore(name.replaceFirst(ENDINGS, ""), files);
        } catch (IOException | IllegalArgumentException e) {
            if (e instanceof MalformedFile malformed) {
                throw malformed;
            }
            String reason = e.getMessage() == null ? "it ends too soon" : e.getMessage();
            throw new MalformedFile(path + ": damaged archive (" + reason + "); copy it again");
        }
    }

    private static byte[] peek(InputStream in) throws IOException {
        in.mark(ENOUGH_TO_TELL);
        byte[] start = in.readNBytes(ENOUGH_TO_TELL);
        in.reset();
        return start;
    }

    private static boolean startsWith(byte[] bytes, int first, int second) {
        return bytes.length > 1 && (bytes[0] & 0xff) == first && (bytes[1] & 0xff) == second;
    }

    private static boolean isTar(byte[] start) {
        return start.length == ENOUGH_TO_TELL
                && new String(start, TAR_MAGIC_AT, TAR_MAGIC.length(), java.nio.charset.StandardCharsets.ISO_8859_1)
                        .equals(TAR_MAGIC);
    }

    /** A gzip'ed tar, or a gzip'ed file. */
    private static Map<String, byte[]> gzip(Path path, String name) throws IOException {
        try (InputStream in =
                new BufferedInputStream(new GZIPInputStream(new BufferedInputStream(Files.newInputStream(path))))) {
            return isTar(peek(in)) ? tar(in) : single(path, name);
        }
    }

    private static Map<String, byte[]> tar(InputStream in) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        long left = MOST_BYTES;
        try (TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (entry.isFile()) {
                    left = add(files, entry.getName(), tar, left);
                }
            }
            // a checksum of the whole stands at the very end
            in.transferTo(OutputStream.nullOutputStream());
        }
        return files;
    }

    private static Map<String, byte[]> zip(InputStream in) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        long left = MOST_BYTES;
        try (ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (!entry.isDirectory()) {
                    left = add(files, entry.getName(), zip, left);
                }
            }
        }
        return files;
    }

    private static long add(Map<String, byte[]> files, String name, InputStream in, long left) throws IOException {
        byte[] bytes = in.readNBytes((int) Math.min(left + 1, Integer.MAX_VALUE));
        if (bytes.length > left) {
            throw new IOException("it unpacks to more than " + (MOST_BYTES >> 20) + " MiB");
        }
        files.put(name.replaceFirst("^(?:\\./|/)+", ""), bytes);
        return left - bytes.length;
    }

    private static Map<String, byte[]> single(Path path, String name) throws IOException {
        if (FileKind.of(name).isEmpty()) {
            throw new MalformedFile(path + ": no capture; one is a folder, a tar, a tar.gz, a zip,"
                    + " or a file with a name such as proc-zoneinfo.txt");
        }
        if (Files.size(path) > MOST_BYTES) {
            throw new IOException("it is larger than " + (MOST_BYTES >> 20) + " MiB");
        }
        return Map.of(name, Files.readAllBytes(path));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<String> names() {
        return List.copyOf(files.keySet());
    }

    @Override
    public byte[] read(String file) {
        return files.get(file);
    }
}
