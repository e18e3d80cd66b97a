package org.kmemscope.itests;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** Bundles that tests make: of their own classes, and of shipped ones with another version. */
final class TestBundle {
    private TestBundle() {}

    /** A bundle of the classes of a package of tests. */
    static Path of(Class<?> activator, String module) {
        Manifest manifest = manifest(Map.of(
                "Bundle-SymbolicName",
                module,
                "Bundle-Version",
                "1.0.0",
                "Bundle-Activator",
                activator.getName(),
                "Kernel-Module",
                module,
                "Import-Package",
                "org.osgi.framework,org.kmemscope.api.kernel,org.kmemscope.api.machine,org.kmemscope.api.slab,"
                        + "org.kmemscope.api.view,org.kmemscope.api.gfp,org.kmemscope.api.error,"
                        + "org.kmemscope.api.ground,org.kmemscope.api.phys"));
        Path jar = Kmemscope.scratch().resolve(module + ".jar");
        String folder = activator.getPackageName().replace('.', '/');
        Path classes = Kmemscope.ROOT.resolve("itests/target/test-classes").resolve(folder);
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest);
                Stream<Path> members = Files.list(classes)) {
            for (Path member : members.sorted().toList()) {
                out.putNextEntry(new JarEntry(folder + "/" + member.getFileName()));
                Files.copy(member, out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return jar;
    }

    private static Manifest manifest(Map<String, String> headers) {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.putValue("Bundle-ManifestVersion", "2");
        headers.forEach(attributes::putValue);
        return manifest;
    }

    /** A shipped bundle with another version. */
    static Path withVersion(String bundle, String version) {
        Path copy = Kmemscope.scratch().resolve(bundle + "-" + version + ".jar");
        try (JarFile shipped = new JarFile(
                Kmemscope.FOLDER.resolve("bundle/5/" + bundle + ".jar").toFile())) {
            Manifest manifest = shipped.getManifest();
            manifest.getMainAttributes().putValue("Bundle-Version", version);
            try (OutputStream file = Files.newOutputStream(copy);
                    JarOutputStream out = new JarOutputStream(file, manifest)) {
                for (Enumeration<JarEntry> entries = shipped.entries(); entries.hasMoreElements(); ) {
                    JarEntry entry = entries.nextElement();
                    if (!entry.getName().equals(JarFile.MANIFEST_NAME) && !entry.isDirectory()) {
                        out.putNextEntry(new JarEntry(entry.getName()));
                        shipped.getInputStream(entry).transferTo(out);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return copy;
    }
}
