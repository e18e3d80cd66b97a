package org.kmemscope.dcache;

import org.kmemscope.api.dcache.DataCache.Geometry;

/**
 * The lines of a set-associative cache.
 *
 * <pre>
 *   physical address   | tag | set | byte in line |       lines[set * ways + way]
 * </pre>
 *
 * <p>A set that is full gives up the line that was used longest ago. Real ones choose at random or in turn; the least recently used
 * depends on nothing but the accesses, so that a run can be followed and repeated.
 */
final class LineStore {
    private final Line[] lines;
    private final int ways;
    private final int setMask;
    private final int lineShift;
    private long clock;

    LineStore(Geometry geometry) {
        ways = geometry.ways();
        setMask = geometry.sets() - 1;
        lineShift = Integer.numberOfTrailingZeros(geometry.lineSize());
        lines = new Line[geometry.sets() * ways];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = new Line();
        }
    }

    /** The set of a line. */
    int setOf(long address) {
        return (int) (address >>> lineShift) & setMask;
    }

    /** The line at an address, or null. Counts as no use. */
    Line find(long address) {
        int first = setOf(address) * ways;
        for (int i = first; i < first + ways; i++) {
            if (lines[i].address == address) {
                return lines[i];
            }
        }
        return null;
    }

    /** The line that has to go before one at {@code address} can come: a free one, else the one used longest ago. */
    Line victim(long address) {
        int first = setOf(address) * ways;
        Line oldest = lines[first];
        for (int i = first + 1; i < first + ways; i++) {
            if (lines[i].used < oldest.used) {
                oldest = lines[i];
            }
        }
        return oldest;
    }

    void use(Line line) {
        line.used = ++clock;
    }

    Line[] all() {
        return lines;
    }

    long clock() {
        return clock;
    }

    void setClock(long value) {
        clock = value;
    }
}
