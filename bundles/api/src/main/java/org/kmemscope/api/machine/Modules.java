package org.kmemscope.api.machine;

import java.util.List;
import java.util.Map;
import org.kmemscope.api.kernel.KernelModule;
import org.kmemscope.api.view.HoldingView;
import org.kmemscope.api.view.ModuleView;
import org.osgi.annotation.versioning.ProviderType;

/** The modules loaded on a machine. */
@ProviderType
public interface Modules {
    /**
     * Loads a module: runs {@link KernelModule#init} as task {@code insmod}.
     *
     * @param parameters given to the module
     * @return 0, or the negative errno of {@code init}; the module is not loaded then, and what it holds is reported as leaked
     */
    int load(KernelModule module, Map<String, String> parameters);

    /**
     * Unloads a module: runs {@link KernelModule#exit} as task {@code rmmod} and reports what it still holds.
     *
     * @return one line for each leaked allocation, with its place
     */
    List<String> unload(String name);

    /** Loaded modules, in order of loading. */
    List<ModuleView> list();

    /**
     * What a loaded module holds, by kind in the order of first use.
     *
     * @throws IllegalArgumentException with one line, if it is not loaded
     */
    List<HoldingView> holdings(String name);
}
