package org.kmemscope.api.state;

/** Takes the state of a machine, value after value. Order is the only structure there is. */
public interface StateWriter {
    /** Writes one int. */
    void putInt(int value);

    /** Writes one long. */
    void putLong(long value);

    /** Writes one boolean. */
    void putBoolean(boolean value);

    /** Writes a string of any length. */
    void putString(String value);

    /** Writes the length and the elements; the array is copied. */
    void putInts(int[] values);

    /** Writes the length and the elements; the array is copied. */
    void putLongs(long[] values);

    /** Writes the length and the bytes; the array is copied. */
    void putBytes(byte[] values);

    /** Hands over a large part by reference, to be shared until one side writes to it. */
    void putShared(SharedState part);

    /** Writes a reference to code or configuration that a copy shares, such as an interrupt handler or a constructor. */
    void putReference(Object shared);
}
