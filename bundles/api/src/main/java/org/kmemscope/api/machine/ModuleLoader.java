package org.kmemscope.api.machine;

import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * {@code insmod} and {@code rmmod}: module bundles by the names of their modules. A module bundle carries the header {@code
 * Kernel-Module} with the name; starting it by other means loads the module too, onto the current machine.
 */
@ProviderType
public interface ModuleLoader {
    /**
     * Starts a module's bundle and loads the module onto a machine.
     *
     * @param machine where it goes
     * @param module name of the module, or path of a bundle file
     * @param parameters given to the module
     * @return 0, or the negative errno of {@code module_init}; the bundle is stopped again then
     * @throws IllegalArgumentException with one line, if there is no such module
     */
    int insmod(Machine machine, String module, Map<String, String> parameters);

    /**
     * Unloads a module and stops its bundle.
     *
     * @return one line for each allocation it left behind
     * @throws IllegalArgumentException with one line, if it is not loaded
     */
    List<String> rmmod(String module);

    /** Names of the modules that are installed, loaded or not. */
    List<String> installed();
}
