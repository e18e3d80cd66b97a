package org.kmemscope.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/**
 * The folder {@code load} of a distribution, which Felix File Install watches: a bundle that is put there is installed and started, a newer file
 * updates it, without the file it is uninstalled. What is wrong with one is told in a line, and keeps nobody from work.
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

    /**
     * Loads what is there already: those who start kmemscope for a single command must not depend on when the watcher looks first. Bundles get
     * the locations by which it knows them.
     */
    void load(BundleContext context) {
        for (Path jar : jars()) {
            try {
                Bundle bundle = context.installBundle(jar.toUri().normalize().toString());
                bundle.start(Bundle.START_ACTIVATION_POLICY);
            } catch (BundleException e) {
                // another with this name and version is there: the watcher will update that one
                if (e.getType() != BundleException.DUPLICATE_BUNDLE_ERROR) {
                    tell(jar.getFileName() + ": " + e.getMessage());
                }
            }
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
