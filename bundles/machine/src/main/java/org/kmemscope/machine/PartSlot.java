package org.kmemscope.machine;

import org.kmemscope.api.error.MissingPart;

/** Where a part of the machine sits that may be missing. */
final class PartSlot<T> {
    private final String what;
    private T part;

    PartSlot(String what) {
        this.what = what;
    }

    void bind(T newPart) {
        part = newPart;
    }

    boolean isBound() {
        return part != null;
    }

    T get() {
        if (part == null) {
            throw new MissingPart("this machine has no " + what + "; start a bundle that provides one and boot again");
        }
        return part;
    }
}
