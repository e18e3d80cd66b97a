package org.kmemscope.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What the build wrote down: our version, and which packages of the class path bundles may use. */
final class LauncherProperties {
    private final Properties properties = new Properties();

    LauncherProperties() {
        try (InputStream in = LauncherProperties.class.getResourceAsStream("launcher.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String version() {
        return properties.getProperty("version");
    }

    String packages() {
        return properties.getProperty("packages");
    }
}
