package org.kmemscope.itests;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.kmemscope.api.dma.DmaProvider;
import org.kmemscope.api.gfp.GfpProvider;
import org.kmemscope.api.highmem.HighmemProvider;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.mmu.MmuProvider;
import org.kmemscope.api.page.PageAllocatorProvider;
import org.kmemscope.api.phys.PhysicalMemoryProvider;
import org.kmemscope.api.slab.ObjectAllocatorProvider;
import org.kmemscope.api.vmalloc.VmallocProvider;
import org.kmemscope.api.zone.FreeAreaProvider;
import org.kmemscope.machine.MachineFactory;
import org.kmemscope.machine.Providers;

/**
 * The providers of the bundles that are shipped, found as the framework finds them: by their component descriptions. Machines are made of
 * them in the test's own process, with every object allocator and every engine of free areas there is.
 */
final class ShippedParts {
    private static final Pattern SERVICE = Pattern.compile("provide interface=\"([^\"]+)\"");
    private static final Pattern CLASS = Pattern.compile("implementation class=\"([^\"]+)\"");

    private final MachineFactory factory = new MachineFactory(Kmemscope.ROOT.resolve("config/profiles"));
    private final URLClassLoader loader;
    private final List<String[]> components = new ArrayList<>();

    ShippedParts() {
        try (Stream<Path> files = Files.list(Kmemscope.FOLDER.resolve("bundle/5"))) {
            List<Path> jars = files.sorted().toList();
            List<URL> urls = new ArrayList<>();
            for (Path jar : jars) {
                urls.add(jar.toUri().toURL());
                readComponents(jar);
            }
            loader = new URLClassLoader(urls.toArray(URL[]::new), ShippedParts.class.getClassLoader());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void readComponents(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            for (JarEntry entry : file.stream().toList()) {
                if (entry.getName().matches("OSGI-INF/.*\\.xml")) {
                    try (InputStream in = file.getInputStream(entry)) {
                        readComponent(new String(in.readAllBytes(), StandardCharsets.UTF_8));
                    }
                }
            }
        }
    }

    private void readComponent(String xml) {
        Matcher type = CLASS.matcher(xml);
        Matcher service = SERVICE.matcher(xml);
        while (type.find() && service.find()) {
            components.add(new String[] {service.group(1), type.group(1)});
        }
    }

    /** Everything that provides a service, made with plain {@code new}. */
    <T> List<T> all(Class<T> service) {
        List<T> found = new ArrayList<>();
        for (String[] component : components) {
            if (component[0].equals(service.getName())) {
                try {
                    found.add(service.cast(loader.loadClass(component[1])
                            .getDeclaredConstructor()
                            .newInstance()));
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(component[1], e);
                }
            }
        }
        return found;
    }

    private <T> T one(Class<T> service) {
        return all(service).get(0);
    }

    /** Object allocators, by name. */
    List<ObjectAllocatorProvider> objectAllocators() {
        return all(ObjectAllocatorProvider.class).stream()
                .sorted(Comparator.comparing(ObjectAllocatorProvider::name))
                .toList();
    }

    /** Engines of free areas, by name. */
    List<FreeAreaProvider> freeAreas() {
        return all(FreeAreaProvider.class).stream()
                .sorted(Comparator.comparing(FreeAreaProvider::name))
                .toList();
    }

    /** A machine with all its parts. */
    Machine boot(String specification, ObjectAllocatorProvider objects) {
        return factory.boot(
                "test",
                factory.load(specification),
                new Providers(
                        one(PhysicalMemoryProvider.class),
                        one(MmuProvider.class),
                        one(GfpProvider.class),
                        freeAreas().stream()
                                .filter(engine -> engine.name().equals("buddy"))
                                .findFirst()
                                .orElseThrow(),
                        one(PageAllocatorProvider.class),
                        Optional.of(objects),
                        Optional.of(one(VmallocProvider.class)),
                        Optional.of(one(HighmemProvider.class)),
                        Optional.of(one(DmaProvider.class))));
    }
}
