package org.kmemscope.api.phys;

import java.util.List;
import org.kmemscope.api.error.BusError;
import org.kmemscope.api.state.Stateful;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The bytes behind physical addresses. Little endian, as i386 and the ARM boards are. RAM that was never written reads as zero and
 * costs nothing. Multi-byte accesses need no alignment; they may cross pages. Every access outside RAM and device registers throws
 * {@link BusError}, and a bulk operation that would cross such a border changes nothing.
 *
 * <p>Not thread safe: the machine's lock is held by every caller.
 */
@ProviderType
public interface PhysicalMemory extends Stateful {
    /** The ranges of RAM, ascending, disjoint, not adjacent. */
    List<RamRange> ranges();

    /** Whether every byte of {@code [phys, phys + length)} is RAM. */
    boolean isRam(long phys, long length);

    /** Bytes of host memory that hold RAM contents at present, in whole chunks. */
    long residentBytes();

    /** Reads one byte, 0 to 255. */
    int read8(long phys);

    /** Reads two bytes, 0 to 65535. */
    int read16(long phys);

    /** Reads four bytes. */
    int read32(long phys);

    /** Reads eight bytes. */
    long read64(long phys);

    /** Writes the low byte of {@code value}. */
    void write8(long phys, int value);

    /** Writes the low two bytes of {@code value}. */
    void write16(long phys, int value);

    /** Writes four bytes. */
    void write32(long phys, int value);

    /** Writes eight bytes. */
    void write64(long phys, long value);

    /** Copies RAM into an array of the host. */
    void read(long phys, byte[] into, int offset, int length);

    /** Copies an array of the host into RAM. */
    void write(long phys, byte[] from, int offset, int length);

    /** Copies within RAM; the ranges may overlap. */
    void copy(long from, long to, long length);

    /** Sets every byte of a range. Zeroing a whole chunk gives its memory back. */
    void fill(long phys, long length, int value);

    /** Reads a NUL-terminated string of at most {@code max} bytes as ISO-8859-1; the NUL is not part of it. */
    String readString(long phys, int max);

    /** Puts device registers on the bus. They must not overlap RAM or another device. */
    void addDevice(MmioDevice device);

    /** Device registers on the bus, ascending. */
    List<MmioDevice> devices();
}
