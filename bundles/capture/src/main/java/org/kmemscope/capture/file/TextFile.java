package org.kmemscope.capture.file;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/**
 * A text file of a capture: its lines, and how to complain about one of them. Immutable.
 *
 * <p>Files of {@code /proc} end with a line break. One that does not was cut, and the number at its end may be, too; readers of tables
 * ask for {@link #whole} first.
 */
public final class TextFile {
    /** Larger than any file of {@code /proc}: what unpacks to more is no capture. */
    private static final int MOST_BYTES = 256 << 20;

    private static final int QUOTED = 60;
    private static final int GZIP_MAGIC_1 = 0x1f;
    private static final int GZIP_MAGIC_2 = 0x8b;

    private final String name;
    private final List<String> lines;
    private final boolean endsWithLine;

    private TextFile(String name, List<String> lines, boolean endsWithLine) {
        this.name = name;
        this.lines = List.copyOf(lines);
        this.endsWithLine = endsWithLine;
    }

    /**
     * Takes bytes apart, unpacking them if they are gzip'ed.
     *
     * @throws MalformedFile if they are no text
     */
    public static TextFile of(String name, byte[] bytes) {
        byte[] text = unpacked(name, bytes);
        for (int i = 0; i < text.length; i++) {
            if (text[i] == 0) {
                throw new MalformedFile(
                        name + ": a zero byte at offset " + i + "; right would be plain text, as cat prints it");
            }
        }
        List<String> lines = new ArrayList<>();
        new String(text, StandardCharsets.UTF_8).lines().forEach(lines::add);
        return new TextFile(name, lines, text.length == 0 || text[text.length - 1] == '\n');
    }

    /** A file made of lines. */
    public static TextFile of(String name, List<String> lines) {
        return new TextFile(name, lines, true);
    }

    private static byte[] unpacked(String name, byte[] bytes) {
        if (bytes.length < 2 || (bytes[0] & 0xff) != GZIP_MAGIC_1 || (bytes[1] & 0xff) != GZIP_MAGIC_2) {
            return bytes;
        }
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            byte[] text = in.readNBytes(MOST_BYTES);
            if (in.read() >= 0) {
                throw new MalformedFile(name + ": unpacks to more than " + (MOST_BYTES >> 20) + " MiB");
            }
            return text;
        } catch (IOException e) {
            throw new MalformedFile(name + ": damaged gzip data (" + e.getMessage() + "); copy it again");
        }
    }

    /** Name with the folder or archive it came from. */
    public String name() {
        return name;
    }

    /** The lines, without line breaks. */
    public List<String> lines() {
        return lines;
    }

    /** Whether there is nothing in it, as when the one who copied it was not allowed to read it. */
    public boolean isBlank() {
        return lines.stream().allMatch(String::isBlank);
    }

    /**
     * This file, if it was not cut within a line.
     *
     * @param form how a line of such a file looks
     */
    public TextFile whole(String form) {
        if (!endsWithLine) {
            throw wrong(
                    lines.size() - 1,
                    "the file ends within a line",
                    "a whole file ends with a line break after " + form);
        }
        return this;
    }

    /** A complaint about the file as a whole. */
    public MalformedFile wrong(String what, String right) {
        return new MalformedFile(name + ": " + what + "; " + right);
    }

    /**
     * A complaint about a line.
     *
     * @param line index of the line, from 0
     * @param what what is wrong
     * @param right what would be right
     */
    public MalformedFile wrong(int line, String what, String right) {
        return new MalformedFile(name + ":" + (line + 1) + ": " + what + "; " + right);
    }

    /** A complaint about a line that has another form. */
    public MalformedFile unlike(int line, String form) {
        return wrong(line, "'" + quoted(lines.get(line)) + "' is not understood", "a line looks like '" + form + "'");
    }

    /** Reads a decimal number; counters that wrapped around are taken as they are. */
    public long decimal(int line, String digits) {
        return number(line, digits, 10);
    }

    /** Reads a hexadecimal number without its {@code 0x}. */
    public long hex(int line, String digits) {
        return number(line, digits, 16);
    }

    /** Reads a decimal number that fits an int. */
    public int integer(int line, String digits) {
        long number = decimal(line, digits);
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw wrong(line, "'" + quoted(digits) + "' is too large", "it must be below 2^31");
        }
        return (int) number;
    }

    private long number(int line, String digits, int radix) {
        try {
            return Long.parseUnsignedLong(digits, radix);
        } catch (NumberFormatException e) {
            String kind = radix == 10 ? "decimal" : "hexadecimal";
            throw wrong(line, "'" + quoted(digits) + "' is no number", "it must be a " + kind + " number of 64 bits");
        }
    }

    private static String quoted(String text) {
        String cut = text.length() > QUOTED ? text.substring(0, QUOTED) + "..." : text;
        StringBuilder printable = new StringBuilder();
        cut.chars().forEach(c -> printable.append(c >= ' ' && c < 0x7f ? (char) c : '?'));
        return printable.toString().strip().toLowerCase(Locale.ROOT).isEmpty()
                ? ""
                : printable.toString().strip();
    }
}
