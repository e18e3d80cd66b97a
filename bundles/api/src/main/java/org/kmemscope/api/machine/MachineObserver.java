package org.kmemscope.api.machine;

import org.osgi.annotation.versioning.ConsumerType;

/** Hears of machines as they come and go. Registered as a service. */
@ConsumerType
public interface MachineObserver {
    /** A machine was booted, resumed from a capture, or added. */
    void started(Machine machine);

    /** A machine was removed. */
    void removed(Machine machine);
}
