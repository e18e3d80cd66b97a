package org.kmemscope.machine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.kmemscope.api.ground.KernelLog;
import org.kmemscope.api.kernel.KernelModule;
import org.kmemscope.api.machine.Machine;
import org.kmemscope.api.machine.Machines;
import org.kmemscope.api.machine.ModuleLoader;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * Loads the modules of bundles. Whoever starts a module's bundle, its service arrives here, and is loaded onto the current machine;
 * when the bundle stops, the module is unloaded from the machine it went to.
 */
@Component(service = ModuleLoader.class, immediate = true)
public final class ModuleBundles implements ModuleLoader {
    private static final String HEADER = "Kernel-Module";

    private final BundleContext context;
    private final Machines machines;
    private final Map<KernelModule, Machine> loadedOn = new LinkedHashMap<>();
    private final Map<String, Integer> results = new LinkedHashMap<>();
    private final Map<String, List<String>> leaks = new LinkedHashMap<>();
    private Map<String, String> parameters = Map.of();
    /** Where the module goes that is being loaded; empty for the current machine. */
    private Optional<Machine> target = Optional.empty();

    /** Started by the framework. */
    @Activate
    public ModuleBundles(BundleContext context, @Reference Machines machines) {
        this.context = context;
        this.machines = machines;
    }

    /** A module's bundle was started. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void bindModule(KernelModule module) {
        Optional<Machine> machine = target.or(machines::current);
        if (machine.isPresent()) {
            load(module, machine.get());
        }
    }

    private void load(KernelModule module, Machine machine) {
        int result = machine.modules().load(module, parameters);
        results.put(module.name(), result);
        if (result == 0) {
            loadedOn.put(module, machine);
        } else {
            machine.log().printk(KernelLog.ERR, module.name() + ": module_init returned " + result);
        }
    }

    /** A module's bundle is stopping. */
    void unbindModule(KernelModule module) {
        Machine machine = loadedOn.remove(module);
        if (machine != null) {
            leaks.put(module.name(), machine.modules().unload(module.name()));
        }
    }

    @Override
    public int insmod(Machine machine, String module, Map<String, String> moduleParameters) {
        Bundle bundle = isFile(module) ? install(module) : find(module);
        String name = bundle.getHeaders().get(HEADER);
        if (name == null) {
            throw new IllegalArgumentException(module + " is no module: its manifest has no header " + HEADER);
        }
        if (loadedOn.keySet().stream().anyMatch(loaded -> loaded.name().equals(name))) {
            throw new IllegalArgumentException("could not insert module " + name + ": File exists");
        }
        results.remove(name);
        parameters = Map.copyOf(moduleParameters);
        target = Optional.of(machine);
        try {
            bundle.stop(Bundle.STOP_TRANSIENT);
            bundle.start(Bundle.START_TRANSIENT);
        } catch (BundleException e) {
            throw new IllegalArgumentException("could not insert module " + name + ": " + e.getMessage(), e);
        } finally {
            parameters = Map.of();
            target = Optional.empty();
        }
        Integer result = results.get(name);
        if (result == null) {
            throw new IllegalArgumentException(
                    "could not insert module " + name + ": its bundle registers no KernelModule called " + name);
        }
        if (result != 0) {
            stop(bundle);
        }
        return result;
    }

    @Override
    public List<String> rmmod(String module) {
        boolean loaded =
                loadedOn.keySet().stream().anyMatch(known -> known.name().equals(module));
        if (!loaded) {
            throw new IllegalArgumentException("Module " + module + " is not currently loaded");
        }
        stop(find(module));
        return Objects.requireNonNullElse(leaks.remove(module), List.of());
    }

    @Override
    public List<String> installed() {
        return Arrays.stream(context.getBundles())
                .map(bundle -> bundle.getHeaders().get(HEADER))
                .filter(Objects::nonNull)
                .sorted()
                .toList();
    }

    private static boolean isFile(String module) {
        return module.endsWith(".jar") || module.indexOf('/') >= 0;
    }

    private Bundle find(String module) {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> module.equals(bundle.getHeaders().get(HEADER)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Module " + module + " not found; there "
                        + (installed().isEmpty() ? "is none" : "are " + String.join(", ", installed()))));
    }

    private Bundle install(String file) {
        Path path = Path.of(file).toAbsolutePath();
        if (!Files.isRegularFile(path)) {
            throw new IllegalArgumentException(file + ": no such file");
        }
        try {
            return context.installBundle(path.toUri().toString());
        } catch (BundleException e) {
            throw new IllegalArgumentException(file + " is no bundle: " + e.getMessage(), e);
        }
    }

    private static void stop(Bundle bundle) {
        try {
            bundle.stop(Bundle.STOP_TRANSIENT);
        } catch (BundleException e) {
            throw new IllegalStateException("cannot stop " + bundle.getSymbolicName(), e);
        }
    }
}
