package org.kmemscope.api.trace;

import org.osgi.annotation.versioning.ProviderType;

/** Gives texts that recur in events (places in code, cache names, device names) small numbers, for the life of a machine. */
@ProviderType
public interface CallSites {
    /** The number of a text; the same for equal texts. Never 0. */
    int id(String text);

    /** The text with a number; {@code ?} for 0. */
    String text(long id);
}
