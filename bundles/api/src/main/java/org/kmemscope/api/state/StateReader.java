package org.kmemscope.api.state;

/** Gives back what a {@link StateWriter} took, in the same order. A read of the wrong kind fails at once. */
public interface StateReader {
    /** Reads one int. */
    int getInt();

    /** Reads one long. */
    long getLong();

    /** Reads one boolean. */
    boolean getBoolean();

    /** Reads a string. */
    String getString();

    /** Reads an array of its own. */
    int[] getInts();

    /** Reads an array of its own. */
    long[] getLongs();

    /** Reads an array of its own. */
    byte[] getBytes();

    /** Reads a large part, which the caller may share until it writes to it. */
    <T extends SharedState> T getShared(Class<T> type);

    /** Reads a reference to shared code or configuration. */
    <T> T getReference(Class<T> type);
}
