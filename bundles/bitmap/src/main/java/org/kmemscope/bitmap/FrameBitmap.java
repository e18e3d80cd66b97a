package org.kmemscope.bitmap;

import java.util.Arrays;
import org.kmemscope.api.state.StateReader;
import org.kmemscope.api.state.StateWriter;
import org.kmemscope.api.state.Stateful;

/**
 * A bit for each frame of a zone.
 *
 * <pre>
 *   pfn - base    | word | bit (6) |        base: the multiple of 64 at or below the zone's first frame
 * </pre>
 *
 * <p>A search looks at 64 frames in one step.
 */
final class FrameBitmap implements Stateful {
    private static final int WORD_SHIFT = 6;
    private static final int WORD_BITS = 1 << WORD_SHIFT;
    private static final long ALL = -1L;

    private final int base;
    private final int endPfn;
    private final long[] words;

    FrameBitmap(int startPfn, int endPfn) {
        base = startPfn & -WORD_BITS;
        this.endPfn = endPfn;
        words = new long[(Math.max(endPfn - base, 0) + WORD_BITS - 1) >> WORD_SHIFT];
    }

    boolean isSet(int pfn) {
        // a shift of a long takes the lowest six bits
        return (words[pfn - base >> WORD_SHIFT] & 1L << pfn) != 0;
    }

    void set(int pfn, int count) {
        int last = pfn + count - 1;
        int word = pfn - base >> WORD_SHIFT;
        int lastWord = last - base >> WORD_SHIFT;
        if (word == lastWord) {
            words[word] |= between(pfn, last);
            return;
        }
        words[word] |= ALL << pfn;
        Arrays.fill(words, word + 1, lastWord, ALL);
        words[lastWord] |= ALL >>> ~last;
    }

    void clear(int pfn, int count) {
        int last = pfn + count - 1;
        int word = pfn - base >> WORD_SHIFT;
        int lastWord = last - base >> WORD_SHIFT;
        if (word == lastWord) {
            words[word] &= ~between(pfn, last);
            return;
        }
        words[word] &= ~(ALL << pfn);
        Arrays.fill(words, word + 1, lastWord, 0);
        words[lastWord] &= ~(ALL >>> ~last);
    }

    void clearAll() {
        Arrays.fill(words, 0);
    }

    /** Bits of one word. */
    private static long between(int first, int last) {
        return ALL << first & ALL >>> ~last;
    }

    /** The first frame from a given one on whose bit is set; the end of the zone if there is none. */
    int nextSet(int pfn) {
        if (pfn >= endPfn) {
            return endPfn;
        }
        int word = pfn - base >> WORD_SHIFT;
        long bits = words[word] & ALL << pfn;
        while (bits == 0) {
            if (++word == words.length) {
                return endPfn;
            }
            bits = words[word];
        }
        return base + (word << WORD_SHIFT) + Long.numberOfTrailingZeros(bits);
    }

    /** The first frame from a given one on whose bit is not set; the end of the zone if there is none. */
    int nextClear(int pfn) {
        if (pfn >= endPfn) {
            return endPfn;
        }
        int word = pfn - base >> WORD_SHIFT;
        long bits = ~words[word] & ALL << pfn;
        while (bits == 0) {
            if (++word == words.length) {
                return endPfn;
            }
            bits = ~words[word];
        }
        return Math.min(endPfn, base + (word << WORD_SHIFT) + Long.numberOfTrailingZeros(bits));
    }

    /** How many bits are set from one frame on and before another. */
    int count(int fromPfn, int toPfn) {
        int count = 0;
        for (int pfn = nextSet(fromPfn); pfn < toPfn; ) {
            int end = Math.min(nextClear(pfn), toPfn);
            count += end - pfn;
            pfn = nextSet(end);
        }
        return count;
    }

    @Override
    public void save(StateWriter out) {
        out.putLongs(words);
    }

    @Override
    public void restore(StateReader in) {
        System.arraycopy(in.getLongs(), 0, words, 0, words.length);
    }
}
