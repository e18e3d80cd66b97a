package org.kmemscope.api.dcache;

import org.osgi.annotation.versioning.ConsumerType;

/** Hears where CPU and devices do not see the same. Call sites are ids of {@link org.kmemscope.api.trace.CallSites}. */
@ConsumerType
public interface CacheObserver {
    /**
     * The CPU read bytes of a line although a device has written others to memory since.
     *
     * @param phys first such byte
     * @param length bytes up to the last such one in this line
     */
    void staleRead(long phys, int length);

    /**
     * A device read bytes from memory that the CPU has written to its cache only.
     *
     * @param phys first such byte
     * @param length bytes up to the last such one in this line
     * @param writer who wrote them
     */
    void unwrittenRead(long phys, int length, int writer);

    /**
     * A dirty line was written to memory over bytes that a device had written there.
     *
     * @param phys first such byte
     * @param length bytes up to the last such one in this line
     * @param line address of the line
     * @param writer who made the line dirty
     */
    void overwritten(long phys, int length, long line, int writer);
}
