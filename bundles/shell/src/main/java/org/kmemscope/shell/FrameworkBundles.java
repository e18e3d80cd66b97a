package org.kmemscope.shell;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.Converter;
import org.kmemscope.shell.command.Bundles;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;

/**
 * Bundles of the OSGi framework, for our commands, and for those of Felix, which take a {@link Bundle}. A change lasts as long as the
 * process.
 */
final class FrameworkBundles implements Bundles, Converter {
    private static final String OURS = "org.kmemscope.";
    /** An infrastructure bundle is rarely what somebody means. */
    private static final List<String> FOREIGN = List.of("org.apache.", "org.osgi.", "com.fasterxml.");

    private final BundleContext context;

    FrameworkBundles(BundleContext context) {
        this.context = context;
    }

    @Override
    public List<String> names() {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> bundle.getBundleId() != 0)
                .map(Bundle::getSymbolicName)
                .filter(name -> name != null && FOREIGN.stream().noneMatch(name::startsWith))
                .map(name -> name.startsWith(OURS) ? name.substring(OURS.length()) : name)
                .distinct()
                .sorted()
                .toList();
    }

    /** The bundle that is meant; of several with a name the newest version. */
    private Optional<Bundle> find(String name) {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> name.equals(Long.toString(bundle.getBundleId()))
                        || name.equals(bundle.getSymbolicName())
                        || (OURS + name).equals(bundle.getSymbolicName()))
                .max(Comparator.comparing(Bundle::getVersion));
    }

    private Bundle known(String name) {
        return find(name)
                .orElseThrow(() -> new IllegalArgumentException(
                        "no bundle is called " + name + "; there are " + String.join(", ", names())));
    }

    @Override
    public void start(String name) {
        start(known(name));
    }

    private static void start(Bundle bundle) {
        try {
            bundle.start(Bundle.START_TRANSIENT | Bundle.START_ACTIVATION_POLICY);
        } catch (BundleException e) {
            throw failed(bundle, "does not start", e);
        }
    }

    private static IllegalArgumentException failed(Bundle bundle, String what, BundleException e) {
        return new IllegalArgumentException(bundle.getSymbolicName() + " " + what + ": " + e.getMessage(), e);
    }

    @Override
    public void install(Path file) {
        Bundle bundle;
        try (InputStream bytes = open(file)) {
            bundle = context.installBundle(file.toAbsolutePath().toUri().toString(), bytes);
        } catch (IOException | BundleException e) {
            throw new IllegalArgumentException(file + " is no bundle: " + e.getMessage(), e);
        }
        if (bundle.getHeaders("").get(Constants.FRAGMENT_HOST) == null) {
            start(bundle);
        }
    }

    private static InputStream open(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(file + ": no such file");
        }
        return Files.newInputStream(file);
    }

    @Override
    public void stop(String name) {
        Bundle bundle = stoppable(name);
        try {
            bundle.stop(Bundle.STOP_TRANSIENT);
        } catch (BundleException e) {
            throw failed(bundle, "does not stop", e);
        }
    }

    private Bundle stoppable(String name) {
        Bundle bundle = known(name);
        if (bundle.getBundleId() == 0 || bundle.equals(context.getBundle())) {
            throw new IllegalArgumentException("bundle " + name + " carries the console itself; exit ends it");
        }
        return bundle;
    }

    @Override
    public void update(String name, Optional<Path> file) {
        Bundle bundle = stoppable(name);
        try (InputStream bytes = file.isPresent() ? open(file.get()) : InputStream.nullInputStream()) {
            if (file.isPresent()) {
                bundle.update(bytes);
            } else {
                bundle.update();
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(file.orElseThrow() + ": " + e.getMessage(), e);
        } catch (BundleException e) {
            throw failed(bundle, "is not updated", e);
        }
    }

    @Override
    public void uninstall(String name) {
        Bundle bundle = stoppable(name);
        try {
            bundle.uninstall();
        } catch (BundleException e) {
            throw failed(bundle, "is not uninstalled", e);
        }
    }

    // ---- for the commands of Felix

    @Override
    public Object convert(Class<?> desiredType, Object in) {
        return desiredType == Bundle.class && in instanceof CharSequence name
                ? find(name.toString()).orElse(null)
                : null;
    }

    @Override
    public CharSequence format(Object target, int level, Converter escape) {
        return null;
    }
}
