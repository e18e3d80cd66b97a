package org.kmemscope.api.state;

/**
 * A part of a machine whose state can be copied. What {@link #save} writes, {@link #restore} reads back in the same order from a
 * part that was created with the same profile and the same providers; afterwards both parts answer every call alike.
 *
 * <p>Nothing may be left out because it sits in a static, a lambda, a thread, an iterator or an identity hash. Caches that can be
 * computed again may be.
 */
public interface Stateful {
    /** Writes the whole state. The machine's lock is held and no call is in flight. */
    void save(StateWriter out);

    /** Replaces the whole state by what {@link #save} wrote. */
    void restore(StateReader in);
}
