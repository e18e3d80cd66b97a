package org.kmemscope.shell.command;

import java.util.Optional;

/** What bundles offer beside the machines. Looked up at each use, so that a bundle may come and go while the console runs. */
public interface Services {
    /** The service of a type, if a bundle that is started offers it. */
    <T> Optional<T> find(Class<T> type);

    /** The bundles themselves. */
    Bundles bundles();

    /** Runs scripts. */
    Scenarios scenarios();
}
