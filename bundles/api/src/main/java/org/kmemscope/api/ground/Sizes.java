package org.kmemscope.api.ground;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes and addresses as people and kernels write them. */
public final class Sizes {
    private static final Pattern FORM = Pattern.compile("(0[xX][0-9a-fA-F]+|\\d+)([kKmMgGpP]?)");
    private static final int PAGE_SHIFT = 12;

    private Sizes() {}

    /**
     * Reads a size: {@code 4096}, {@code 0x1000}, {@code 4k}, {@code 1M}, {@code 2G} (powers of 1024), {@code 3p} (pages).
     *
     * @return bytes
     * @throws IllegalArgumentException with one line that says what would be right
     */
    public static long parse(String text) {
        Matcher match = FORM.matcher(text);
        if (!match.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no size; sizes look like 100, 0x64, 4k, 1M, 2G or 3p (pages)");
        }
        int shift =
                switch (match.group(2).toLowerCase(Locale.ROOT)) {
                    case "k" -> 10;
                    case "m" -> 20;
                    case "g" -> 30;
                    case "p" -> PAGE_SHIFT;
                    default -> 0;
                };
        try {
            long number = Long.decode(match.group(1).replaceFirst("^0+(?=\\d)", ""));
            return Math.multiplyExact(number, 1L << shift);
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException("'" + text + "' is too large for a size", e);
        }
    }

    /** Prints bytes as the shortest exact size: {@code 1G}, {@code 768M}, {@code 100}. */
    public static String format(long bytes) {
        String[] units = {"G", "M", "k"};
        for (int i = 0; i < units.length; i++) {
            long unit = 1L << (30 - 10 * i);
            if (bytes != 0 && bytes % unit == 0) {
                return bytes / unit + units[i];
            }
        }
        return Long.toString(bytes);
    }
}
