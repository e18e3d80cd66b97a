package org.kmemscope.shell.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The bundles of the framework, by their numbers, their symbolic names, or what follows {@code org.kmemscope.} in those. */
public interface Bundles {
    /** Short names of all bundles of kmemscope and of users. */
    List<String> names();

    /**
     * Starts a bundle.
     *
     * @throws IllegalArgumentException with one line, if there is no such bundle or it does not start
     */
    void start(String name);

    /** Installs a bundle from a file and starts it. */
    void install(Path file);

    /** Stops a bundle. */
    void stop(String name);

    /** Reads a bundle anew, from where it was installed or from another file; it is started again if it was. */
    void update(String name, Optional<Path> file);

    /** Stops a bundle and forgets it. */
    void uninstall(String name);
}
