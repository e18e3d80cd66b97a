package org.kmemscope.api.fidelity;

import org.kmemscope.api.capture.Capture;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Compares the model with captures of real kernels. The model gets what decides an answer (memory map, processors, configuration, start
 * of the free lists) and computes the answer by its rules; it is never read from where it is compared.
 */
@ProviderType
public interface Fidelity {
    /**
     * Compares every fact of a capture that one of the families knows. Machines it needs are booted aside and forgotten.
     *
     * @throws IllegalArgumentException with one line, if a file of the capture is malformed, or no machine of its kind can be booted
     */
    FidelityReport compare(Capture capture);
}
