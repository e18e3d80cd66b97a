package org.kmemscope.fidelity.vector;

import java.util.function.IntConsumer;
import java.util.regex.Pattern;

/** A line of a vector: words, some of them {@code name=value}. Numbers of a list of pfns are hex, counts are decimal. */
final class Line {
    private static final Pattern BLANK = Pattern.compile(" ");
    private static final int HEX = 16;
    private static final int DECIMAL = 10;
    private static final int QUOTED = 60;
    /** More frames than any machine of 32 bits has: a run that claims more is a slip. */
    private static final int MOST_PFNS = 1 << 24;

    private final VectorText file;
    private final int number;
    private final String text;
    private final String[] words;

    Line(VectorText file, int number, String text) {
        this.file = file;
        this.number = number;
        this.text = text;
        words = BLANK.split(text);
    }

    /** Index of the line, from 0. */
    int number() {
        return number;
    }

    String text() {
        return text;
    }

    /** Where it is, for a report. */
    String where() {
        return file.where(number);
    }

    /** Whether it begins with a word. */
    boolean is(String first) {
        return words[0].equals(first);
    }

    int wordCount() {
        return words.length;
    }

    /** A word by its place; the first is 0. */
    String word(int index) {
        if (index >= words.length) {
            throw wrong("the line has only " + words.length + " words", "there should be more");
        }
        return words[index];
    }

    boolean has(String name) {
        return find(name) != null;
    }

    /** The value of {@code name=value}. */
    String value(String name) {
        String value = find(name);
        if (value == null) {
            throw wrong("'" + quoted(text) + "' has no '" + name + "='", "copy the whole line");
        }
        return value;
    }

    private String find(String name) {
        for (String word : words) {
            if (word.length() > name.length() && word.startsWith(name) && word.charAt(name.length()) == '=') {
                return word.substring(name.length() + 1);
            }
        }
        return null;
    }

    /** A decimal value. */
    int decimal(String name) {
        return number(value(name), DECIMAL);
    }

    /** A decimal word. */
    int decimal(int index) {
        return number(word(index), DECIMAL);
    }

    /** A hex value that fits a pfn or a mask. */
    int hex(String name) {
        return number(value(name), HEX);
    }

    /** A hex word that fits a pfn or a mask. */
    int hex(int index) {
        return number(word(index), HEX);
    }

    /** A hex value that may be an address of 64 bits. */
    long address(String name) {
        return addressOf(value(name));
    }

    /** A hex value of 32 bits, as a number with a sign. */
    int word32(String name) {
        long value = address(name);
        if (value >>> Integer.SIZE != 0) {
            throw noNumber(value(name), HEX);
        }
        return (int) value;
    }

    /** A hex number that may be an address of 64 bits. */
    long addressOf(String digits) {
        try {
            return Long.parseUnsignedLong(digits, HEX);
        } catch (NumberFormatException e) {
            throw noNumber(digits, HEX);
        }
    }

    int number(String digits, int radix) {
        try {
            return Integer.parseInt(digits, radix);
        } catch (NumberFormatException e) {
            throw noNumber(digits, radix);
        }
    }

    private MalformedVector noNumber(String digits, int radix) {
        return wrong(
                "'" + quoted(digits) + "' is no number",
                "it must be " + (radix == HEX ? "hexadecimal without 0x" : "decimal") + " and fit");
    }

    /**
     * Frames of a list.
     *
     * <pre>
     *   1f28,1f30+8*3,1f80-1*2    1f28, 1f30, 1f38, 1f40, 1f80, 1f7f
     * </pre>
     */
    void pfns(String list, IntConsumer each) {
        int at = 0;
        while (at < list.length()) {
            int end = list.indexOf(',', at);
            end = end < 0 ? list.length() : end;
            run(list.substring(at, end), each);
            at = end + 1;
        }
    }

    private void run(String run, IntConsumer each) {
        int sign = Math.max(run.indexOf('+'), run.indexOf('-'));
        if (sign < 0) {
            each.accept(number(run, HEX));
            return;
        }
        int star = run.indexOf('*', sign);
        if (star < 0) {
            throw wrong("'" + quoted(run) + "' is no run of pfns", "it looks like '1f28+1*26'");
        }
        int first = number(run.substring(0, sign), HEX);
        int step = number(run.substring(sign + 1, star), HEX) * (run.charAt(sign) == '-' ? -1 : 1);
        int count = number(run.substring(star + 1), DECIMAL);
        if (count < 1 || count > MOST_PFNS) {
            throw wrong("'" + quoted(run) + "' has " + count + " pfns", "a run has at least one");
        }
        for (int i = 0; i < count; i++) {
            each.accept(first + i * step);
        }
    }

    /** A complaint about this line. */
    MalformedVector wrong(String what, String right) {
        return file.wrong(number, what, right);
    }

    /** A complaint about a line that nobody knows. */
    MalformedVector unlike(String form) {
        return wrong("'" + quoted(text) + "' is not understood", "a line looks like '" + form + "'");
    }

    private static String quoted(String text) {
        return text.length() > QUOTED ? text.substring(0, QUOTED) + "..." : text;
    }
}
