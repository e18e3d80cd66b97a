package org.kmemscope.api.ground;

import java.util.List;
import org.kmemscope.api.state.Stateful;
import org.kmemscope.api.view.AddressFact;
import org.osgi.annotation.versioning.ProviderType;

/** What every part of a machine can do beside its work: copy its state, check itself, and tell what it knows of an address. */
@ProviderType
public interface Part extends Stateful {
    /** The name of the implementation, such as {@code buddy}. */
    String name();

    /** Checks every invariant. Changes nothing. */
    void verify(Verification report);

    /**
     * Adds what this part knows of a virtual address.
     *
     * @param virt any address
     * @param facts takes the findings
     */
    void describe(long virt, List<AddressFact> facts);
}
