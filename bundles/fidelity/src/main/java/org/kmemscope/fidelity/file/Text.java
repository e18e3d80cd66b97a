package org.kmemscope.fidelity.file;

/** Numbers as captures print them. */
public final class Text {
    private static final int HEX = 16;
    private static final String PREFIX = "0x";

    private Text() {}

    /** An address or mask: {@code 0xf7813000}. */
    public static String hex(long value) {
        return PREFIX + Long.toHexString(value);
    }

    /** Reads a number, in hex if it begins with {@code 0x}. */
    public static long number(String text) {
        return text.startsWith(PREFIX)
                ? Long.parseUnsignedLong(text.substring(PREFIX.length()), HEX)
                : Long.parseLong(text);
    }
}
