package org.kmemscope.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.framework.startlevel.BundleStartLevel;

/**
 * The OSGi framework with the bundles of a distribution. The folder a bundle lies in is its start level, so there is no list to keep
 * in step:
 *
 * <pre>
 *   bundle/0   installed, not started: classes for others
 *   bundle/1   infrastructure
 *   bundle/5   kmemscope
 *   bundle/6   the watcher of load
 *   modules    drivers: installed, started by insmod
 *   load       watched, see {@link LoadFolder}
 * </pre>
 */
final class FrameworkHost implements AutoCloseable {
    private static final String LEVEL = "10";
    private static final String CONSOLE = "(kmemscope.console=true)";
    private static final long STOP_MILLIS = 5_000;

    private final Framework framework;
    private final Path cache;
    private final List<String> problems = new ArrayList<>();

    FrameworkHost(Path home, Map<String, String> settings) {
        cache = temporaryFolder();
        LoadFolder load = new LoadFolder(home);
        Map<String, String> configuration = new HashMap<>(settings);
        configuration.put(Constants.FRAMEWORK_STORAGE, cache.toString());
        configuration.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        configuration.put(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, LEVEL);
        configuration.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, new LauncherProperties().packages());
        configuration.putAll(load.settings(cache));
        load.tellInLines();
        framework = ServiceLoader.load(FrameworkFactory.class)
                .findFirst()
                .orElseThrow(() -> new LaunchException(Main.INTERNAL, "no OSGi framework on the class path"))
                .newFramework(configuration);
        try {
            framework.init();
            framework.getBundleContext().addFrameworkListener(this::note);
            install(home);
            framework.start();
            load.tellOfOthers();
        } catch (BundleException e) {
            close();
            throw new LaunchException(Main.INTERNAL, "the framework does not start: " + e.getMessage(), e);
        }
    }

    private static Path temporaryFolder() {
        try {
            Path folder = Files.createTempDirectory("kmemscope-");
            // also when the process is killed in the middle
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void note(FrameworkEvent event) {
        if (event.getType() == FrameworkEvent.ERROR) {
            Bundle bundle = event.getBundle();
            problems.add(bundle.getSymbolicName() + ": " + event.getThrowable().getMessage());
        }
    }

    private void install(Path home) throws BundleException {
        List<Path> levels = list(home.resolve("bundle"));
        if (levels.isEmpty()) {
            throw new LaunchException(Main.INTERNAL, home + " is no distribution of kmemscope: it has no bundles");
        }
        List<Bundle> started = new ArrayList<>();
        for (Path folder : levels) {
            int level = Integer.parseInt(folder.getFileName().toString());
            for (Path jar : list(folder)) {
                Bundle bundle = install(jar, Math.max(1, level));
                if (level > 0) {
                    started.add(bundle);
                }
            }
        }
        for (Path jar : list(home.resolve("modules"))) {
            install(jar, 1);
        }
        for (Bundle bundle : started) {
            if (bundle.getHeaders("").get(Constants.FRAGMENT_HOST) == null) {
                bundle.start(Bundle.START_ACTIVATION_POLICY);
            }
        }
    }

    private Bundle install(Path jar, int level) throws BundleException {
        Bundle bundle = framework.getBundleContext().installBundle("reference:" + jar.toUri());
        bundle.adapt(BundleStartLevel.class).setStartLevel(level);
        return bundle;
    }

    private static List<Path> list(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The console: a function from what is to be done to the exit status. */
    ToIntFunction<List<String>> console() {
        BundleContext context = framework.getBundleContext();
        try {
            @SuppressWarnings("rawtypes")
            Collection<ServiceReference<ToIntFunction>> found =
                    context.getServiceReferences(ToIntFunction.class, CONSOLE);
            if (found.isEmpty()) {
                throw new LaunchException(Main.INTERNAL, "the console did not start" + why());
            }
            @SuppressWarnings("unchecked")
            ToIntFunction<List<String>> console =
                    context.getService(found.iterator().next());
            return console;
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private String why() {
        return problems.isEmpty() ? "; a service it needs is missing" : ": " + String.join("; ", problems);
    }

    @Override
    public void close() {
        try {
            framework.stop();
            framework.waitForStop(STOP_MILLIS);
        } catch (BundleException e) {
            throw new LaunchException(Main.INTERNAL, "the framework does not stop: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            delete(cache);
        }
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (IOException | UncheckedIOException e) {
            // left for the system to clean: it is in the folder for temporary files
            return;
        }
    }
}
