package org.kmemscope.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the folder of the distribution holds. */
class DistributionIT {
    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");

    private static List<Path> jars(String folder) {
        Path path = Kmemscope.FOLDER.resolve(folder);
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(path)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Manifest manifest(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.getManifest();
        }
    }

    @Test
    void everyBundleIsShipped() throws IOException {
        String pom = Files.readString(Kmemscope.ROOT.resolve("bundles/pom.xml"));
        List<String> modules = MODULE.matcher(pom)
                .results()
                .map((MatchResult match) -> match.group(1) + ".jar")
                .sorted()
                .toList();

        assertThat(Stream.concat(jars("bundle/5").stream(), jars("modules").stream())
                        .map(jar -> jar.getFileName().toString())
                        .sorted())
                .isEqualTo(modules);
    }

    @Test
    void onlyTheApiExportsPackages() throws IOException {
        for (Path jar : jars("bundle/5")) {
            String exports = manifest(jar).getMainAttributes().getValue("Export-Package");
            if (jar.endsWith("api.jar")) {
                assertThat(exports).contains("org.kmemscope.api.machine");
            } else {
                assertThat(exports).as("exports of %s", jar.getFileName()).isNull();
            }
        }
    }

    @Test
    void driversAreModulesAndTheRestIsNot() throws IOException {
        for (Path jar : jars("modules")) {
            assertThat(manifest(jar).getMainAttributes().getValue("Kernel-Module"))
                    .as("%s", jar)
                    .isNotBlank();
        }
        for (Path jar : jars("bundle/5")) {
            assertThat(manifest(jar).getMainAttributes().getValue("Kernel-Module"))
                    .as("%s", jar)
                    .isNull();
        }
    }

    @Test
    void licenceAndProfilesComeWithIt() {
        assertThat(Kmemscope.FOLDER.resolve("LICENSE")).isRegularFile();
        assertThat(Kmemscope.FOLDER.resolve("config/profiles/i386-1g.json")).isRegularFile();
        assertThat(Kmemscope.FOLDER.resolve("scripts/demo.gosh")).isRegularFile();
    }
}
