package org.kmemscope.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.osgi.framework.Constants;

/**
 * The folder {@code load} of a distribution, which Felix File Install watches: a bundle that is put there is installed and started, a newer file
 * updates it, without the file it is uninstalled. What is there already is loaded before the watcher's own start is over: those who start
 * kmemscope for a single command do not depend on when it looks first. What is wrong with one is told in a line, and keeps nobody from work.
 */
final class LoadFolder {
    private static final String NAME = "load";
    private static final String JAR = ".jar";
    private static final String POLL_MILLIS = "500";
    /** Warnings and errors. */
    private static final String LOG_LEVEL = "2";

    /** Held, so that the handler is not lost with it. */
    private static final Logger WATCHER = Logger.getLogger("fileinstall");

    private final Path folder;

    LoadFolder(Path home) {
        folder = home.resolve(NAME);
    }

    /** Settings for the watcher. */
    Map<String, String> settings(Path temporary) {
        return Map.of(
                "felix.fileinstall.dir",
                folder.toString(),
                "felix.fileinstall.poll",
                POLL_MILLIS,
                "felix.fileinstall.noInitialDelay",
                "true",
                "felix.fileinstall.filter",
                ".*\\" + JAR,
                "felix.fileinstall.tmpdir",
                temporary.resolve(NAME).toString(),
                "felix.fileinstall.log.level",
                LOG_LEVEL,
                "felix.fileinstall.log.default",
                "jul");
    }

    /** Lets what the watcher has to say come as a line, without a stack trace. */
    void tellInLines() {
        WATCHER.setUseParentHandlers(false);
        WATCHER.addHandler(new Handler() {
            @Override
            public void publish(LogRecord logged) {
                if (logged.getLevel().intValue() >= Level.WARNING.intValue()) {
                    Throwable thrown = logged.getThrown();
                    tell(logged.getMessage() + (thrown == null ? "" : ": " + thrown.getMessage()));
                }
            }

            @Override
            public void flush() {
                System.err.flush();
            }

            @Override
            public void close() {
                // standard error stays open
            }
        });
    }

    private static void tell(String message) {
        System.err.println(
                "kmemscope: " + NAME + ": " + message.lines().findFirst().orElse(message));
    }

    /** Tells of files that look like bundles and are none: the watcher passes over them in silence. */
    void tellOfOthers() {
        for (Path jar : jars()) {
            if (!namesABundle(jar)) {
                tell(jar.getFileName() + ": is no bundle: its manifest must have a " + Constants.BUNDLE_SYMBOLICNAME);
            }
        }
    }

    private static boolean namesABundle(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            return manifest != null && manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME) != null;
        } catch (IOException e) {
            return false;
        }
    }

    private List<Path> jars() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().endsWith(JAR))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
