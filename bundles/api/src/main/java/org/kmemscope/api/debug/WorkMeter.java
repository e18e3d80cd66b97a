package org.kmemscope.api.debug;

import org.kmemscope.api.machine.Machine;
import org.osgi.annotation.versioning.ProviderType;

/** Measures what some work costs a machine, by its tracepoints and views: in pages, bytes and steps, never in seconds. */
@ProviderType
public interface WorkMeter {
    /** Starts to measure; what the machine holds at this moment is where it counts from. */
    Gauge attach(Machine machine);

    /** A measurement that runs. */
    @ProviderType
    interface Gauge {
        /**
         * Looks at the machine, between two calls into its kernel: what it holds now is a candidate for {@link WorkMeasure#peak}. Pages
         * and failures are counted without it.
         */
        void sample();

        /** Looks a last time, and listens no longer. */
        WorkMeasure end();
    }
}
