package org.kmemscope.api.machine;

import java.util.Optional;
import org.kmemscope.api.ground.Profile;
import org.osgi.annotation.versioning.ProviderType;

/** The profiles that are shipped, looked up by the kernel they describe: what a clone of a captured machine starts from. Stateless. */
@ProviderType
@FunctionalInterface
public interface ProfileSource {
    /**
     * The profile of the kernel with a release, with the size and the number of processors that stand in its file.
     *
     * @param release what {@code uname -r} prints
     * @return the first by name, if there is one; a file that is wrong counts as not there
     */
    Optional<Profile> byRelease(String release);
}
