package org.kmemscope.api.phys;

/**
 * A range of physical addresses with RAM behind them.
 *
 * @param start first byte
 * @param end one past the last byte
 */
public record RamRange(long start, long end) {
    /** Refuses an empty or negative range. */
    public RamRange {
        if (start < 0 || end <= start) {
            throw new IllegalArgumentException(String.format("empty RAM range 0x%x-0x%x", start, end));
        }
    }

    /** Length in bytes. */
    public long size() {
        return end - start;
    }
}
